"""The rows that events make, as a node's tables should hold them."""

import orjson

from sim.audit.rows import Event, PointRow, ReservationRow, SessionRow


def point_row(event: Event) -> PointRow:
    """Return the point that ``point.created`` or ``point.changed`` says."""
    spec = event.data["spec"]
    return PointRow(
        id=event.point_id,
        name=spec["name"],
        lat=spec["location"]["lat"],
        lon=spec["location"]["lon"],
        address=spec["location"]["address"],
        max_power_w=spec["max_power_w"],
        connector=spec["connector"],
        connector_label=spec["connector_label"],
        price_per_kwh_minor=spec["price_per_kwh_minor"],
        currency=spec["currency"],
        terms=canonical_terms(spec["terms"]),
        maintenance=event.data.get("maintenance", False),
        fault=event.data.get("fault"),
        file_digest=spec["file_digest"],
        changed_ms=event.at_ms,
        updated_ms=event.at_ms,
        epoch=event.epoch,
        seq=event.seq,
    )


def canonical_terms(terms: object) -> str:
    """Return terms as JSON text that does not depend on the order of members."""
    return orjson.dumps(terms, option=orjson.OPT_SORT_KEYS).decode()


def reservation_row(event: Event) -> ReservationRow:
    """Return the reservation that ``reservation.reserved`` or ``reservation.prepared`` makes; keys are not in the journal."""
    data = event.data
    return ReservationRow(
        id=data["reservation_id"],
        point_id=event.point_id,
        driver_id=data["driver_id"],
        status="PENDING" if "trip_id" in data else "RESERVED",
        start_ms=data["start_ms"],
        end_ms=data["end_ms"],
        released_ms=None,
        trip_id=data.get("trip_id"),
        idempotency_key=None,
        price_per_kwh_minor=data["price_per_kwh_minor"],
        currency=data["currency"],
        extended=False,
        reason=None,
        created_ms=data["created_ms"],
        epoch=event.epoch,
        seq=event.seq,
    )


def session_row(event: Event) -> SessionRow:
    """Return the session that ``session.started`` makes."""
    data = event.data
    return SessionRow(
        id=data["session_id"],
        point_id=event.point_id,
        reservation_id=data["reservation_id"],
        driver_id=data["driver_id"],
        status="ACTIVE",
        started_ms=data["start_ms"],
        ended_ms=None,
        energy_wh=0,
        cost_minor=0,
        price_per_kwh_minor=data["price_per_kwh_minor"],
        currency=data["currency"],
        max_power_w=data["max_power_w"],
        max_energy_wh=data["max_energy_wh"],
        metered_ms=None,
        reason=None,
        epoch=event.epoch,
        seq=event.seq,
    )
