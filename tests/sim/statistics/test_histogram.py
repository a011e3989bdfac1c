"""Percentiles of merged runs are those of all their values, never a mean of percentiles."""

import pytest
from hypothesis import given, strategies

from sim.measure.percentiles import percentile
from sim.statistics.histogram import ACCURACY, Histogram

VALUES = strategies.lists(strategies.one_of(strategies.just(0.0), strategies.floats(1e-9, 3e7)), min_size=1)


@given(strategies.lists(VALUES, min_size=1, max_size=5), strategies.floats(0.001, 1))
def test_a_merged_percentile_is_that_of_all_values_together(runs: list[list[float]], share: float) -> None:
    """To within a hundredth, whatever the values are and however they are spread over runs."""
    merged = Histogram.merged(map(Histogram, runs))
    together = sorted(value for run in runs for value in run)
    assert len(merged) == len(together)
    assert merged.percentile(share) == pytest.approx(percentile(together, share), rel=ACCURACY * 1.0001)
    assert merged.mean == pytest.approx(sum(together) / len(together))


@given(VALUES)
def test_written_down_and_read_it_is_the_same(values: list[float]) -> None:
    """A result that is kept in a file must not change."""
    kept = Histogram.from_json(Histogram(values).to_json())
    assert kept.to_json() == Histogram(values).to_json()


def test_a_mean_of_percentiles_would_be_something_else() -> None:
    """One quiet run and one busy one: the mean of their p99 is 505, and the p99 of all requests is 10."""
    quiet, busy = Histogram([10.0] * 10_000), Histogram([1_000.0] * 20)
    told = Histogram.merged([quiet, busy]).percentile(0.99)
    assert told == pytest.approx(10, rel=ACCURACY)


def test_of_nothing_there_is_no_percentile() -> None:
    """None, not 0: a cell in which nobody was served has no waiting."""
    assert (Histogram().percentile(0.5), Histogram().mean, len(Histogram())) == (None, None, 0)


@pytest.mark.parametrize("data", [{}, {"zeros": 1, "sum": 2, "buckets": 3}, {"zeros": "x", "sum": 2, "buckets": []}])
def test_what_is_no_histogram_is_refused(data: dict[str, object]) -> None:
    """A file may have been cut."""
    with pytest.raises((KeyError, TypeError)):
        Histogram.from_json(data)
