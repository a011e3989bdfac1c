"""Group commit: what queued while the last batch was being written is the next batch.

A *segment* is what becomes durable together. One segment is open and takes records, at most one is being written. A
reply names the segment that holds its fact and leaves when that segment is durable: at once, if it is already.
"""

import asyncio
from collections.abc import Callable, Sequence

from nodes.domain.events import Event
from nodes.domain.trip import TripEvent
from nodes.errors import StoreError, StoreFailed
from nodes.ports import Buggify, Store
from nodes.records import Answer, Batch, Kept, Stamped

Reply = asyncio.Future[Answer]


class _Segment:
    __slots__ = ("batch", "number", "replies")

    def __init__(self, number: int) -> None:
        self.number = number
        self.batch = Batch()
        self.replies: list[tuple[Reply, Answer]] = []


class Journal:
    """The node's journal: numbers events, batches them, and lets replies go when their facts are on disk.

    ``on_durable`` hears of every event once it is durable, in order. ``on_failed`` hears once that the store failed;
    from then on nothing is taken, and no reply that waits is ever answered with success.
    """

    def __init__(
        self,
        store: Store,
        *,
        epoch: int,
        ver: int,
        segment_records: int,
        on_durable: Callable[[Sequence[Stamped]], None],
        on_failed: Callable[[StoreError], None],
        buggify: Buggify | None = None,
    ) -> None:
        self.epoch = epoch
        self.ver = ver
        self.durable_ver = ver
        self.failure: StoreError | None = None
        self.commits = 0
        self.records = 0
        self._store = store
        self._segment_records = segment_records
        self._on_durable = on_durable
        self._on_failed = on_failed
        self._buggify = buggify
        self._open = _Segment(1)
        self._writing: _Segment | None = None
        self._writer: asyncio.Task[None] | None = None
        self._parked: list[Callable[[], None]] = []

    @property
    def has_room(self) -> bool:
        """Whether the open segment takes more records."""
        return len(self._open.batch) < self._segment_records and self.failure is None

    @property
    def depth(self) -> int:
        """Records that are not yet durable."""
        return len(self._open.batch) + (len(self._writing.batch) if self._writing else 0)

    @property
    def head(self) -> int:
        """The number of the newest segment that holds anything: when it is durable, all is."""
        return self._open.number if len(self._open.batch) else self._open.number - 1

    def when_room(self, callback: Callable[[], None]) -> None:
        """Call back once, when the open segment takes records again."""
        self._parked.append(callback)

    def append(
        self, point_id: str, point_seq: int, at_ms: int, events: Sequence[Event | TripEvent], key: str | None
    ) -> int:
        """Add the events that follow ``point_seq`` on that point or trip; return the number of the segment that holds them."""
        assert self.failure is None, "the store has failed"
        segment = self._open
        for event in events:
            self.ver += 1
            point_seq += 1
            segment.batch.events.append(Stamped(self.ver, self.epoch, point_id, point_seq, at_ms, event, key))
        self._wake()
        return segment.number

    def keep(self, kept: Kept) -> int:
        """Add an answer to keep; return the number of the segment that holds it.

        Called right after ``append``, both stand in the same segment and so in the same transaction.
        """
        assert self.failure is None, "the store has failed"
        self._open.batch.answers.append(kept)
        self._wake()
        return self._open.number

    def is_durable(self, segment: int) -> bool:
        """Whether everything up to that segment is on disk."""
        oldest = self._writing or self._open
        return segment < oldest.number

    def settle(self, segment: int, reply: Reply, answer: Answer) -> None:
        """Let the reply go with that answer as soon as the segment is durable."""
        if self.failure is not None:
            return _refuse(reply, self.failure)
        if self.is_durable(segment):
            if not reply.done():
                reply.set_result(answer)
        elif self._writing is not None and segment == self._writing.number:
            self._writing.replies.append((reply, answer))
        else:
            assert segment == self._open.number, f"segment {segment} is still to come"
            self._open.replies.append((reply, answer))
        return None

    async def flushed(self, segment: int | None = None) -> None:
        """Wait until that segment (default: everything so far) is durable. Raises ``StoreError`` when it never will be."""
        reply: Reply = asyncio.get_running_loop().create_future()
        self.settle(self.head if segment is None else segment, reply, _NOTHING)
        await reply

    def fail(self, error: StoreError) -> None:
        """Take nothing more, and answer nobody that waits with success: memory and disk may differ from here on."""
        if self.failure is not None:
            return
        self.failure = error
        for segment in (self._writing, self._open):
            for reply, _ in segment.replies if segment else ():
                _refuse(reply, error)
        self._parked.clear()
        self._on_failed(error)

    def _wake(self) -> None:
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """Write segments until nothing is left. Runs only while there is something to write."""
        while len(self._open.batch):
            if self._buggify is not None and self._buggify("journal.late"):
                await asyncio.sleep(0)
            segment = self._writing = self._open
            self._open = _Segment(segment.number + 1)
            self._unpark()
            try:
                await self._store.append(segment.batch)
            except StoreError as error:
                return self.fail(error)
            except Exception as error:
                self.fail(StoreFailed("journal", f"unexpected {type(error).__name__}: {error}"))
                raise
            if self.failure is not None:
                return None
            self._writing = None
            self._let_go(segment)
        self._writer = None
        return None

    def _let_go(self, segment: _Segment) -> None:
        events = segment.batch.events
        self.commits += 1
        self.records += len(segment.batch)
        if events:
            self.durable_ver = events[-1].ver
        for reply, answer in segment.replies:
            if not reply.done():
                reply.set_result(answer)
        if events:
            self._on_durable(events)

    def _unpark(self) -> None:
        parked, self._parked = self._parked, []
        for callback in parked:
            callback()


_NOTHING = Answer(204, b"")


def _refuse(reply: Reply, error: StoreError) -> None:
    if not reply.done():
        reply.set_exception(error)
