"""The calendar as it is drawn."""

import pytest

from nodes.clients.moments import midnight_ms
from nodes.clients.terminal.day_strip import CELL_MS, day_span, day_strip
from tests.nodes.clients.test_moments import NOON

DAY = midnight_ms(NOON)
SPAN = (DAY, DAY + 86_400_000)


@pytest.mark.parametrize(("width", "rows"), [(20, 12), (24, 8), (30, 6), (60, 3), (100, 2)])
def test_a_day_is_drawn_in_as_many_rows_as_it_needs(width: int, rows: int) -> None:
    """Every ten minutes are there, and no row is too long."""
    drawn = day_strip(SPAN, NOON, [], [], width).plain
    assert drawn.count("·") == 144
    assert len(drawn.splitlines()) == rows
    assert max(map(len, drawn.splitlines())) <= width


def test_what_is_taken_is_drawn_where_it_is() -> None:
    """A window that touches ten minutes takes them; windows are half-open."""
    drawn = day_strip(SPAN, NOON, [(DAY + 3_600_000, DAY + 2 * 3_600_000)], [], 100).plain
    assert drawn.splitlines()[0].startswith("00 ······ ██████ ······")
    touched = day_strip(SPAN, NOON, [(DAY + CELL_MS - 1, DAY + CELL_MS + 1)], [], 100).plain
    assert touched.startswith("00 ██····")


def test_what_is_yours_is_drawn_in_another_colour() -> None:
    """And what has passed is dim."""
    window = (DAY + 20 * 3_600_000, DAY + 21 * 3_600_000)
    text = day_strip(SPAN, NOON, [window], [window], 100)
    styles = [str(span.style) for span in text.spans if "█" in text.plain[span.start : span.end]]
    assert set(styles) == {"cyan"}
    past = [span for span in text.spans if span.style == "bright_black" and "·" in text.plain[span.start : span.end]]
    assert len(past) == 72


def test_today_is_what_is_still_to_come() -> None:
    """In the evening what matters is the night; later days are whole."""
    assert day_span(NOON + 1_234_567, 0) == (NOON, NOON + 86_400_000)
    assert day_span(NOON, 2) == (DAY + 2 * 86_400_000, DAY + 3 * 86_400_000)
