"""Half-open spans of time."""

from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.domain.window import Window

TIMES = st.integers(0, 12)
WINDOWS = st.tuples(TIMES, TIMES).filter(lambda pair: pair[0] < pair[1]).map(lambda pair: Window(*pair))


@settings(deadline=None)
@given(WINDOWS, WINDOWS)
def test_windows_overlap_when_they_share_an_instant(one: Window, other: Window) -> None:
    """Overlap is about instants held by both, and it is the same seen from either side."""
    shared = set(range(*one)) & set(range(*other))
    assert one.overlaps(other) is bool(shared)
    assert other.overlaps(one) is bool(shared)


@settings(deadline=None)
@given(WINDOWS)
def test_the_length_counts_the_instants(window: Window) -> None:
    """The end does not belong to the window."""
    assert window.length_ms == len(range(*window))


def test_windows_that_touch_do_not_overlap() -> None:
    """The rule on which back-to-back bookings rest."""
    assert not Window(0, 10).overlaps(Window(10, 20))
    assert not Window(10, 20).overlaps(Window(0, 10))
    assert Window(0, 11).overlaps(Window(10, 20))
