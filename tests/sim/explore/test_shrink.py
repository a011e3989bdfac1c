"""Shrinking, against oracles that are plain functions."""

from collections.abc import Callable, Sequence

from sim.explore import simpler
from sim.explore.shrink import OutOfTries, Shrinker
from sim.history import Json
from tests.sim.explore.scenarios import FAULTS, TINY

LARGE: Json = simpler.with_faults(TINY, FAULTS) | {"fleet": TINY["fleet"] | {"vehicles": 120}}


class Oracle:
    """Fails where a condition holds; remembers what it was asked."""

    def __init__(self, fails: Callable[[Json], bool]) -> None:
        self._fails = fails
        self.asked: list[Json] = []

    def __call__(self, candidates: Sequence[Json]) -> int | None:
        for place, data in enumerate(candidates):
            self.asked.append(data)
            if self._fails(data):
                return place
        return None


def needs(vehicles: set[int], fault: str | None, end_s: float) -> Callable[[Json], bool]:
    """Return what fails if these vehicles, a fault of that kind, a shuffle and so much time are there."""

    def fails(data: Json) -> bool:
        kinds = [each["kind"] for each in simpler.faults_of(data)]
        return (
            vehicles <= set(simpler.vehicles_of(data))
            and (fault is None or fault in kinds)
            and "shuffle" in simpler.settings_of(data)
            and data["time"]["duration_s"] >= end_s
        )

    return fails


def test_what_is_left_is_what_it_takes() -> None:
    """Of 120 vehicles, 3 faults and ten minutes the two vehicles, the crash and the shuffle that matter."""
    oracle = Oracle(needs({17, 90}, "crash", 200))
    shrinker = Shrinker(LARGE, oracle)
    smallest = shrinker.shrink()
    assert simpler.vehicles_of(smallest) == [17, 90]
    assert [fault["kind"] for fault in simpler.faults_of(smallest)] == ["crash"]
    assert simpler.settings_of(smallest) == ["shuffle"]
    assert 200 <= smallest["time"]["duration_s"] < 230
    assert smallest["time"]["drain_s"] == 0
    assert shrinker.tries == len(oracle.asked) < 120


def test_nothing_is_tried_twice() -> None:
    """A try is a run."""
    oracle = Oracle(needs({3}, None, 0))
    Shrinker(LARGE, oracle).shrink(lambda: [[3], [3, 4]])
    asked = [repr(data) for data in oracle.asked]
    assert len(set(asked)) == len(asked)
    assert repr(LARGE) not in asked


def test_suspects_are_tried_first_and_cost_little_if_innocent() -> None:
    """Whoever is named by the violation is nearly always all that it takes."""
    oracle = Oracle(needs({5, 6}, None, 0))
    Shrinker(LARGE, oracle).shrink(lambda: [[6, 5]])
    assert [5, 6] in [simpler.vehicles_of(data) for data in oracle.asked[: len(simpler.guesses(LARGE)) + 1]]
    innocent = Shrinker(LARGE, Oracle(needs({5, 6}, None, 0)))
    assert simpler.vehicles_of(innocent.shrink(lambda: [[1], [2, 3]])) == [5, 6]


def test_out_of_tries_the_smallest_so_far_is_what_there_is() -> None:
    """A bounded number of runs, and a result in any case; what is returned has been seen to fail."""
    fails = needs({17, 90}, "crash", 200)
    for tries_max in (0, 1, 5, 20):
        oracle = Oracle(fails)
        shrinker = Shrinker(LARGE, oracle, tries_max)
        assert fails(shrinker.shrink())
        assert len(oracle.asked) == shrinker.tries <= tries_max


def test_out_of_time_too() -> None:
    """The oracle says when."""

    def impatient(_: Sequence[Json]) -> int | None:
        raise OutOfTries

    assert Shrinker(LARGE, impatient).shrink() == LARGE


def test_a_failure_that_needs_everything_is_left_as_it_is() -> None:
    """Nothing smaller fails: the scenario itself is the smallest."""
    assert Shrinker(LARGE, Oracle(lambda _: False)).shrink(lambda: [[1]]) == LARGE
