"""Randomness keyed by identity."""

from sim.engine.randomness import Randomness


def test_the_same_seed_name_and_identity_give_the_same_draws() -> None:
    """On every supported Python, too: these numbers are part of what a seed means."""
    assert [Randomness(1).stream("plan", 7).random() for _ in range(2)] == [0.4242079066519695] * 2


def test_seed_name_and_identity_each_make_another_stream() -> None:
    """And they must not run into one another: stream 1 of seed 11 is not stream 11 of seed 1."""
    keys = [(1, "plan", 7), (2, "plan", 7), (1, "act", 7), (1, "plan", 8), (1, "plan", "")]
    keys += [(1, "1", 1), (11, "", 1), (1, "", 11), (1, "11", "")]
    assert len({Randomness(seed).stream(name, identity).random() for seed, name, identity in keys}) == len(keys)


def test_a_stream_does_not_depend_on_what_was_drawn_elsewhere() -> None:
    """One draw more in one place changes nothing in another."""
    randomness = Randomness(5)
    alone = randomness.stream("act", 3).random()
    for _ in range(10):
        randomness.stream("act", 2).random()
    assert randomness.stream("act", 3).random() == alone
