"""How much work the calendar does, counted in comparisons of times and never in seconds.

Between 100 and 10,000 windows a logarithm doubles, a square root grows tenfold and a scan a hundredfold.
"""

import math
import random
from collections.abc import Callable
from functools import cache

import pytest

from nodes.domain.calendar import Calendar

SMALL, LARGE = 100, 10_000
STRIDE_MS = 10
Question = Callable[[Calendar, int], object]


class CountedTime(int):
    """A time that counts how often it is compared."""

    __slots__ = ()
    comparisons = 0

    def __lt__(self, other: int) -> bool:
        CountedTime.comparisons += 1
        return int(self) < int(other)

    def __le__(self, other: int) -> bool:
        CountedTime.comparisons += 1
        return int(self) <= int(other)

    def __gt__(self, other: int) -> bool:
        CountedTime.comparisons += 1
        return int(self) > int(other)

    def __ge__(self, other: int) -> bool:
        CountedTime.comparisons += 1
        return int(self) >= int(other)

    def __add__(self, other: int) -> "CountedTime":
        return CountedTime(int(self) + int(other))

    def __sub__(self, other: int) -> "CountedTime":
        return CountedTime(int(self) - int(other))


@cache
def _calendar(count: int, *, wide_gap_after: int | None = None) -> Calendar:
    """Return windows of 8 ms every 10 ms, added in no order; a wide gap follows one of them where asked.

    It is kept for the next test: every question leaves it as it was.
    """
    calendar = Calendar()
    starts = [STRIDE_MS * turn for turn in range(count)]
    if wide_gap_after is not None:
        starts = [start + (1000 if turn > wide_gap_after else 0) for turn, start in enumerate(starts)]
    for start_ms in random.Random(count).sample(starts, count):
        calendar.add(CountedTime(start_ms), CountedTime(start_ms + 8), f"r{start_ms}")
    return calendar


def _most_work(calendar: Calendar, question: Question) -> int:
    """Return the comparisons of the costliest of 200 times spread over the calendar and a little beyond."""
    last_ms = max(entry.end_ms for entry in calendar)
    most = 0
    for turn in range(-2, 203):
        asked_ms = last_ms * turn // 200
        CountedTime.comparisons = 0
        question(calendar, asked_ms)
        most = max(most, CountedTime.comparisons)
    return most


def _conflict(calendar: Calendar, time_ms: int) -> object:
    return calendar.conflict(CountedTime(time_ms), CountedTime(time_ms + 5))


def _conflict_with_all(calendar: Calendar, time_ms: int) -> object:
    return calendar.conflict(CountedTime(time_ms), CountedTime(10**9))


def _conflict_in_a_gap(calendar: Calendar, time_ms: int) -> object:
    gap_ms = time_ms // STRIDE_MS * STRIDE_MS + 8
    return calendar.conflict(CountedTime(gap_ms), CountedTime(gap_ms + 2))


def _next_free_short(calendar: Calendar, time_ms: int) -> object:
    return calendar.next_free(CountedTime(time_ms), CountedTime(2))


def _next_free_long(calendar: Calendar, time_ms: int) -> object:
    return calendar.next_free(CountedTime(time_ms), CountedTime(500))


def _next_start(calendar: Calendar, time_ms: int) -> object:
    return calendar.next_start(CountedTime(time_ms))


def _first_entry_from(calendar: Calendar, time_ms: int) -> object:
    return next(calendar.entries_from(CountedTime(time_ms)), None)


def _add_and_remove(calendar: Calendar, time_ms: int) -> object:
    gap_ms = time_ms // STRIDE_MS * STRIDE_MS + 8
    if calendar.conflict(CountedTime(gap_ms), CountedTime(gap_ms + 2)) is None:
        calendar.add(CountedTime(gap_ms), CountedTime(gap_ms + 2), "new")
        calendar.remove(CountedTime(gap_ms))
    return None


QUESTIONS: list[Question] = [
    _conflict,
    _conflict_with_all,
    _conflict_in_a_gap,
    _next_free_short,
    _next_free_long,
    _next_start,
    _first_entry_from,
    _add_and_remove,
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_work_grows_like_the_logarithm(question: Question) -> None:
    """A popular point holds thousands of windows, and every request asks its calendar: a scan would stall the node."""
    small, large = _most_work(_calendar(SMALL), question), _most_work(_calendar(LARGE), question)
    assert small >= math.log2(SMALL) / 2, "the counter saw no work"
    assert large <= 3 * small


@pytest.mark.parametrize("where", ["first", "middle", "last", "nowhere"])
def test_the_only_long_gap_is_found_without_looking_at_the_short_ones(where: str) -> None:
    """The nasty case: thousands of gaps, all too short but one; this is what a refused driver's next free window costs."""
    most = []
    for count in (SMALL, LARGE):
        after = {"first": 0, "middle": count // 2, "last": count - 2, "nowhere": None}[where]
        calendar = _calendar(count, wide_gap_after=after)
        assert calendar.next_free(0, 500).start_ms == (STRIDE_MS * (count - 1 if after is None else after) + 8)
        most.append(_most_work(calendar, _next_free_long))
    assert most[0] >= math.log2(SMALL) / 2, "the counter saw no work"
    assert most[1] <= 3 * most[0]


def test_the_work_of_each_question_is_a_few_comparisons_per_level() -> None:
    """The constants matter too: a level costs a handful of comparisons, not dozens."""
    calendar = _calendar(LARGE)
    levels = 1.44 * math.log2(LARGE + 2)
    most = {question.__name__: _most_work(calendar, question) for question in QUESTIONS}
    assert max(most["_conflict"], most["_conflict_with_all"], most["_conflict_in_a_gap"]) <= 2 * levels
    assert max(most["_next_start"], most["_first_entry_from"]) <= levels
    assert max(most["_next_free_short"], most["_next_free_long"]) <= 9 * levels
    assert most["_add_and_remove"] <= 14 * levels


def test_a_scan_would_be_seen() -> None:
    """The counter itself is on trial: looking at every entry must cost at least one comparison for each."""
    calendar = _calendar(SMALL)
    CountedTime.comparisons = 0
    assert min(entry.start_ms for entry in calendar if entry.end_ms > CountedTime(0)) == 0
    assert CountedTime.comparisons >= SMALL
