"""Delta debugging, against what can be computed by trying everything."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from sim.explore.ddmin import ddmin


class Counting:
    """Fails when all of ``needed`` are there; counts how often it was asked."""

    def __init__(self, needed: set[int]) -> None:
        self.needed = needed
        self.asked: list[list[int]] = []

    def __call__(self, candidates: Sequence[list[int]]) -> int | None:
        for place, candidate in enumerate(candidates):
            self.asked.append(candidate)
            if self.needed <= set(candidate):
                return place
        return None


@given(st.sets(st.integers(0, 60), max_size=5), st.integers(61, 80))
def test_what_has_to_be_there_together_is_all_that_is_left(needed: set[int], size: int) -> None:
    """A failure that takes certain vehicles is shrunk to these, in their order."""
    assert ddmin(range(size), Counting(needed)) == sorted(needed)


@given(st.lists(st.frozensets(st.integers(0, 15), min_size=1, max_size=4), min_size=1, max_size=4))
def test_no_single_item_can_be_left_out_of_what_is_left(causes: list[frozenset[int]]) -> None:
    """Also where there are several causes, so that leaving out parts of one does not help."""

    def fails(candidate: Sequence[int]) -> bool:
        return any(cause <= set(candidate) for cause in causes)

    def first(candidates: Sequence[list[int]]) -> int | None:
        return next((place for place, each in enumerate(candidates) if fails(each)), None)

    left = ddmin(range(16), first)
    assert fails(left)
    assert not any(fails([item for item in left if item != out]) for out in left)


def test_what_fails_with_nothing_at_all_is_asked_for_first() -> None:
    """Most failures take no fault at all: one try tells."""
    oracle = Counting(set())
    assert ddmin(range(1000), oracle) == []
    assert oracle.asked == [[]]
    assert ddmin([], oracle) == []


def test_one_of_a_thousand_is_found_in_few_tries() -> None:
    """Each try is a run."""
    oracle = Counting({617})
    ddmin(range(1000), oracle)
    assert len(oracle.asked) < 25
