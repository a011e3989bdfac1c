"""One point's journal, in the order in which it happened, and where it leads."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sim.audit.oddity import Oddity
from sim.audit.point_state import PointState
from sim.audit.rows import Event, Witness


@dataclass(slots=True)
class PointLog:
    """The events of one point by ``(epoch, seq)``."""

    point_id: str
    events: list[Event]
    final: PointState = field(init=False)
    """The point after all of them."""
    oddities: list[Oddity] = field(init=False)
    """What no correct node would have written."""
    by_witness: dict[Witness, Event] = field(init=False)
    about: dict[str, list[Event]] = field(init=False)
    """By session, or by reservation where an event is about no session."""
    _seqs: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.events.sort(key=lambda event: (event.epoch, event.seq, event.ver))
        self.by_witness = {event.witness: event for event in self.events}
        self._seqs = [event.seq for event in self.events]
        self.about = defaultdict(list)
        for event in self.events:
            self.about[event.data.get("session_id") or event.data.get("reservation_id") or ""].append(event)
        self.final = PointState(self.point_id)
        self.oddities = [oddity for event in self.events for oddity in self.final.apply(event)]

    def state_exists(self, witness: Witness) -> str | None:
        """Say why no durable state of the point ever had that witness; None: one had.

        A state is named by the epoch of who told it and the number of events it had seen. Its last event is of that
        epoch or an older one, and the event after it is of no older one.
        """
        epoch, seq = witness
        following = bisect_right(self._seqs, seq)
        if following == 0 or self._seqs[following - 1] != seq:
            return f"the point's journal has no event {seq}; it has {len(self.events)}"
        last = self.events[following - 1]
        if last.epoch > epoch:
            return f"event {seq} was written in epoch {last.epoch}"
        if following < len(self.events) and self.events[following].epoch < epoch:
            return f"event {seq + 1} had been written by then, in epoch {self.events[following].epoch}"
        return None

    def event_at(self, seq: int) -> Event:
        """Return the last event of a state that exists."""
        return self.events[bisect_right(self._seqs, seq) - 1]


def point_logs(events: Iterable[Event]) -> dict[str, PointLog]:
    """Sort a node's journal into one log per point."""
    by_point: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        by_point[event.point_id].append(event)
    return {point_id: PointLog(point_id, found) for point_id, found in by_point.items()}
