"""The time a suspect gets, by the published formulae."""

import pytest

from nodes.config import Limits
from nodes.membership.suspicion import confirmations_wanted, suspicion_s

LIMITS = Limits(probe_interval_ms=1_000, suspicion_mult=4, suspicion_max_mult=6)


@pytest.mark.parametrize(("nodes", "seconds"), [(1, 4.0), (2, 4.0), (3, 4.0)])
def test_in_a_small_network_nobody_waits_for_confirmations(nodes: int, seconds: float) -> None:
    """There is nobody who could confirm."""
    assert confirmations_wanted(nodes, LIMITS) == 0
    assert suspicion_s(nodes, 0, LIMITS) == seconds


def test_confirmations_bring_the_wait_from_its_longest_to_its_shortest() -> None:
    """By their logarithm: the first counts most."""
    waits = [suspicion_s(10, confirmations, LIMITS) for confirmations in range(4)]
    assert waits[0] == pytest.approx(24.0)
    assert waits[1] == pytest.approx(24.0 - 20.0 * 0.6309, abs=0.01)
    assert waits[2:] == [4.0, 4.0]


def test_a_larger_network_waits_longer() -> None:
    """News needs more hops to cross it, and back."""
    assert suspicion_s(1_000, 2, LIMITS) == pytest.approx(12.0)
