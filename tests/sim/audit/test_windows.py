"""The windows in force: the one place that knows what an overlap is."""

from hypothesis import given
from hypothesis import strategies as st

from sim.audit.windows import Window, Windows

spans = st.tuples(st.integers(0, 50), st.integers(1, 20))


@given(held=st.lists(spans, max_size=12), asked=spans, gone=st.sets(st.integers(0, 11)))
def test_overlapping_finds_what_looking_at_each_window_finds(
    held: list[tuple[int, int]], asked: tuple[int, int], gone: set[int]
):
    """Windows that overlap one another, equal ones and removed ones included."""
    windows = Windows()
    for at, (start, length) in enumerate(held):
        windows.put(start, start + length, f"r{at}")
    for at in sorted(gone):
        windows.remove(f"r{at}")
    start, end = asked[0], asked[0] + asked[1]
    left = [Window(s, s + length, f"r{at}") for at, (s, length) in enumerate(held) if at not in gone]
    expected = sorted(each for each in left if any(each.start_ms <= t < each.end_ms for t in range(start, end)))
    assert windows.overlapping(start, end) == expected
    assert list(windows) == sorted(left)


def test_a_window_put_again_replaces_the_first():
    """An extension moves the end of the window that is there."""
    windows = Windows()
    windows.put(0, 10, "r")
    windows.put(0, 20, "r")
    assert list(windows) == [(0, 20, "r")]
    assert windows.overlapping(15, 16, but="r") == []
