"""Who writes trips into stores: the events of their coordinator, the way the node does."""

from nodes.domain.trip import (
    CancelOutcome,
    HeldStop,
    Trip,
    TripAborted,
    TripBegun,
    TripCancelAsked,
    TripCancelEnded,
    TripConfirmed,
    TripEvent,
    TripSettled,
    WantedStop,
    advance,
    begin,
)
from nodes.records import Recovered, Stamped
from tests.nodes.contracts.author import NOW

HOUR = 3_600_000
WANTED = (
    WantedStop(NOW + HOUR, NOW + 2 * HOUR, ("server1.a",)),
    WantedStop(NOW + 2 * HOUR, NOW + 3 * HOUR, ("server2.a", "server3.b")),
)
HELD = (
    HeldStop("server1.a.r1-2", "server1.a", NOW + HOUR, NOW + 2 * HOUR, 189, "EUR", NOW, (1, 2)),
    HeldStop("server3.b.r4-9", "server3.b", NOW + 2 * HOUR, NOW + 3 * HOUR, 210, "BRL", NOW + 5, (4, 9)),
)
BEGUN = TripBegun("Ana 東", "PlanTrip é", WANTED, NOW)
CONFIRMED, SETTLED, ASKED = TripConfirmed(HELD), TripSettled(), TripCancelAsked()
KEPT = TripCancelEnded((CancelOutcome.KEPT, CancelOutcome.KEPT))
CANCELED = TripCancelEnded((CancelOutcome.KEPT, CancelOutcome.CANCELED))

UNDER_WAY: dict[str, tuple[TripEvent, ...]] = {
    "undecided": (),
    "confirmed": (CONFIRMED,),
    "to be cancelled before all know": (CONFIRMED, ASKED),
    "to be cancelled": (CONFIRMED, SETTLED, ASKED),
    "to be cancelled, known to all meanwhile": (CONFIRMED, ASKED, SETTLED),
    "to be cancelled again": (CONFIRMED, SETTLED, ASKED, KEPT, ASKED),
}
OVER: dict[str, tuple[TripEvent, ...]] = {
    "settled": (CONFIRMED, SETTLED),
    "aborted for a stop": (TripAborted("window-taken", 1),),
    "aborted": (TripAborted("its coordinator restarted before it was decided"),),
    "cancelled": (CONFIRMED, SETTLED, ASKED, CANCELED),
    "cancelled at the second try": (CONFIRMED, SETTLED, ASKED, KEPT, ASKED, CANCELED),
    "kept": (CONFIRMED, SETTLED, ASKED, KEPT),
    "kept twice": (CONFIRMED, SETTLED, ASKED, KEPT, ASKED, KEPT),
}
"""What may happen to a trip after it was begun."""


class TripAuthor:
    """Enters what happens to trips of ``server1``."""

    def __init__(self, recovered: Recovered) -> None:
        self.ver = recovered.ver
        self.epoch = recovered.epoch

    def begin(self, count: int) -> tuple[Stamped, Trip]:
        """Return the event that begins a trip, and the trip."""
        trip = begin(f"server1.trip.t{self.epoch}-{count}", f"k{count}", self.epoch, BEGUN)
        return self._stamped(trip, BEGUN), trip

    def record(self, trip: Trip, event: TripEvent) -> Stamped:
        """Return an event that changes a trip, and change it."""
        advance(trip, event, self.epoch, NOW + self.ver)
        return self._stamped(trip, event)

    def life(self, count: int, events: tuple[TripEvent, ...]) -> tuple[list[Stamped], Trip]:
        """Return all that happened to a trip, and the trip."""
        begun, trip = self.begin(count)
        return [begun, *(self.record(trip, event) for event in events)], trip

    def _stamped(self, trip: Trip, event: TripEvent) -> Stamped:
        self.ver += 1
        return Stamped(self.ver, self.epoch, trip.id, trip.seq, NOW + self.ver - 1, event, trip.key)
