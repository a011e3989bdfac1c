"""News for people who watch: events of this node once they are durable, and gossip of the others, to many readers."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from nodes.domain.events import ReservationPrepared, ReservationReserved, SessionStarted
from nodes.domain.trip import TripBegun, TripConfirmed
from nodes.errors import NodeBusy, TooManyRequests
from nodes.gossip.node_view import NodeView
from nodes.records import Stamped
from nodes.representation import Json, json_bytes


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that happened. ``ver`` is this node's, to go on from; None for what other nodes told."""

    type: str
    node: str
    subject: str
    data: bytes
    """JSON."""
    ver: int | None = None


NextItem = Callable[[], Awaitable[Item | None]]
_CLOSE_ONE_S = 5
"""When to ask again who has too many: somebody has to close one first."""


class Feed:
    """Hands items to readers. A reader too slow for ``backlog`` items loses its stream, and resumes by ``ver``.

    It counts as a reader until it has gone: what waits for it is memory, as long as it does not read its stream's end.
    """

    def __init__(self, *, readers_max: int, backlog: int) -> None:
        self._readers_max = readers_max
        self._backlog = backlog
        self._readers: dict[int, asyncio.Queue[Item | None]] = {}
        self._lost: set[int] = set()
        self._of: Counter[str] = Counter()
        """Readers by whose they are, where that is known."""
        self._next = 0
        self._closed = False

    def __len__(self) -> int:
        """Return the number of readers."""
        return len(self._readers) + len(self._lost)

    def publish(self, make: Callable[[], Item]) -> None:
        """Hand an item to every reader; it is made only if there is one."""
        if not self._readers:
            return
        item = make()
        for number, queue in list(self._readers.items()):
            if queue.qsize() >= self._backlog:
                del self._readers[number]
                self._lost.add(number)
                queue.put_nowait(None)
            else:
                queue.put_nowait(item)

    @contextmanager
    def joined(self, whose: str | None = None, whose_max: int = 0) -> Generator[NextItem, None, None]:
        """Be a reader from entry to exit: what is given waits for the next item, and returns None when the feed is closed or
        this reader is too slow. ``whose`` it is, of whom there may be ``whose_max``; None: nobody is told from another.
        Raises ``NodeBusy``, and ``TooManyRequests`` for one too many of theirs.
        """
        if self._closed or len(self) >= self._readers_max:
            raise NodeBusy(f"{len(self)} event streams are open")
        if whose is not None and self._of[whose] >= whose_max:
            raise TooManyRequests(f"{whose_max} event streams of yours are open", retry_after_s=_CLOSE_ONE_S)
        number, self._next = self._next, self._next + 1
        queue: asyncio.Queue[Item | None] = asyncio.Queue()
        self._readers[number] = queue
        with self._one_more_of(whose):
            try:
                yield queue.get
            finally:
                self._readers.pop(number, None)
                self._lost.discard(number)

    @contextmanager
    def _one_more_of(self, whose: str | None) -> Generator[None, None, None]:
        if whose is None:
            yield
            return
        self._of[whose] += 1
        try:
            yield
        finally:
            self._of[whose] -= 1
            if not self._of[whose]:
                del self._of[whose]

    def close(self) -> None:
        """End every stream, after what was published."""
        self._closed = True
        for queue in self._readers.values():
            queue.put_nowait(None)
        self._readers.clear()


def own_item(node_id: str, stamped: Stamped) -> Item:
    """Return what watchers are told of an event of this node.

    Who drives is not for them, nor where else they go: nothing says of two reservations that they are of one trip.
    """
    event = stamped.event
    if isinstance(event, (ReservationReserved, SessionStarted)):
        event = replace(event, driver_id="")
    elif isinstance(event, ReservationPrepared):
        event = replace(event, driver_id="", trip_id="", trip_stop=0, trip_points=())
    elif isinstance(event, TripBegun):
        event = replace(event, driver_id="", fingerprint="", stops=())
    elif isinstance(event, TripConfirmed):
        event = replace(event, stops=())
    data: Json = {
        "type": event.type,
        "node": node_id,
        "point_id": stamped.point_id,
        "witness": (stamped.epoch, stamped.point_seq),
        "ver": stamped.ver,
        "at_ms": stamped.at_ms,
        "data": event,
    }
    return Item(event.type, node_id, stamped.point_id, json_bytes(data), stamped.ver)


def member_item(node: NodeView) -> Item:
    """Return what watchers are told when another node's state changes."""
    state, reason = node.shown
    data: Json = {
        "type": "node.state",
        "node": node.node_id,
        "state": state,
        "epoch": node.epoch,
        "incarnation": node.incarnation,
        "since_ms": node.since_ms,
        **reason.told(),
    }
    return Item("node.state", node.node_id, node.node_id, json_bytes(data))
