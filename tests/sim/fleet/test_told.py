"""What the history keeps of answers about trips: word for word what a driver may rely on."""

from typing import Any

import pytest

from sim.fleet.told import told, trip_of

STOP = {"id": "server1.p1.r1-2", "point_id": "server1.p1", "status": "RESERVED", "currency": "BRL", "witness": [1, 2]}
TRIP: dict[str, Any] = {
    "id": "server1.trip.t1-1",
    "status": "CONFIRMED",
    "driver_id": "ana",
    "coordinator": "server1",
    "stops": [STOP],
    "reason": None,
    "failed_stop": None,
}
REFUSED = {
    "type": "urn:recarga:problem:window-taken",
    "detail": "stop 2: taken",
    "stop": 2,
    "trip_id": "server1.trip.t1-1",
}


@pytest.mark.parametrize(("f", "asked"), [("trip", {}), ("cancel_trip", {}), ("read", {"what": "trip"})])
@pytest.mark.parametrize("kind", ["ok", "info"])
def test_of_a_trip_its_decision_and_its_stops_are_kept_as_they_were_told(
    f: str, asked: dict[str, Any], kind: str
) -> None:
    """The audit holds the answer that is kept under the key against it, member by member."""
    assert told(f, kind, TRIP, asked) == {
        "id": "server1.trip.t1-1",
        "status": "CONFIRMED",
        "driver_id": "ana",
        "stops": [STOP],
    }


def test_of_a_refusal_the_stop_is_kept_and_when_it_is_free() -> None:
    """And why it was given up, if that was why."""
    assert told("trip", "fail", REFUSED, {}) == {"stop": 2}
    assert told("trip", "fail", REFUSED | {"next_free_start_ms": 7}, {}) == {"stop": 2, "next_free_start_ms": 7}
    assert told("trip", "fail", {"type": "x", "stop": 0, "reason": "full"}, {}) == {"stop": 0, "reason": "full"}
    assert told("trip", "fail", {"type": "x"}, {}) is None
    assert told("trip", "fail", None, {}) is None


def test_which_trip_an_answer_to_a_plan_is_about() -> None:
    """Also where it was refused: what was promised for it is looked for under its id."""
    assert trip_of("trip", TRIP) == trip_of("trip", REFUSED) == "server1.trip.t1-1"
    assert trip_of("trip", {"type": "urn:recarga:problem:node-busy"}) is None
    assert trip_of("trip", None) is None
    assert trip_of("reserve", {"id": "server1.p1.r1-2"}) is None
