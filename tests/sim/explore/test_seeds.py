"""Ranges of seeds."""

import pytest

from sim.explore.errors import BadSeeds
from sim.explore.seeds import SEEDS_MAX, parse_seeds


@pytest.mark.parametrize(
    ("text", "seeds"), [("1..3", [1, 2, 3]), ("7", [7]), ("5..5", [5]), ("0..1", [0, 1]), (f"{2**63 - 1}", [2**63 - 1])]
)
def test_both_ends_are_included(text: str, seeds: list[int]) -> None:
    """Who asks for seed 200 of 1..200 must get it."""
    assert list(parse_seeds(text)) == seeds


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("9..3", "runs backwards; did you mean 3..9?"),
        ("-5..3", "expected A..B"),
        ("1...3", "expected A..B"),
        ("1-3", "expected A..B"),
        ("", "expected A..B"),
        ("1..", "expected A..B"),
        ("1..x", "expected A..B"),
        ("1.5", "expected A..B"),
        ("1..3\n", "expected A..B"),
        ("٣", "expected A..B"),
        (f"{2**63}", "expected numbers up to"),
        (f"1..{SEEDS_MAX + 1}", "expected at most 10,000,000 seeds, found 10,000,001"),
        ("9" * 400, "expected A..B"),
    ],
)
def test_what_is_no_range_is_said_in_a_short_line(text: str, words: str) -> None:
    """A slip of the pen must not start a million runs, nor none."""
    with pytest.raises(BadSeeds) as raised:
        parse_seeds(text)
    assert words in str(raised.value)
    assert str(raised.value).startswith("--seeds ")
    assert "\n" not in str(raised.value)
    assert len(str(raised.value)) < 200
