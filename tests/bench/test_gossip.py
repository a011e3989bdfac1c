"""What the benchmark of gossip counts is what nodes really say."""

import pytest

from bench.gossip_run import POINTS_PER_NODE, Figures, _size, measure
from nodes.ports import Message


@pytest.fixture(scope="module")
def busy() -> Figures:
    return measure(2, 20.0, 2.0, seed=1)


def test_each_point_changes_as_often_as_asked(busy: Figures) -> None:
    """A cost per request means nothing if the requests were not made."""
    assert busy.each(busy.traffic.changes) / POINTS_PER_NODE == pytest.approx(20, rel=0.1)


def test_a_node_says_at_most_so_much_of_a_point_in_a_flush(busy: Figures) -> None:
    """Its availability, what happened to its reservations; and now and then a digest."""
    assert 1.5 < busy.per_point_and_flush(busy.traffic.sent) < 2.2


def test_everybody_hears_what_is_said(busy: Figures) -> None:
    """The broker delivers each message to each node, give or take what is on its way."""
    assert busy.traffic.heard == pytest.approx(2 * busy.traffic.sent, rel=0.05)
    assert busy.traffic.heard_bytes == pytest.approx(2 * busy.traffic.sent_bytes, rel=0.05)


def test_the_same_seed_counts_the_same(busy: Figures) -> None:
    """Counts of virtual time are no measurements: nothing of the machine is in them."""
    assert measure(2, 20.0, 2.0, seed=1) == busy


@pytest.mark.parametrize(("payload", "expected"), [(2, 11), (120, 129), (121, 131), (16_376, 16_386), (16_377, 16_388)])
def test_bytes_are_those_of_a_publish_packet(payload: int, expected: int) -> None:
    """Fixed header with its length, topic with its length, packet id, payload (MQTT 3.1.1, section 3.3)."""
    assert _size(Message("abc", b"x" * payload)) == expected
