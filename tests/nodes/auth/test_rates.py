"""Token buckets: a burst, then the rate; a bounded number of them."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.auth.rates import Rate, Rates, address_name
from nodes.errors import TooManyRequests
from tests.nodes.manual_clock import ManualClock

RATE = Rate(per_s=2.0, burst=4)


def spent(rates: Rates, name: str, rate: Rate = RATE) -> int:
    """Ask until it is too often; return how often that was."""
    for count in range(1_000):
        try:
            rates.take(name, rate)
        except TooManyRequests:
            return count
    raise AssertionError("without end")


async def test_a_burst_is_served_and_then_the_rate() -> None:
    """Who never stops gets what the rate is, and no more; the refusal says when there is one again."""
    clock = ManualClock()
    rates = Rates(clock, 10)
    assert spent(rates, "ana") == 4
    with pytest.raises(TooManyRequests) as refused:
        rates.take("ana", RATE)
    assert refused.value.retry_after_s == 1
    await clock.advance(1)
    assert spent(rates, "ana") == 2
    await clock.advance(3600)
    assert spent(rates, "ana") == 4


def test_one_does_not_pay_for_another() -> None:
    """Each has their own."""
    rates = Rates(ManualClock(), 10)
    assert spent(rates, "ana") == 4
    assert spent(rates, "bob") == 4


def test_what_is_given_back_cost_nothing() -> None:
    """And no more than was taken comes back."""
    rates = Rates(ManualClock(), 10)
    for _ in range(100):
        rates.take("ana", RATE)
        rates.give_back("ana")
    rates.give_back("bob")
    assert (spent(rates, "ana"), spent(rates, "bob")) == (4, 4)


def test_the_number_of_buckets_is_bounded_and_who_asks_most_is_not_forgotten() -> None:
    """P10: an attacker with many addresses fills a table, not the memory; nor do they get away with it."""
    rates = Rates(ManualClock(), 3)
    for number in range(100):
        rates.take(f"a{number}", RATE)
        with suppress(TooManyRequests):
            rates.take("eve", RATE)
    assert len(rates) == 3
    with pytest.raises(TooManyRequests):
        rates.take("eve", RATE)


@given(
    st.lists(st.floats(min_value=0, max_value=3), max_size=60),
    st.floats(min_value=0.1, max_value=50),
    st.integers(1, 20),
)
async def test_never_more_than_burst_and_rate_allow(pauses_s: list[float], per_s: float, burst: int) -> None:
    """Over any span from the beginning, whatever the pattern."""
    clock, served, passed_s = ManualClock(), 0, 0.0
    rates = Rates(clock, 10)
    for pause_s in pauses_s:
        await clock.advance(pause_s)
        passed_s += pause_s
        try:
            rates.take("ana", Rate(per_s, burst))
            served += 1
        except TooManyRequests:
            pass
        assert served <= burst + per_s * passed_s + 1e-6


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1%eth0", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("vehicle", "vehicle"),
    ],
)
def test_an_address_counts_as_whose_it_is(host: str, name: str) -> None:
    """One IPv6 customer has as many addresses as they like, of one network."""
    assert address_name(host) == name
