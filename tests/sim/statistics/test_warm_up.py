"""What is cut off at the beginning of a run."""

from random import Random

from sim.statistics.warm_up import mser5


def noise(count: int, seed: int, level: float = 0.0) -> list[float]:
    rng = Random(seed)
    return [level + rng.gauss(0, 1) for _ in range(count)]


def test_a_transient_is_cut_off_and_little_more() -> None:
    """Fifty values that begin far away and come nearer."""
    cuts: list[int] = []
    for seed in range(20):
        rise = [-20 * (1 - at / 50) + value for at, value in enumerate(noise(50, seed))]
        cut = mser5(rise + noise(450, seed + 100))
        assert cut is not None
        cuts.append(cut)
    assert min(cuts) >= 30
    assert sorted(cuts)[14] <= 100, "noise moves some of them further"
    assert all(cut % 5 == 0 for cut in cuts)


def test_of_a_settled_series_little_is_lost() -> None:
    """Nothing has to be cut off a series that is settled from its first value."""
    cuts = [mser5(noise(500, seed)) for seed in range(40)]
    assert sum(cut is not None and cut <= 100 for cut in cuts) >= 32


def test_the_criterion_is_the_published_one() -> None:
    """The least of sum of squares / (count)^2 over what is kept, found the long way."""
    series = [10.0] * 25 + noise(275, 3)
    means = [sum(series[at : at + 5]) / 5 for at in range(0, 300, 5)]

    def criterion(cut: int) -> float:
        kept = means[cut:]
        middle = sum(kept) / len(kept)
        return sum((value - middle) ** 2 for value in kept) / len(kept) ** 2

    best = min(range(len(means) - 4), key=criterion)
    assert mser5(series) == 5 * best >= 25


def test_what_never_settles_is_said_so() -> None:
    """A queue that grows without end has no steady state to be measured."""
    assert mser5([float(at) for at in range(500)]) is None


def test_a_short_series_says_nothing() -> None:
    """Nine batches are noise."""
    assert mser5(noise(49, 1)) is None


def test_a_constant_series_is_settled_from_the_beginning() -> None:
    """Nothing is cut off for nothing."""
    assert mser5([3.0] * 200) == 0
    assert mser5([1e9 + 0.1] * 200) == 0
