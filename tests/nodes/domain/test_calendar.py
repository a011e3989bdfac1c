"""The calendar against a plain list: same answers, and a tree that stays in balance and knows the truth."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.domain.calendar import Calendar, Entry
from tests.nodes.domain.naive_calendar import NaiveCalendar, check_tree

UNIVERSE_MS = 24
WISHES = st.tuples(st.integers(0, UNIVERSE_MS - 1), st.integers(1, 4), st.booleans())


def _both(wishes: list[tuple[int, int, bool]]) -> tuple[Calendar, NaiveCalendar]:
    """Add each wish that fits; one that does not fit removes what it hit, where it says so."""
    calendar, naive = Calendar(), NaiveCalendar()
    for start_ms, length_ms, remove in wishes:
        hit = naive.conflict(start_ms, start_ms + length_ms)
        if hit is None:
            name = f"r{start_ms}"
            calendar.add(start_ms, start_ms + length_ms, name)
            naive.add(start_ms, start_ms + length_ms, name)
        elif remove:
            calendar.remove(hit.start_ms)
            naive.remove(hit.start_ms)
        check_tree(calendar)
    return calendar, naive


@settings(deadline=None)
@given(st.lists(WISHES, max_size=40))
def test_holds_what_was_added_and_not_removed(wishes: list[tuple[int, int, bool]]) -> None:
    """A window that is lost is sold twice; one that stays blocks the point for ever."""
    calendar, naive = _both(wishes)
    assert list(calendar) == naive.entries
    assert len(calendar) == len(naive.entries)
    assert calendar.first() == (naive.entries[0] if naive.entries else None)


@settings(deadline=None)
@given(st.lists(WISHES, max_size=40))
def test_conflict_is_the_earliest_entry_that_shares_an_instant(wishes: list[tuple[int, int, bool]]) -> None:
    """This answer alone stands between two drivers and the same charger (P1)."""
    calendar, naive = _both(wishes)
    for start_ms in range(UNIVERSE_MS + 4):
        for end_ms in range(start_ms + 1, UNIVERSE_MS + 5):
            assert calendar.conflict(start_ms, end_ms) == naive.conflict(start_ms, end_ms)


@settings(deadline=None)
@given(st.lists(WISHES, max_size=40))
def test_next_free_is_the_earliest_window_that_is_long_enough(wishes: list[tuple[int, int, bool]]) -> None:
    """A refused driver is told this window, and takes it: too late a one wastes the point, a taken one wastes the driver."""
    calendar, naive = _both(wishes)
    for from_ms in range(UNIVERSE_MS + 4):
        for length_ms in range(1, UNIVERSE_MS + 4):
            window = calendar.next_free(from_ms, length_ms)
            assert tuple(window) == naive.next_free(from_ms, length_ms)
            assert calendar.conflict(*window) is None


@settings(deadline=None)
@given(st.lists(WISHES, max_size=40))
def test_next_start_and_entries_from_agree_with_a_scan(wishes: list[tuple[int, int, bool]]) -> None:
    """A walk-up's window ends at the next start, and the calendar page shows what ends after now."""
    calendar, naive = _both(wishes)
    for from_ms in range(UNIVERSE_MS + 5):
        assert calendar.next_start(from_ms) == naive.next_start(from_ms)
        assert list(calendar.entries_from(from_ms)) == naive.entries_from(from_ms)


@pytest.mark.parametrize("order", ["ascending", "descending", "inwards", "outwards", "shuffled"])
def test_stays_in_balance_for_every_order_of_adding_and_removing(order: str) -> None:
    """Drivers book mostly in order of time, which is what a tree without balance cannot bear."""
    starts = list(range(0, 1_200, 10))
    half = len(starts) // 2
    inwards = [start for pair in zip(starts[:half], reversed(starts[half:]), strict=True) for start in pair]
    shuffled = random.Random(7).sample(starts, len(starts))
    orders = {"ascending": starts, "descending": starts[::-1], "inwards": inwards, "outwards": inwards[::-1]}
    calendar, naive = Calendar(), NaiveCalendar()
    for start_ms in {**orders, "shuffled": shuffled}[order]:
        calendar.add(start_ms, start_ms + 3 + start_ms % 7, "r")
        naive.add(start_ms, start_ms + 3 + start_ms % 7, "r")
        check_tree(calendar)
    for start_ms in {**orders, "shuffled": shuffled[::-1]}[order]:
        calendar.remove(start_ms)
        naive.remove(start_ms)
        check_tree(calendar)
        for length_ms in (3, 8):
            assert tuple(calendar.next_free(start_ms, length_ms)) == naive.next_free(start_ms, length_ms)
    assert list(calendar) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 8, 100, 1_000])
