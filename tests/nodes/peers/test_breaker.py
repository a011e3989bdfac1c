"""When a peer is left alone, and when it is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from nodes.peers.breaker import Breaker, BreakerState

FAILURES, PAUSE_S, PAUSE_S_MAX = 3, 1.0, 10.0


def new_breaker() -> Breaker:
    return Breaker(FAILURES, PAUSE_S, PAUSE_S_MAX)


def opened(now_s: float = 0.0) -> Breaker:
    """Return one that has opened at that time."""
    breaker = new_breaker()
    for _ in range(FAILURES):
        breaker.failed(breaker.begin(), now_s)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    """Not before: a network loses an answer or two."""
    breaker = new_breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(breaker.begin(), 5.0)
        assert (breaker.state(5.0), breaker.wait_s(5.0)) == (BreakerState.CLOSED, 0)
    breaker.failed(breaker.begin(), 5.0)
    assert (breaker.state(5.0), breaker.wait_s(5.0)) == (BreakerState.OPEN, PAUSE_S)
    assert (breaker.state(5.9), round(breaker.wait_s(5.9), 3)) == (BreakerState.OPEN, 0.1)
    assert breaker.opened == 1


def test_an_answer_in_between_begins_the_count_anew() -> None:
    """Half of the requests lost, for an hour, is a bad link and no dead peer."""
    breaker = new_breaker()
    for _ in range(100):
        for _ in range(FAILURES - 1):
            breaker.failed(breaker.begin(), 0.0)
        breaker.begin()
        breaker.answered()
    assert breaker.state(0.0) is BreakerState.CLOSED


def test_after_the_pause_one_request_goes_and_the_others_wait() -> None:
    """Were all let go, a thousand callers would wait for a peer that is still away."""
    breaker = opened()
    assert (breaker.state(PAUSE_S), breaker.wait_s(PAUSE_S)) == (BreakerState.HALF_OPEN, 0)
    breaker.begin()
    assert (breaker.state(PAUSE_S), breaker.wait_s(PAUSE_S)) == (BreakerState.HALF_OPEN, PAUSE_S)
    assert breaker.wait_s(100.0) == PAUSE_S


def test_word_that_the_peer_is_back_ends_the_pause_and_lets_one_request_go() -> None:
    """An owner that was restarted serves again; drivers should not wait for the end of a pause that grew while it was away."""
    breaker = opened()
    breaker.hopeful()
    assert (breaker.state(0.1), breaker.wait_s(0.1)) == (BreakerState.HALF_OPEN, 0)
    breaker.failed(breaker.begin(), 0.1)  # the word was wrong
    assert breaker.state(0.2) is BreakerState.OPEN


def test_word_that_the_peer_is_back_changes_nothing_where_nobody_waits() -> None:
    """A trial under way stays the only one, and who was never gone needs no trial."""
    closed, tried = new_breaker(), opened()
    tried.begin()
    closed.hopeful()
    tried.hopeful()
    assert closed.state(0.1) is BreakerState.CLOSED
    assert tried.wait_s(0.1) > 0


def test_an_answer_to_the_trial_closes_it_for_good() -> None:
    """Then it takes as many failures again to open it, and the pause is the first one."""
    breaker = opened()
    breaker.begin()
    breaker.answered()
    assert breaker.wait_s(PAUSE_S) == 0
    breaker.failed(breaker.begin(), 2.0)
    assert breaker.wait_s(2.0) == 0
    for _ in range(FAILURES - 1):
        breaker.failed(breaker.begin(), 2.0)
    assert breaker.wait_s(2.0) == PAUSE_S


def test_each_trial_that_fails_doubles_the_pause_up_to_the_longest() -> None:
    """A peer that is away for an hour costs one caller in ten seconds, and is found ten seconds after it is back."""
    breaker, now_s, pauses_s = opened(), 0.0, []
    for _ in range(6):
        pauses_s.append(breaker.wait_s(now_s))
        now_s += pauses_s[-1]
        breaker.failed(breaker.begin(), now_s)
    assert pauses_s == [1, 2, 4, 8, 10, 10]


def test_a_peer_may_be_away_for_as_long_as_it_likes() -> None:
    """A doubling that is only bounded afterwards is too large for a number after three hours."""
    breaker, now_s = opened(), 0.0
    for _ in range(5_000):
        now_s += breaker.wait_s(now_s)
        breaker.failed(breaker.begin(), now_s)
    assert breaker.wait_s(now_s) == PAUSE_S_MAX
    breaker.answered()
    assert breaker.wait_s(now_s) == 0


def test_a_trial_that_tells_nothing_makes_room_for_another() -> None:
    """Its caller left. Were its place kept, nobody would ever try again."""
    breaker = opened()
    breaker.abandoned(breaker.begin())
    assert breaker.wait_s(PAUSE_S) == 0
    assert breaker.state(PAUSE_S) is BreakerState.HALF_OPEN


def test_what_was_sent_before_it_opened_makes_no_pause_longer() -> None:
    """A hundred callers who waited together are one event and not a hundred."""
    breaker = new_breaker()
    together = [breaker.begin() for _ in range(100)]
    for turn in together:
        breaker.failed(turn, 5.0)
    assert breaker.wait_s(5.0) == PAUSE_S
    trial = breaker.begin()
    breaker.abandoned(together[0])
    assert breaker.wait_s(6.0) == PAUSE_S, "the trial is still under way"
    breaker.failed(trial, 6.0)
    assert breaker.wait_s(6.0) == 2 * PAUSE_S


def test_what_was_sent_before_the_last_answer_says_nothing() -> None:
    """The peer has answered since, so it is there."""
    breaker = new_breaker()
    together = [breaker.begin() for _ in range(100)]
    breaker.begin()
    breaker.answered()
    for turn in together:
        breaker.failed(turn, 5.0)
    assert breaker.state(5.0) is BreakerState.CLOSED


def test_a_late_answer_closes_it_too() -> None:
    """Whichever request it belongs to: the peer is there."""
    breaker = opened()
    breaker.answered()
    assert breaker.wait_s(0.0) == 0


STEPS = st.sampled_from(["ask", "answer", "fail", "abandon", "oldest fails", "wait"])


@given(st.lists(STEPS, max_size=60))
def test_whatever_happened_it_can_be_tried_again_within_the_longest_pause(steps: list[str]) -> None:
    """P8: as soon as nobody waits for it, no pause outlives the longest; and there is never more than one trial."""
    breaker, now_s, under_way = new_breaker(), 0.0, list[int]()
    for step in steps:
        trying = breaker.state(now_s) is not BreakerState.CLOSED
        if step == "wait":
            now_s += 0.7
        elif step == "ask" and breaker.wait_s(now_s) == 0:
            under_way.append(breaker.begin())
            assert not trying or breaker.wait_s(now_s) > 0, "a second trial"
        elif under_way and step in ("fail", "oldest fails"):
            breaker.failed(under_way.pop(0 if step == "oldest fails" else -1), now_s)
        elif under_way and step == "abandon":
            breaker.abandoned(under_way.pop())
        elif under_way and step == "answer":
            under_way.pop()
            breaker.answered()
        assert breaker.wait_s(now_s) <= PAUSE_S_MAX
    for turn in under_way:
        breaker.abandoned(turn)
    assert breaker.wait_s(now_s + PAUSE_S_MAX) == 0
