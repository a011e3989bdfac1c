"""What a trip's events change in the table of trips."""

import orjson

from nodes.domain.trip import (
    TripAborted,
    TripBegun,
    TripCancelAsked,
    TripCancelEnded,
    TripConfirmed,
    TripEvent,
    TripSettled,
    TripStatus,
    is_canceled,
)
from nodes.records import Stamped
from nodes.store.changes import Row, Rows


def trip_rows(stamped: Stamped, event: TripEvent) -> Rows:
    """Return what the event changes beside the journal: statement and row."""
    version = ("trip.version", _of(stamped) | {"epoch": stamped.epoch, "seq": stamped.point_seq})
    match event:
        case TripBegun():
            return [("trip.begun", _begun(stamped, event))]
        case TripConfirmed():
            row = _decided(stamped, TripStatus.CONFIRMED) | {"stops": _json(event.stops)}
            return [("trip.decided", row), version]
        case TripAborted():
            why = {"reason": event.reason, "failed_stop": event.stop, "settled": True}
            return [("trip.decided", _decided(stamped, TripStatus.ABORTED) | why), version]
        case TripSettled():
            return [("trip.settled", _of(stamped) | {"settled": True}), version]
        case TripCancelAsked():
            row = {"status": TripStatus.CONFIRMED.value, "cancel_asked": True, "outcomes": "[]"}
            return [("trip.cancelling", _of(stamped) | row), version]
        case TripCancelEnded():
            status = TripStatus.CANCELED if is_canceled(event.outcomes) else TripStatus.CONFIRMED
            row = {"status": status.value, "cancel_asked": False, "outcomes": _json(event.outcomes)}
            return [("trip.cancelling", _of(stamped) | row), version]


def _begun(stamped: Stamped, event: TripBegun) -> Row:
    return {
        "id": stamped.point_id,
        "driver_id": event.driver_id,
        "status": TripStatus.PENDING.value,
        "idempotency_key": stamped.key,
        "fingerprint": event.fingerprint,
        "wanted": _json(event.stops),
        "stops": "[]",
        "reason": None,
        "failed_stop": None,
        "created_ms": event.created_ms,
        "decided_ms": None,
        "settled": False,
        "cancel_asked": False,
        "outcomes": "[]",
        "epoch": stamped.epoch,
        "seq": stamped.point_seq,
    }


def _decided(stamped: Stamped, status: TripStatus) -> Row:
    undone = {"stops": "[]", "reason": None, "failed_stop": None, "settled": False}
    return _of(stamped) | undone | {"status": status.value, "decided_ms": stamped.at_ms}


def _of(stamped: Stamped) -> Row:
    return {"row_id": stamped.point_id}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
