"""What a batch changes in the tables."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any

import orjson

from nodes.domain.events import (
    Event,
    PointChanged,
    PointCreated,
    ReservationConfirmed,
    ReservationExtended,
    ReservationPrepared,
    ReservationReleased,
    ReservationReserved,
    SessionMetered,
    SessionStarted,
    SessionStopped,
)
from nodes.domain.point import PointSpec
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from nodes.domain.trip import TRIP_EVENTS
from nodes.records import Batch, Kept, Stamped
from nodes.representation import terms_json
from nodes.store.changes import POINT_CHANGED, POINT_CREATED, Row, Rows
from nodes.store.codec import encode_event
from nodes.store.medium import BatchRunner
from nodes.store.trip_writes import trip_rows

_PRUNE_FACTOR = 2
"""Old answers looked at per answer written: the table shrinks while it is used, in bounded steps."""


class Writes:
    """Puts batches into the tables of one database, each in one transaction."""

    def __init__(self, batches: BatchRunner, node_id: str, *, answer_retention_ms: int) -> None:
        self._node_id = node_id
        self._retention_ms = answer_retention_ms
        self._batches = batches

    def run(self, batch: Batch) -> None:
        """Write the journal, and what its events change in the other tables, and the answers; durably."""
        rows: defaultdict[str, list[Row]] = defaultdict(list)
        for stamped in batch.events:
            rows["journal"].append(self._journal_row(stamped))
            if isinstance(stamped.event, TRIP_EVENTS):
                changes = trip_rows(stamped, stamped.event)
            else:
                rows["point.version"].append(_version(stamped))
                changes = _ROWS[type(stamped.event)](stamped, stamped.event)
            for name, row in changes:
                rows[name].append(row)
        if batch.events:
            rows["node"] = [{"row_id": self._node_id, "ver": batch.events[-1].ver}]
        if batch.answers:
            rows["answers"] = [_answer_row(kept) for kept in batch.answers]
            expired_ms = batch.answers[-1].created_ms - self._retention_ms
            rows["expired"] = [{"limit": _PRUNE_FACTOR * len(batch.answers), "expired_ms": expired_ms}]
        self._batches.run(rows)

    def _journal_row(self, stamped: Stamped) -> Row:
        return {
            "ver": stamped.ver,
            "node": self._node_id,
            "epoch": stamped.epoch,
            "point_id": stamped.point_id,
            "point_seq": stamped.point_seq,
            "type": stamped.event.type,
            "at_ms": stamped.at_ms,
            "data": encode_event(stamped.event),
        }


def _version(stamped: Stamped) -> Row:
    return {
        "row_id": stamped.point_id,
        "epoch": stamped.epoch,
        "seq": stamped.point_seq,
        "updated_ms": stamped.at_ms,
    }


def _answer_row(kept: Kept) -> Row:
    epoch, seq = kept.answer.witness or (None, None)
    return {
        "key": kept.key,
        "fingerprint": kept.fingerprint,
        "status": kept.answer.status,
        "body": kept.answer.body.decode(),
        "location": kept.answer.location,
        "epoch": epoch,
        "seq": seq,
        "created_ms": kept.created_ms,
    }


def spec_row(spec: PointSpec) -> Row:
    """Return what the operator says of a point, by column."""
    return {
        "name": spec.name,
        "lat": spec.location.lat,
        "lon": spec.location.lon,
        "address": spec.location.address,
        "max_power_w": spec.max_power_w,
        "connector": spec.connector,
        "connector_label": spec.connector_label,
        "price_per_kwh_minor": spec.price_per_kwh_minor,
        "currency": spec.currency,
        "terms": orjson.dumps(terms_json(spec.terms)).decode(),
        "file_digest": spec.file_digest,
    }


def _point_created(stamped: Stamped, event: PointCreated) -> Rows:
    row = {"id": stamped.point_id, **spec_row(event.spec), "maintenance": False, "fault": None}
    row |= {"changed_ms": stamped.at_ms, "updated_ms": stamped.at_ms, "epoch": stamped.epoch, "seq": stamped.point_seq}
    return [(POINT_CREATED, row)]


def _point_changed(stamped: Stamped, event: PointChanged) -> Rows:
    row = {"row_id": stamped.point_id, **spec_row(event.spec), "maintenance": event.maintenance, "fault": event.fault}
    return [(POINT_CHANGED, row | {"changed_ms": stamped.at_ms})]


def _reserved(stamped: Stamped, event: ReservationReserved) -> Rows:
    more = {"status": ReservationStatus.RESERVED.value, "trip_id": None, "trip_stop": None, "trip_points": None}
    return [("reservation.reserved", _new_reservation(stamped, event) | more)]


def _prepared(stamped: Stamped, event: ReservationPrepared) -> Rows:
    more = {
        "status": ReservationStatus.PENDING.value,
        "trip_id": event.trip_id,
        "trip_stop": event.trip_stop,
        "trip_points": orjson.dumps(event.trip_points).decode(),
    }
    return [("reservation.reserved", _new_reservation(stamped, event) | more)]


def _confirmed(stamped: Stamped, event: ReservationConfirmed) -> Rows:
    row = {"status": ReservationStatus.RESERVED.value}
    return [("reservation.confirmed", row | _changed(stamped, event.reservation_id))]


def _new_reservation(stamped: Stamped, event: ReservationReserved | ReservationPrepared) -> Row:
    return {
        "id": event.reservation_id,
        "point_id": stamped.point_id,
        "driver_id": event.driver_id,
        "start_ms": event.start_ms,
        "end_ms": event.end_ms,
        "released_ms": None,
        "idempotency_key": stamped.key,
        "price_per_kwh_minor": event.price_per_kwh_minor,
        "currency": event.currency,
        "extended": False,
        "reason": None,
        "created_ms": event.created_ms,
        "epoch": stamped.epoch,
        "seq": stamped.point_seq,
    }


def _released(stamped: Stamped, event: ReservationReleased) -> Rows:
    row = {"status": event.status.value, "released_ms": event.released_ms, "reason": event.reason}
    return [("reservation.ended", row | _changed(stamped, event.reservation_id))]


def _extended(stamped: Stamped, event: ReservationExtended) -> Rows:
    row = {"end_ms": event.end_ms, "extended": True}
    return [("reservation.extended", row | _changed(stamped, event.reservation_id))]


def _started(stamped: Stamped, event: SessionStarted) -> Rows:
    session = {
        "id": event.session_id,
        "point_id": stamped.point_id,
        "reservation_id": event.reservation_id,
        "driver_id": event.driver_id,
        "status": SessionStatus.ACTIVE.value,
        "started_ms": event.start_ms,
        "ended_ms": None,
        "energy_wh": 0,
        "cost_minor": 0,
        "price_per_kwh_minor": event.price_per_kwh_minor,
        "currency": event.currency,
        "max_power_w": event.max_power_w,
        "max_energy_wh": event.max_energy_wh,
        "metered_ms": None,
        "reason": None,
        "epoch": stamped.epoch,
        "seq": stamped.point_seq,
    }
    reservation = {"status": ReservationStatus.ACTIVE.value, "start_ms": event.start_ms}
    return [
        ("session.started", session),
        ("reservation.active", reservation | _changed(stamped, event.reservation_id)),
    ]


def _metered(stamped: Stamped, event: SessionMetered) -> Rows:
    row = {"energy_wh": event.energy_wh, "metered_ms": event.metered_ms}
    return [("session.metered", row | _changed(stamped, event.session_id))]


def _stopped(stamped: Stamped, event: SessionStopped) -> Rows:
    session = {
        "status": event.status.value,
        "ended_ms": event.end_ms,
        "energy_wh": event.energy_wh,
        "cost_minor": event.cost_minor,
        "reason": event.reason,
    }
    reservation = {"status": event.reservation_status.value, "released_ms": event.end_ms, "reason": event.reason}
    return [
        ("session.stopped", session | _changed(stamped, event.session_id)),
        ("reservation.ended", reservation | _changed(stamped, event.reservation_id)),
    ]


def _changed(stamped: Stamped, row_id: str) -> Row:
    return {"row_id": row_id, "epoch": stamped.epoch, "seq": stamped.point_seq}


_ROWS: dict[type[Event], Callable[[Stamped, Any], Rows]] = {
    PointCreated: _point_created,
    PointChanged: _point_changed,
    ReservationReserved: _reserved,
    ReservationPrepared: _prepared,
    ReservationConfirmed: _confirmed,
    ReservationReleased: _released,
    ReservationExtended: _extended,
    SessionStarted: _started,
    SessionMetered: _metered,
    SessionStopped: _stopped,
}
"""What each event changes beside the journal: statement and row."""
