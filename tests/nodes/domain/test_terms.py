"""The ranges of the terms."""

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

from nodes.domain.terms import TERMS_RANGES, Terms


def test_the_defaults_are_what_the_docs_promise() -> None:
    """Clients of the seed contract never send terms, so these are theirs."""
    assert Terms() == Terms(
        cancel_until_s=0,
        early_start_s=900,
        no_show_s=900,
        late_stop_s=600,
        min_window_s=300,
        max_window_s=86_400,
        horizon_s=7_776_000,
    )


@pytest.mark.parametrize("name", list(TERMS_RANGES))
def test_both_ends_of_every_range_are_allowed_and_nothing_beyond(name: str) -> None:
    """The error names the field: the operator who wrote it is reading a file with many."""
    low, high = TERMS_RANGES[name]
    others: dict[str, int] = {"min_window_s": 1, "max_window_s": 30 * 86_400}
    for value in (low, high):
        if name == "max_window_s" and value == low:
            others["min_window_s"] = low
        assert getattr(Terms(**{**others, name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"^{name}: expected a whole number of seconds from {low} to {high}, got"):
            Terms(**{**others, name: value})


@pytest.mark.parametrize("value", [True, 900.0, "900", None, float("nan")])
def test_only_whole_numbers_are_seconds(value: Any) -> None:
    """A float would make times that are no whole milliseconds; True is 1 in Python and a mistake here."""
    with pytest.raises(ValueError, match=r"^no_show_s: "):
        Terms(no_show_s=value)


def test_the_shortest_window_is_not_longer_than_the_longest() -> None:
    """Else no window at all could be reserved, and every refusal would contradict the other."""
    assert Terms(min_window_s=600, max_window_s=600).min_window_s == 600
    with pytest.raises(ValueError, match=r"^min_window_s: 601 is more than max_window_s 600$"):
        Terms(min_window_s=601, max_window_s=600)


def test_terms_are_a_value() -> None:
    """They are shared by points and events; changing them in place would rewrite history."""
    with pytest.raises(FrozenInstanceError):
        Terms().no_show_s = 1  # type: ignore[misc]  # that it is refused is the test
