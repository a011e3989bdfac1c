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
from nodes.store.statements import Row, Rows


def trip_rows(stamped: Stamped, event: TripEvent) -> Rows:
    """Return what the event changes beside the journal: statement and row."""
    match event:
        case TripBegun():
            return [("trip.begun", _begun(stamped, event))]
        case TripConfirmed():
            return [("trip.decided", _decided(stamped, TripStatus.CONFIRMED) | {"stops": _json(event.stops)})]
        case TripAborted():
            why = {"reason": event.reason, "failed_stop": event.stop, "settled": True}
            return [("trip.decided", _decided(stamped, TripStatus.ABORTED) | why)]
        case TripSettled():
            return [("trip.settled", _changed(stamped) | {"settled": True})]
        case TripCancelAsked():
            return [("trip.cancel_asked", _changed(stamped) | {"cancel_asked": True})]
        case TripCancelEnded():
            row = _changed(stamped) | {"cancel_asked": False, "outcomes": _json(event.outcomes)}
            if not is_canceled(event.outcomes):
                return [("trip.kept", row)]
            return [("trip.canceled", row | {"status": TripStatus.CANCELED.value})]


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
    return _changed(stamped) | undone | {"status": status.value, "decided_ms": stamped.at_ms}


def _changed(stamped: Stamped) -> Row:
    return {"row_id": stamped.point_id, "epoch": stamped.epoch, "seq": stamped.point_seq}


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
