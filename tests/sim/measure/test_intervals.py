from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.measure.intervals import Interval, clipped, covering_grid, length, on_grid, overlaps, union

INTERVALS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: (pair[0], sum(pair))), max_size=9
)


def _moments(intervals: list[Interval]) -> list[int]:
    return [at for begin, end in intervals for at in range(begin, end)]


@given(INTERVALS)
def test_the_union_covers_what_any_interval_covers_once(intervals: list[Interval]) -> None:
    assert _moments(union(intervals)) == sorted(set(_moments(intervals)))


@given(INTERVALS)
def test_overlaps_are_the_moments_that_two_intervals_share(intervals: list[Interval]) -> None:
    """This marks a double booking in the picture: no more, no less than there was."""
    every = _moments(intervals)
    assert _moments(overlaps(intervals)) == sorted({at for at in every if every.count(at) > 1})


@given(INTERVALS, st.integers(0, 40), st.integers(1, 40))
def test_clipping_keeps_what_lies_within(intervals: list[Interval], low: int, width: int) -> None:
    within = [at for at in _moments(intervals) if low <= at < low + width]
    assert sorted(_moments(clipped(intervals, (low, low + width)))) == sorted(within)
    assert length(clipped(intervals, (low, low + width))) == len(within)


@given(INTERVALS, st.integers(1, 7))
def test_on_a_grid_neighbours_stay_neighbours(intervals: list[Interval], step: int) -> None:
    """Two reservations back to back must not overlap in the picture."""
    separate = union(intervals)
    drawn = on_grid(separate, 0, step)
    assert all(before[1] <= after[0] for before, after in pairwise(drawn))


def test_a_grid_step_that_is_touched_is_covered() -> None:
    """A conflict of a millisecond is a conflict, and must be seen."""
    assert covering_grid([(1_999, 2_001)], 0, 1_000) == [(1, 3)]
    assert on_grid([(1_999, 2_001)], 0, 1_000) == []
