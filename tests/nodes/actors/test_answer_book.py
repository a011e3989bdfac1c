"""Kept answers: what is in memory, what is only on disk, and what is forgotten when."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.actors import answer_book
from nodes.actors.answer_book import AnswerBook
from nodes.config import Limits
from nodes.records import Answer, Kept

DAY_MS = 86_400_000
NOW = 1_000_000_000_000


def kept(key: str, at_ms: int = NOW) -> Kept:
    return Kept(key, f"fingerprint of {key}", Answer(200, key.encode()), at_ms)


class Bench:
    """A book whose disk has written the segments up to ``durable``."""

    def __init__(self, **limits: int) -> None:
        self.durable = 0
        self.book = AnswerBook(Limits(**limits), lambda segment: segment <= self.durable)

    def remember(self, key: str, segment: int = 0, at_ms: int = NOW) -> None:
        self.book.remember(kept(key, at_ms), segment, at_ms)


def test_an_answer_stands_for_its_retention_and_not_a_millisecond_longer() -> None:
    """The bound is published: 24 hours from the first use."""
    bench = Bench()
    bench.remember("k")
    found = bench.book.find("k", NOW + DAY_MS - 1)
    assert found is not None
    assert found.kept.answer.body == b"k"
    assert bench.book.find("k", NOW + DAY_MS) is None
    assert not bench.book.is_valid(kept("k"), NOW + DAY_MS)
    assert not bench.book.may_be_stored("k", NOW + DAY_MS), "the newest answer is the expired one: no need to read"


def test_a_key_used_again_after_its_time_begins_a_new_day() -> None:
    """The new answer replaces the old one, and is the last to leave memory."""
    bench = Bench(answers_recent=2)
    bench.remember("k")
    bench.remember("other", at_ms=NOW + DAY_MS)
    bench.remember("k", at_ms=NOW + DAY_MS)
    assert bench.book.find("k", NOW + 2 * DAY_MS - 1) is not None
    bench.remember("more", at_ms=NOW + DAY_MS)
    assert bench.book.find("k", NOW + DAY_MS) is not None
    assert bench.book.find("other", NOW + DAY_MS) is None


def test_memory_holds_so_many_answers_and_the_oldest_leave_first() -> None:
    """P10; and whoever asks for one that left is sent to the store."""
    bench = Bench(answers_recent=3)
    for number in range(10):
        bench.remember(f"k{number}")
    assert len(bench.book) == 3
    assert bench.book.evicted == 7
    assert [bench.book.find(f"k{number}", NOW) is not None for number in (6, 7, 9)] == [False, True, True]
    assert bench.book.may_be_stored("k6", NOW)
    assert not bench.book.may_be_stored("k7", NOW)


def test_what_is_not_on_disk_stays_in_memory() -> None:
    """Between memory and fsync nobody else has the answer: leaving then, a repeat would be done twice."""
    bench = Bench(answers_recent=1)
    for number in range(1, 6):
        bench.remember(f"k{number}", segment=number)
    assert len(bench.book) == 5
    bench.durable = 3
    bench.remember("k6", segment=6)
    assert [number for number in range(1, 7) if bench.book.find(f"k{number}", NOW)] == [4, 5, 6]


def test_a_new_key_costs_no_read_and_an_old_one_does() -> None:
    """Nearly all keys are new; reading the disk for each would halve the throughput."""
    bench = Bench()
    bench.book.recover(["yesterday"], NOW)
    assert bench.book.may_be_stored("yesterday", NOW)
    assert not bench.book.may_be_stored("new", NOW)


def test_keys_are_known_at_least_as_long_as_their_answers_stand() -> None:
    """The two generations of hashes must not forget a key whose answer is still valid, at any phase."""
    for phase in (0, DAY_MS // 2, DAY_MS - 1, DAY_MS):
        bench = Bench(answers_recent=1)
        bench.remember("first", at_ms=NOW)
        bench.remember("k", at_ms=NOW + phase)
        for step in range(1, 25):
            bench.remember(f"hour {step}", at_ms=NOW + phase + step * (DAY_MS // 24) - 1)
        assert bench.book.may_be_stored("k", NOW + phase + DAY_MS - 1), phase


def test_hashes_of_dead_keys_are_dropped() -> None:
    """P10: a node that runs for a year must not remember a year's keys."""
    bench = Bench(answers_recent=1)
    bench.remember("k")
    for day in range(1, 4):
        bench.remember(f"day {day}", at_ms=NOW + day * DAY_MS)
    assert not bench.book.may_be_stored("k", NOW + 3 * DAY_MS)


def test_beyond_the_known_keys_every_key_is_looked_up_for_a_day() -> None:
    """Slower, never wrong: a hash that was dropped must not make a used key look new."""
    bench = Bench(answers_recent=1, keys_known=3)
    for number in range(4):
        bench.remember(f"k{number}")
    assert bench.book.may_be_stored("k0", NOW + DAY_MS - 1)
    assert bench.book.may_be_stored("never used", NOW)
    assert not bench.book.may_be_stored("never used", NOW + DAY_MS)


def test_only_a_key_that_left_must_be_looked_up_again() -> None:
    """With memory full each request makes one leave: sending all others back would end in 503 for most of a burst."""
    bench = Bench(answers_recent=2)
    for key in "abc":
        bench.remember(key)
    since = bench.book.evicted
    bench.remember("d")
    assert bench.book.may_have_left("b", since)
    assert not bench.book.may_have_left("a", since), "it had left before, and was looked up"
    assert not bench.book.may_have_left("new", since)
    assert not bench.book.may_have_left("d", since)


def test_a_wait_longer_than_the_list_of_leavers_is_looked_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is bounded: what it no longer says, it must not deny."""
    monkeypatch.setattr(answer_book, "_LEFT_MAX", 3)
    bench = Bench(answers_recent=1)
    bench.remember("k")
    since = bench.book.evicted
    for number in range(6):
        bench.remember(f"o{number}")
    assert bench.book.may_have_left("k", since)
    assert not bench.book.may_have_left("new", bench.book.evicted - 3)
    assert len(bench.book._left) == 3


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 30)), max_size=40), st.integers(1, 4))
def test_a_used_key_is_found_in_memory_or_looked_up(uses: list[tuple[str, int]], recent: int) -> None:
    """P4 against the naive model: no valid answer is ever overlooked, whatever left memory and whenever."""
    bench, truth, now_ms = Bench(answers_recent=recent, keys_known=4), {}, NOW
    for key, hours in uses:
        now_ms += hours * DAY_MS // 24
        used_ms = truth.get(key)
        if used_ms is not None and now_ms < used_ms + DAY_MS:
            entry = bench.book.find(key, now_ms)
            assert entry is not None or bench.book.may_be_stored(key, now_ms)
            assert entry is None or entry.kept.created_ms == used_ms
        else:
            assert bench.book.find(key, now_ms) is None
            bench.remember(key, at_ms=now_ms)
            truth[key] = now_ms
