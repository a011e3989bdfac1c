"""What ``Rng`` and ``Buggify`` promise: jitter that is spread, and no mischief but where and when it is wanted."""

import random
from collections.abc import Callable

import pytest

from nodes.buggify import PLACES, never
from nodes.ports import Buggify, Rng
from sim.engine.randomness import Randomness
from sim.worlds.virtual.mischief import Mischief

RNGS: dict[str, Callable[[], Rng]] = {
    "live": random.Random,
    "virtual": lambda: Randomness(1).stream("jitter", "server1/1"),
}
BUGGIFIES: dict[str, Callable[[], Buggify]] = {
    "live": lambda: never,
    "virtual, nowhere": lambda: Mischief([], random.Random(1)),
    "virtual, everywhere": lambda: Mischief(list(PLACES), random.Random(1)),
}


@pytest.mark.parametrize("new", RNGS.values(), ids=RNGS.keys())
def test_numbers_are_spread_over_zero_to_one(new: Callable[[], Rng]) -> None:
    """Jitter that is always the same lets everybody come back at once."""
    rng = new()
    drawn = [rng.random() for _ in range(2_000)]
    assert all(0 <= number < 1 for number in drawn)
    tenths = [sum(1 for number in drawn if int(10 * number) == tenth) for tenth in range(10)]
    assert min(tenths) > 120


@pytest.mark.parametrize("new", BUGGIFIES.values(), ids=BUGGIFIES.keys())
def test_a_place_misbehaves_now_and_then_or_never(new: Callable[[], Buggify]) -> None:
    """What always misbehaves would make no progress."""
    buggify = new()
    for place in PLACES:
        shares = sum(buggify(place) for _ in range(1_000)) / 1_000
        assert shares == 0 or 0.15 < shares < 0.35


def test_only_the_chosen_places_misbehave_until_it_is_over() -> None:
    """A seed's choice is its own; the liveness phase is free of mischief. What happened is counted."""
    chosen, other = list(PLACES)[:2]
    mischief = Mischief([chosen], random.Random(1))
    happened = sum(mischief(chosen) for _ in range(100))
    assert happened > 0
    assert not any(mischief(other) for _ in range(100))
    mischief.is_over = True
    assert not any(mischief(chosen) for _ in range(100))
    assert mischief.counts == {chosen: happened}
