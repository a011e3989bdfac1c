"""Events are the journal's content: once written, a type and its fields stay."""

from dataclasses import fields
from typing import get_args

from nodes.domain.events import EVENT_TYPES, Event

WRITTEN = {
    "point.created": "spec",
    "point.changed": "spec maintenance fault",
    "reservation.reserved": "reservation_id driver_id start_ms end_ms price_per_kwh_minor currency created_ms",
    "reservation.prepared": (
        "reservation_id driver_id start_ms end_ms price_per_kwh_minor currency created_ms trip_id trip_stop trip_points"
    ),
    "reservation.confirmed": "reservation_id",
    "reservation.released": "reservation_id status released_ms reason",
    "reservation.extended": "reservation_id end_ms",
    "session.started": (
        "session_id reservation_id driver_id start_ms max_power_w max_energy_wh price_per_kwh_minor currency"
    ),
    "session.metered": "session_id energy_wh metered_ms",
    "session.stopped": "session_id reservation_id status reservation_status end_ms energy_wh cost_minor reason",
}


def test_a_type_and_its_fields_stay_as_they_were_first_written() -> None:
    """A field that is renamed makes every journal on disk unreadable; add a type instead."""
    written = {name: set(names.split()) for name, names in WRITTEN.items()}
    known = {name: {field.name for field in fields(kind)} for name, kind in EVENT_TYPES.items()}
    assert {name: known.get(name) for name in written} == written


def test_every_event_has_a_name_in_the_journal() -> None:
    """An event without one could be applied and never be read back."""
    assert set(EVENT_TYPES.values()) == set(get_args(Event))
    assert all(kind.type == name for name, kind in EVENT_TYPES.items())
