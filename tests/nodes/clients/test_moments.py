"""Times as people say them."""

import os
import time
from datetime import UTC, datetime

import pytest

from nodes.clients.errors import BadInput
from nodes.clients.moments import duration_ms, length_s, length_text, midnight_ms, moment_ms, zone


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOON = ms("2026-11-26T12:00:00")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("18:00", "2026-11-26T18:00:00"),
        ("18h00", "2026-11-26T18:00:00"),
        ("9:30", "2026-11-27T09:30:00"),
        ("12:00", "2026-11-26T12:00:00"),
        ("11:59", "2026-11-26T11:59:00"),
        ("11:58", "2026-11-27T11:58:00"),
        ("+20m", "2026-11-26T12:20:00"),
        ("+1h30m", "2026-11-26T13:30:00"),
        ("now", "2026-11-26T12:00:00"),
        (" agora ", "2026-11-26T12:00:00"),
        ("2026-12-01T08:00:00-03:00", "2026-12-01T11:00:00"),
        ("2026-12-01T08:00Z", "2026-12-01T08:00:00"),
        ("2026-12-01 08:00", "2026-12-01T08:00:00"),
    ],
)
def test_a_time_is_the_next_one(said: str, meant: str) -> None:
    """A minute ago still counts as now, as it does for a node."""
    assert moment_ms(said, NOON) == ms(meant)


@pytest.mark.parametrize("said", ["", "tea", "25:00", "12:60", "2026-12-01", "+", "+tea", "1", "18:00:00:00", "१८:००"])
def test_what_is_no_time_is_refused(said: str) -> None:
    """With an example of one."""
    with pytest.raises(BadInput, match=r"expected a (time|duration) such as"):
        moment_ms(said, NOON)


@pytest.mark.parametrize(
    ("said", "minutes"), [("30m", 30), ("30min", 30), ("45", 45), ("1h", 60), ("1h30m", 90), ("1d", 1440), ("90s", 1.5)]
)
def test_durations(said: str, minutes: float) -> None:
    """A bare number means minutes."""
    assert duration_ms(said) == minutes * 60_000


@pytest.mark.parametrize("said", ["", "0", "0m", "-5m", "1.5h", "m", "five"])
def test_what_is_no_duration_is_refused(said: str) -> None:
    """Nothing lasts no time."""
    with pytest.raises(BadInput, match="expected a duration"):
        duration_ms(said)


def test_a_day_is_as_long_as_its_place_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the day the clocks go back it has 25 hours, and the time of day meant is the local one."""
    monkeypatch.setitem(os.environ, "TZ", "Europe/Lisbon")
    time.tzset()
    noon = ms("2026-10-25T12:00:00")
    assert midnight_ms(noon, 1) - midnight_ms(noon) == 25 * 3_600_000
    assert moment_ms("18:00", ms("2026-10-24T20:00:00")) == ms("2026-10-25T18:00:00")
    assert moment_ms("18:00", ms("2026-07-01T12:00:00")) == ms("2026-07-01T17:00:00")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0"), (90, "1m30s"), (900, "15m"), (5_400, "1h30m"), (7_776_000, "90d")]
)
def test_a_length_of_time_is_read_as_it_is_written(seconds: int, text: str) -> None:
    """What a form shows can be sent as it is; and a term may be nothing."""
    assert length_text(seconds) == text
    assert length_s(text) == seconds


@pytest.mark.parametrize(
    ("chosen", "shown"), [("UTC", "UTC"), ("", "UTC"), ("America/Recife", ""), ("Nowhere/At_all", "Nowhere")]
)
def test_a_zone_that_nobody_may_have_chosen_is_named(monkeypatch: pytest.MonkeyPatch, chosen: str, shown: str) -> None:
    """In a container it is UTC unless somebody says otherwise, and a name that is none is as good as nothing said."""
    monkeypatch.setitem(os.environ, "TZ", chosen)
    time.tzset()
    assert zone(NOON) == shown