def test_built_at_once_it_is_the_same_calendar(count: int) -> None:
    """A node that starts loads its calendars whole; from then on they must be as good as grown ones."""
    entries = [Entry(start_ms, start_ms + 3 + start_ms % 7, f"r{start_ms}") for start_ms in range(0, count * 10, 10)]
    calendar, naive = Calendar.from_sorted(entries), NaiveCalendar(entries)
    check_tree(calendar)
    assert list(calendar) == entries
    calendar.add(count * 10, count * 10 + 1, "new")
    naive.add(count * 10, count * 10 + 1, "new")
    for start_ms in range(0, count * 10, 50):
        calendar.remove(start_ms)
        naive.remove(start_ms)
        assert tuple(calendar.next_free(0, 9)) == naive.next_free(0, 9)
    check_tree(calendar)
    assert list(calendar) == naive.entries


@pytest.mark.parametrize("spans", [[(0, 5), (4, 9)], [(10, 20), (0, 5)], [(5, 5), (6, 7)], [(0, 1), (5, 5)], [(7, 3)]])
def test_what_could_not_be_added_cannot_be_built_either(spans: list[tuple[int, int]]) -> None:
    """Overlapping, unordered and empty windows break the tree in silence, the last one as much as the first."""
    with pytest.raises(AssertionError):
        Calendar.from_sorted([Entry(start_ms, end_ms, "r") for start_ms, end_ms in spans])


def test_knows_its_gaps_after_most_of_it_was_removed() -> None:
    """Removals move entries between nodes; a stale gap would hide free time until the node restarts."""
    rng, calendar, naive = random.Random(11), Calendar(), NaiveCalendar()
    for start_ms in range(0, 1_000, 5):
        calendar.add(start_ms, start_ms + 5, f"r{start_ms}")
        naive.add(start_ms, start_ms + 5, f"r{start_ms}")
    for removed, start_ms in enumerate(rng.sample(range(0, 1_000, 5), 190)):
        calendar.remove(start_ms)
        naive.remove(start_ms)
        check_tree(calendar)
        if removed % 20 == 0:
            for length_ms in (5, 10, 15, 40):
                assert tuple(calendar.next_free(0, length_ms)) == naive.next_free(0, length_ms)
    assert list(calendar) == naive.entries
    assert len(calendar) == 10


def test_windows_that_only_touch_do_not_conflict() -> None:
    """Windows are half-open: one driver may come at the very instant the other must go."""
    calendar = Calendar()
    calendar.add(10, 20, "middle")
    assert calendar.conflict(0, 10) is None
    assert calendar.conflict(20, 30) is None
    calendar.add(0, 10, "before")
    calendar.add(20, 30, "after")
    assert [entry.reservation_id for entry in calendar] == ["before", "middle", "after"]


@pytest.mark.parametrize("window", [(0, 11), (19, 30), (12, 13), (0, 40), (10, 20), (10, 11), (19, 20)])
def test_sharing_a_single_instant_is_a_conflict(window: tuple[int, int]) -> None:
    """One millisecond of overlap is a double booking all the same."""
    calendar = Calendar()
    calendar.add(10, 20, "middle")
    assert calendar.conflict(*window) == Entry(10, 20, "middle")


@pytest.mark.parametrize("window", [(5, 5), (7, 6)])
def test_an_empty_window_cannot_be_added(window: tuple[int, int]) -> None:
    """An empty window would overlap nothing and so break the order of the tree in silence."""
    calendar = Calendar()
    with pytest.raises(AssertionError, match="empty window"):
        calendar.add(*window, "r")
    assert len(calendar) == 0


def test_an_overlapping_window_cannot_be_added() -> None:
    """Should a rule above be wrong, the calendar still refuses to hold a double booking."""
    calendar = Calendar()
    calendar.add(10, 20, "first")
    with pytest.raises(AssertionError, match="second overlaps"):
        calendar.add(19, 29, "second")
    assert list(calendar) == [Entry(10, 20, "first")]


def test_removing_what_is_not_there_fails_and_changes_nothing() -> None:
    """A release that finds nothing is our own mistake, and must not shrink the count."""
    calendar = Calendar()
    calendar.add(10, 20, "only")
    with pytest.raises(AssertionError, match="no window starts at 11"):
        calendar.remove(11)
    assert len(calendar) == 1
    check_tree(calendar)


def test_an_empty_calendar_is_all_free() -> None:
    """Most points have no reservation most of the time."""
    calendar = Calendar()
    assert len(calendar) == 0
    assert calendar.first() is None
    assert calendar.conflict(0, 10**15) is None
    assert calendar.next_start(0) is None
    assert tuple(calendar.next_free(7, 5)) == (7, 12)
    assert list(calendar.entries_from(0)) == []
