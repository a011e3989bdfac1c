"""A node that keeps nothing from undoing anything: it reads, decides and writes, and never looks whether that was overtaken.

The laboratory's own strategy (``none``): to see what comes of it, and that the audit finds it.
"""

from collections.abc import Iterator
from dataclasses import replace

from nodes.actors.envelope import Envelope
from nodes.actors.point_actor import PointActor
from nodes.config import Limits
from nodes.domain.calendar import Calendar, Entry
from nodes.domain.reservation import Reservation
from nodes.domain.window import Window
from nodes.ports import Store
from nodes.store.journal import Journal


class Unserialised:
    """See ``nodes.actors.strategies.Transactions``."""

    def __init__(self, store: Store, journal: Journal, limits: Limits) -> None:
        del journal, limits
        self._store = store

    async def take(self, actor: PointActor, envelope: Envelope) -> None:
        """Decide on what is on disk now, and write it down whatever has come in between."""
        point = actor.point
        if not isinstance(point.calendar, Overlapping):
            point.calendar = Overlapping(point.reservations)
        _, held = await self._store.find_in_force(point.id)
        seen = {reservation.id: reservation for reservation in held}
        # The number of the next version comes from the point itself, as a database's sequence gives each row its own.
        envelope.seen = replace(point, reservations=seen, calendar=Overlapping(seen))
        actor.handle(envelope)


class Overlapping(Calendar):
    """The windows of some reservations, which may overlap. Read from them at every look, O(n log n): for small studies."""

    __slots__ = ("_held",)

    def __init__(self, held: dict[str, Reservation]) -> None:
        super().__init__()
        self._held = held

    def __len__(self) -> int:
        return len(self._held)

    def first(self) -> Entry | None:
        """See ``Calendar.first``."""
        return next(iter(self), None)

    def conflict(self, start_ms: int, end_ms: int) -> Entry | None:
        """See ``Calendar.conflict``."""
        return next((entry for entry in self if entry.start_ms < end_ms and entry.end_ms > start_ms), None)

    def next_start(self, from_ms: int) -> int | None:
        """See ``Calendar.next_start``."""
        return next((entry.start_ms for entry in self if entry.start_ms >= from_ms), None)

    def next_free(self, from_ms: int, length_ms: int) -> Window:
        """See ``Calendar.next_free``."""
        for entry in self:
            if entry.end_ms > from_ms:
                if entry.start_ms >= from_ms + length_ms:
                    return Window(from_ms, entry.start_ms)
                from_ms = entry.end_ms
        return Window(from_ms, from_ms + length_ms)

    def entries_from(self, from_ms: int) -> Iterator[Entry]:
        """See ``Calendar.entries_from``."""
        entries = (Entry(held.start_ms, held.end_ms, held.id) for held in self._held.values())
        return iter(sorted(entry for entry in entries if entry.end_ms > from_ms))

    def add(self, start_ms: int, end_ms: int, reservation_id: str) -> None:
        """Do nothing: the reservation is there."""

    def remove(self, start_ms: int) -> None:
        """Do nothing: the reservation is gone."""
