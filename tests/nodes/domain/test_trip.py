"""A trip's record: one decision, and what follows from it."""

from dataclasses import fields
from typing import get_args

import pytest

from nodes.domain.trip import (
    TRIP_EVENT_TYPES,
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
    TripStatus,
    WantedStop,
    advance,
    begin,
    stops_in_order,
)

HELD = (HeldStop("server1.a.r1-2", "server1.a", 10, 20, 189, "EUR", 1, (1, 2)),)
CANCELED, KEPT = CancelOutcome.CANCELED, CancelOutcome.KEPT
WRITTEN = {
    "trip.begun": "driver_id fingerprint stops created_ms",
    "trip.confirmed": "stops",
    "trip.aborted": "reason stop",
    "trip.settled": "",
    "trip.cancel_asked": "",
    "trip.cancel_ended": "outcomes",
}


def trip_after(*events: TripEvent) -> Trip:
    """Return a trip to which that happened, in its second epoch."""
    trip = begin("server1.trip.t1-1", "k", 1, TripBegun("ana", "f", (WantedStop(10, 20, ("server1.a",)),), 1))
    for event in events:
        advance(trip, event, 2, 99)
    return trip


def test_a_trip_that_was_begun_is_undecided() -> None:
    """It names what was asked, and holds nothing."""
    trip = trip_after()
    assert (trip.status, trip.stops, trip.decided_ms, trip.is_under_way) == (TripStatus.PENDING, (), None, True)
    assert (trip.driver_id, trip.key, trip.created_ms, trip.epoch, trip.seq) == ("ana", "k", 1, 1, 1)


def test_a_confirmed_trip_is_under_way_until_every_owner_knows() -> None:
    """Who forgets it before leaves a promise in doubt."""
    trip = trip_after(TripConfirmed(HELD))
    assert (trip.status, trip.stops, trip.decided_ms) == (TripStatus.CONFIRMED, HELD, 99)
    assert (trip.is_settled, trip.is_under_way, trip.epoch, trip.seq) == (False, True, 2, 2)
    advance(trip, TripSettled(), 2, 100)
    assert (trip.is_under_way, trip.seq, trip.decided_ms) == (False, 3, 99)


def test_an_aborted_trip_is_over() -> None:
    """Who holds a promise of it asks, and no record is needed to say no (presumed abort)."""
    trip = trip_after(TripAborted("window-taken", 0))
    assert (trip.status, trip.reason, trip.failed_stop) == (TripStatus.ABORTED, "window-taken", 0)
    assert (trip.decided_ms, trip.is_under_way) == (99, False)


@pytest.mark.parametrize("first", [TripConfirmed(HELD), TripAborted("aborted")])
@pytest.mark.parametrize("second", [TripConfirmed(HELD), TripAborted("aborted")])
def test_a_trip_is_decided_once(first: TripEvent, second: TripEvent) -> None:
    """A second decision is our own mistake, and must be loud."""
    with pytest.raises(AssertionError, match="was decided before"):
        trip_after(first, second)


def test_a_trip_begins_once() -> None:
    """The same."""
    with pytest.raises(AssertionError, match="began before"):
        trip_after(TripBegun("ana", "f", (), 1))


@pytest.mark.parametrize("decided", [(), (TripAborted("aborted"),)])
def test_only_a_confirmed_trip_is_given_back(decided: tuple[TripEvent, ...]) -> None:
    """There is nothing to give back of another."""
    with pytest.raises(AssertionError):
        trip_after(*decided, TripCancelAsked())


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        ((CANCELED, CANCELED), TripStatus.CANCELED),
        ((KEPT, CANCELED), TripStatus.CANCELED),
        ((KEPT, KEPT), TripStatus.CONFIRMED),
    ],
)
def test_a_trip_is_cancelled_when_any_of_its_stops_was(outcomes: tuple[CancelOutcome, ...], status: TripStatus) -> None:
    """What its terms keep is kept; with all of it kept the trip stands as it was."""
    trip = trip_after(TripConfirmed(HELD), TripSettled(), TripCancelAsked())
    assert trip.is_under_way
    advance(trip, TripCancelEnded(outcomes), 2, 100)
    assert (trip.status, trip.outcomes, trip.is_under_way) == (status, outcomes, False)


def test_what_was_kept_may_be_given_back_anew() -> None:
    """What became of the first try is then not told of the second."""
    trip = trip_after(TripConfirmed(HELD), TripSettled(), TripCancelAsked(), TripCancelEnded((KEPT,)))
    advance(trip, TripCancelAsked(), 2, 100)
    assert (trip.cancel_asked, trip.outcomes, trip.is_under_way) == (True, (), True)
    advance(trip, TripCancelEnded((CANCELED,)), 2, 101)
    assert (trip.status, trip.is_under_way) == (TripStatus.CANCELED, False)


@pytest.mark.parametrize(
    ("windows", "first_wrong"),
    [
        ([], None),
        ([(10, 20)], None),
        ([(10, 20), (20, 30), (40, 50)], None),
        ([(10, 20), (19, 30)], 1),
        ([(10, 20), (20, 30), (5, 8)], 2),
        ([(10, 20), (10, 20)], 1),
    ],
)
def test_stops_follow_one_another(windows: list[tuple[int, int]], first_wrong: int | None) -> None:
    """Nobody charges at two places at once; to leave and arrive in the same instant is allowed, as windows are half-open."""
    assert stops_in_order(windows) == first_wrong


def test_a_type_and_its_fields_stay_as_they_were_first_written() -> None:
    """A field that is renamed makes every journal on disk unreadable; add a type instead."""
    known = {name: " ".join(field.name for field in fields(kind)) for name, kind in TRIP_EVENT_TYPES.items()}
    assert known == WRITTEN
    assert set(TRIP_EVENT_TYPES.values()) == set(get_args(TripEvent))
