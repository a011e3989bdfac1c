"""Stops of a trip as people write them."""

import pytest

from nodes.clients.errors import BadInput
from nodes.clients.stop_text import stop_from, stops_from
from tests.nodes.clients.test_moments import NOON, ms


def test_a_stop_is_a_place_a_time_and_a_duration() -> None:
    """A point, several of them, or a place on the map."""
    stop = stop_from("server1.a@18:00/30m", NOON)
    assert (stop.start_ms, stop.end_ms, stop.points) == (
        ms("2026-11-26T18:00:00"),
        ms("2026-11-26T18:30:00"),
        ("server1.a",),
    )
    assert stop_from("server1.a,server2.b@now/1h", NOON).body()["any_of"] == ["server1.a", "server2.b"]
    near = stop_from("near:-8.06,-34.87:2.5km@+1h/1h", NOON).body()["near"]
    assert near == {"lat": -8.06, "lon": -34.87, "radius_m": 2500.0}


def test_each_time_of_day_is_the_next_one_after_the_stop_before() -> None:
    """A trip goes past midnight as it goes past noon."""
    stops = stops_from(["server1.a@23:30/45m", "server1.b@01:00/30m"], NOON)
    assert stops[1].start_ms == ms("2026-11-27T01:00:00")
    assert stops_from(["server1.a@13:00/1h", "server1.b@+1h/30m"], NOON)[1].start_ms == ms("2026-11-26T15:00:00")


@pytest.mark.parametrize(
    "text", ["", "server1.a", "server1.a@18:00", "a@18:00/30m", "server1.a,@18:00/30m", "near:1@18:00/30m", "@/"]
)
def test_what_is_no_stop_is_refused(text: str) -> None:
    """With the form of one."""
    with pytest.raises(BadInput):
        stop_from(text, NOON)
