"""A violation as people read it, whatever the audit puts into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

_TITLES = ("title", "message", "text", "summary", "check")
_STORIES = ("story", "lines", "steps")
_LINES_MAX = 40
"""Longer stories are cut here; ``report.json`` holds all of it."""
_LINE_MAX = 400


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, shortest first."""

    title: str
    lines: list[str]


def story_of(violation: Any) -> Story:
    """Return the story of a violation. What has no title or story of its own is shown member by member."""
    if not isinstance(violation, Mapping):
        return Story(_short(_text(violation)), [])
    title_key = next((key for key in _TITLES if violation.get(key)), None)
    story_key = next((key for key in _STORIES if violation.get(key)), None)
    title = "Violation" if title_key is None else _text(violation[title_key])
    lines = _lines(violation[story_key]) if story_key is not None else _members(violation, title_key)
    if lines and title in lines[0]:
        lines = lines[1:]
    return Story(_short(title), [_short(line) for line in _cut(lines)])


def _lines(story: Any) -> list[str]:
    if isinstance(story, str):
        return story.splitlines()
    return [_text(line) for line in story] if isinstance(story, list | tuple) else [_text(story)]


def _members(violation: Mapping[str, Any], title_key: str | None) -> list[str]:
    lines: list[str] = []
    for key, value in violation.items():
        if key == title_key or value in (None, [], {}, ""):
            continue
        lines += [f"{key}: {_text(item)}" for item in (value if isinstance(value, list) else [value])]
    return lines


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _cut(lines: list[str]) -> list[str]:
    if len(lines) <= _LINES_MAX:
        return lines
    return [*lines[:_LINES_MAX], f"… and {len(lines) - _LINES_MAX} more lines, in report.json"]


def _short(line: str) -> str:
    return line if len(line) <= _LINE_MAX else line[: _LINE_MAX - 1] + "…"
