"""A store in memory whose disk can be held: batches become durable when the test says so, or fail."""

import asyncio
from dataclasses import dataclass, field

from nodes.domain.apply import apply
from nodes.domain.point import Point
from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.errors import StoreError, StoreFailed
from nodes.records import Batch, Held, Kept, Recovered, Stamped
from nodes.request import ReadHeld
from nodes.store.codec import decode_event, encode_event


@dataclass
class Disk:
    """What survives the store."""

    epoch: int = 0
    events: list[Stamped] = field(default_factory=list)
    answers: dict[str, Kept] = field(default_factory=dict)


class GatedStore:
    """The ``Store`` port on a ``Disk``. While ``hold`` is set, batches wait for ``release``."""

    def __init__(self, disk: Disk | None = None) -> None:
        self.disk = disk or Disk()
        self.hold = False
        self.failure: StoreError | None = None
        self.batches: list[Batch] = []
        self.closed = False
        self._gate = asyncio.Event()
        self._ended: dict[str, Reservation | Session] = {}

    def release(self) -> None:
        """Let the batch that waits, and all later ones, become durable."""
        self.hold = False
        self._gate.set()

    def fail(self, error: StoreError) -> None:
        """Let the batch that waits, or the next, fail."""
        self.failure = error
        self._gate.set()

    def open(self, now_ms: int) -> Recovered:
        self.closed = False
        self.disk.epoch += 1
        points: dict[str, Point] = {}
        for stamped in self.disk.events:
            self._replay(points, stamped)
        for point in points.values():
            point.epoch = self.disk.epoch
        ver = self.disk.events[-1].ver if self.disk.events else 0
        return Recovered(self.disk.epoch, ver, points, list(self.disk.answers))

    async def append(self, batch: Batch) -> None:
        self._check_open()
        if self.hold:
            self._gate.clear()
            await self._gate.wait()
        await asyncio.sleep(0)
        if self.failure is not None:
            raise self.failure
        self.batches.append(batch)
        self.disk.events.extend(batch.events)
        self.disk.answers.update({kept.key: kept for kept in batch.answers})

    async def find_answer(self, key: str) -> Kept | None:
        self._check_open()
        await asyncio.sleep(0)
        return self.disk.answers.get(key)

    async def find_reservation(self, reservation_id: str) -> Reservation | None:
        found = await self._find(reservation_id)
        return found if isinstance(found, Reservation) else None

    async def find_session(self, session_id: str) -> Session | None:
        found = await self._find(session_id)
        return found if isinstance(found, Session) else None

    async def find_in_force(self, point_id: str) -> tuple[int, list[Reservation]]:
        self._check_open()
        await asyncio.sleep(0)
        points: dict[str, Point] = {}
        for stamped in self.disk.events:
            self._replay(points, stamped)
        point = points.get(point_id)
        return (0, []) if point is None else (point.seq, sorted(point.reservations.values(), key=lambda r: r.start_ms))

    async def list_held(self, query: ReadHeld) -> list[Held]:
        raise NotImplementedError

    async def read_journal(self, after_ver: int, limit: int) -> list[Stamped]:
        self._check_open()
        return [stamped for stamped in self.disk.events if stamped.ver > after_ver][:limit]

    async def close(self) -> None:
        self.closed = True

    async def _find(self, identifier: str) -> Reservation | Session | None:
        self._check_open()
        await asyncio.sleep(0)
        points: dict[str, Point] = {}
        seen: dict[str, Reservation | Session] = {}
        for stamped in self.disk.events:
            before = points.get(stamped.point_id)
            known = {} if before is None else dict(before.reservations)
            subject = self._replay(points, stamped)
            seen |= known
            if isinstance(subject, Reservation | Session):
                seen[subject.id] = subject
        return seen.get(identifier)

    def _check_open(self) -> None:
        if self.closed:
            raise StoreFailed("memory", "the store is closed")

    def _replay(self, points: dict[str, Point], stamped: Stamped) -> object:
        event = decode_event(stamped.event.type, encode_event(stamped.event))
        point = points.get(stamped.point_id)
        if point is None:
            point = points[stamped.point_id] = Point(stamped.point_id, event.spec, stamped.epoch)  # type: ignore[union-attr]
        point.epoch = stamped.epoch
        return apply(point, event, stamped.at_ms)
