"""Trips as JSON, and the answers about them."""

import orjson

from nodes.domain.ids import owner_of
from nodes.domain.reservation import ReservationStatus
from nodes.domain.trip import CancelOutcome, HeldStop, Trip, TripStatus
from nodes.problems import TRIP_ABORTED, UNKNOWN_NODE, is_problem, problem
from nodes.records import Answer
from nodes.representation import Json, json_bytes

PENDING_RETRY_S = 1
"""When to look again at a trip that is not decided."""
_NOWHERE = ("owner-unreachable", "unknown-node")
"""Problems for which there is no sense in asking again at once."""


def path_of(trip: Trip) -> str:
    """Return the path under which a trip is found."""
    return f"/v1/trips/{trip.id}"


def trip_json(trip: Trip) -> Json:
    """Return a trip as JSON data. Its stops are told as the decision left them; their points know what came after."""
    return {
        "id": trip.id,
        "status": trip.status,
        "driver_id": trip.driver_id,
        "coordinator": owner_of(trip.id),
        "stops": [_stop_json(trip, at, stop) for at, stop in enumerate(trip.stops)],
        "reason": trip.reason,
        "failed_stop": trip.failed_stop,
        "created_ms": trip.created_ms,
        "decided_ms": trip.decided_ms,
    }


def trip_answer(trip: Trip, status: int = 200) -> Answer:
    """Return the answer that tells a trip."""
    location = path_of(trip) if status in (201, 202) else None
    retry_after_s = PENDING_RETRY_S if status == 202 else None
    return Answer(status, json_bytes(trip_json(trip)), location=location, retry_after_s=retry_after_s)


def refused_answer(refusal: Answer, trip_id: str, stop: int) -> Answer:
    """Return the answer that a trip is not to be: its stop's own problem, with the stop beside it."""
    body = orjson.loads(refusal.body) | {"trip_id": trip_id, "stop": stop}
    body["detail"] = f"stop {stop}: {body['detail']}"
    body.pop("witness", None)
    return Answer(refusal.status, json_bytes(body), retry_after_s=refusal.retry_after_s)


def aborted_answer(trip: Trip) -> Answer:
    """Return the answer that a trip was aborted for no reason of its own."""
    detail = f"the trip was given up: {trip.reason}; plan it anew with a new key"
    return problem(TRIP_ABORTED, detail, trip_id=trip.id, stop=trip.failed_stop, reason=trip.reason)


def held_from(answer: Answer) -> HeldStop:
    """Return the promise that an owner's answer holds."""
    told = orjson.loads(answer.body)
    return HeldStop(
        reservation_id=told["id"],
        point_id=told["point_id"],
        start_ms=told["start_ms"],
        end_ms=told["end_ms"],
        price_per_kwh_minor=told["price_per_kwh_minor"],
        currency=told["currency"],
        created_ms=told["created_ms"],
        witness=tuple(told["witness"]),
    )


def is_unknown(answer: Answer) -> bool:
    """Whether the answer leaves open if the request took effect."""
    return answer.status >= 500 and orjson.loads(answer.body).get("outcome") == "unknown"


def is_final(answer: Answer) -> bool:
    """Whether the answer is the owner's word, and would be the same if the request were made again now."""
    if answer.status >= 500 or answer.status in (421, 429):
        return False
    return not is_problem(answer, UNKNOWN_NODE)


def is_busy(answer: Answer) -> bool:
    """Whether nothing was begun, and the same request may be taken in a moment."""
    if is_final(answer) or is_unknown(answer):
        return False
    return slug_of(answer) not in _NOWHERE


def slug_of(answer: Answer) -> str:
    """Return the name of the problem that an answer states."""
    return str(orjson.loads(answer.body)["type"]).rpartition(":")[2]


def _stop_json(trip: Trip, at: int, stop: HeldStop) -> Json:
    return {
        "id": stop.reservation_id,
        "point_id": stop.point_id,
        "driver_id": trip.driver_id,
        "status": _stop_status(trip, at),
        "start_ms": stop.start_ms,
        "end_ms": stop.end_ms,
        "trip_id": trip.id,
        "price_per_kwh_minor": stop.price_per_kwh_minor,
        "currency": stop.currency,
        "created_ms": stop.created_ms,
        "witness": stop.witness,
    }


def _stop_status(trip: Trip, at: int) -> ReservationStatus:
    canceled = trip.status is TripStatus.CANCELED and trip.outcomes[at] is CancelOutcome.CANCELED
    return ReservationStatus.CANCELED if canceled else ReservationStatus.RESERVED
