"""Violations, whatever the audit puts into them."""

from typing import Any

import pytest

from sim.report.stories import story_of


@pytest.mark.parametrize(
    ("violation", "title", "lines"),
    [
        ("text only", "text only", []),
        ({"message": "m", "story": ["a", "b"]}, "m", ["a", "b"]),
        ({"message": "m", "story": ["P1 check: m", "b"]}, "m", ["b"]),
        ({"title": "t", "story": "one\ntwo"}, "t", ["one", "two"]),
        ({"message": "m", "rows": [{"id": 1}, "x"], "point": None, "events": []}, "m", ['rows: {"id":1}', "rows: x"]),
        ({"odd": 1}, "Violation", ["odd: 1"]),
        ({}, "Violation", []),
        (17, "17", []),
    ],
)
def test_a_violation_has_a_title_and_a_story(violation: Any, title: str, lines: list[str]) -> None:
    """The report must show a violation even if the audit learns to tell it otherwise."""
    story = story_of(violation)
    assert (story.title, story.lines) == (title, lines)


def test_a_long_story_is_cut_and_says_so() -> None:
    story = story_of({"message": "x" * 1_000, "story": [str(number) for number in range(100)]})
    assert len(story.title) == 400
    assert story.lines[-1] == "… and 60 more lines, in report.json"
    assert len(story.lines) == 41
