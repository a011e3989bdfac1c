"""The search for an order says what trying every order says, only sooner."""

from itertools import combinations, permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.audit.wing_gong import Call, Kind, search


def any_order(calls: list[Call]) -> bool:
    """Try every order of the answered calls and any choice of the others."""
    answered = [number for number, call in enumerate(calls) if call.end is not None]
    others = [number for number, call in enumerate(calls) if call.end is None]
    choices = [choice for count in range(len(others) + 1) for choice in combinations(others, count)]
    return any(explains(calls, order) for choice in choices for order in permutations([*answered, *choice]))


def explains(calls: list[Call], order: tuple[int, ...]) -> bool:
    for at, later in enumerate(order):
        if any((calls[earlier].start) > (calls[later].end or 10**9) for earlier in order[:at]):
            return False
    held: set[int] = set()
    done: set[int] = set()
    for number in order:
        call = calls[number]
        about = {other for other in range(len(calls)) if call.mask >> other & 1}
        if call.kind is Kind.RESERVE and held & about:
            return False
        if call.kind is Kind.REFUSED and not held & about:
            return False
        if call.kind is Kind.CANCEL and not done & about:
            return False
        held = held - about if call.kind is Kind.CANCEL else held
        held |= {number} if call.kind is Kind.RESERVE else set()
        done.add(number)
    return True


def drawn(rng: Random) -> list[Call]:
    count = rng.randrange(1, 7)
    times = rng.sample(range(100), 2 * count)
    kinds = [Kind.RESERVE, *(rng.choice(list(Kind)) for _ in range(count - 1))]
    windows = [(start, start + rng.randrange(1, 4)) for start in (rng.randrange(6) for _ in range(count))]
    reserves = [number for number, kind in enumerate(kinds) if kind is Kind.RESERVE]
    calls = []
    for number, kind in enumerate(kinds):
        start, end = sorted(times[2 * number : 2 * number + 2])
        (from_, to), others = windows[number], [other for other in reserves if other != number]
        clashes = [other for other in others if windows[other][0] < to and from_ < windows[other][1]]
        about = [rng.choice(reserves)] if kind is Kind.CANCEL else clashes
        calls.append(Call(kind, start, None if rng.random() < 0.2 else end, sum(1 << other for other in about)))
    return calls


@settings(max_examples=300, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_search_agrees_with_trying_everything(seed: int):
    """Its memory and its backtracking leave out nothing."""
    calls = drawn(Random(seed))
    explained, _ = search(calls, 100_000)
    assert explained is any_order(calls)


def test_the_draws_are_of_both_kinds():
    """Else the test above would prove little."""
    found = [any_order(drawn(Random(seed))) for seed in range(60)]
    assert {True, False} == set(found)


@pytest.mark.parametrize("steps", [0, 3])
def test_a_search_that_would_take_too_long_is_given_up(steps: int):
    """And says that it does not know."""
    calls = [Call(Kind.RESERVE, number, 100 + number, 0) for number in range(10)]
    assert search(calls, steps) == (None, steps)
    assert search(calls, 20) == (True, 10)


def test_nothing_is_explained_by_nothing():
    """No calls, no objection."""
    assert search([], 0) == (True, 0)
