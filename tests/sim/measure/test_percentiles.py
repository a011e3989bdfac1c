from math import inf, log10

from hypothesis import given
from hypothesis import strategies as st

from sim.measure.percentiles import curve, percentile

VALUES = st.lists(st.integers(0, 10**9), min_size=1, max_size=300).map(sorted)


@given(VALUES, st.floats(0, 1))
def test_a_percentile_is_the_least_value_that_enough_values_do_not_exceed(values: list[int], share: float) -> None:
    """Compared with the definition, word for word; a reader may hold a system to these numbers."""
    enough = [value for value in values if sum(other <= value for other in values) >= share * len(values) - 1e-9]
    assert percentile(values, share) == enough[0]


def test_percentiles_of_a_thousand_are_where_everyone_expects_them() -> None:
    values = list(range(1, 1_001))
    found = [percentile(values, share) for share in (0, 0.5, 0.9, 0.99, 0.999, 1)]
    assert found == [1, 500, 900, 990, 999, 1_000]


def test_one_value_is_every_percentile() -> None:
    assert {percentile([7], share) for share in (0, 0.5, 0.999, 1)} == {7}


@given(VALUES)
def test_a_curve_rises_to_the_largest_value(values: list[int]) -> None:
    """A curve that falls, or ends below the slowest request, would hide it."""
    found = curve(values)
    assert found == sorted(found)
    assert found[-1] == (1.0, values[-1])
    assert all(percentile(values, share) == value for share, value in found)


@given(VALUES)
def test_a_curve_says_nothing_finer_than_there_are_values(values: list[int]) -> None:
    """99.99 % of ten requests is no figure."""
    shares = [share for share, _ in curve(values)[:-1]]
    assert all(-log10(1 - share) <= log10(len(values)) + 1e-9 for share in shares)
    assert len(shares) <= 10 * log10(len(values) or inf) + 1
