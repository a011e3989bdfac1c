"""What a node believes of what it hears: newer things of whom they concern, nothing else."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.config import Limits
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.messages import encode_event
from nodes.gossip.view import View
from nodes.ports import Message
from nodes.tidings import NodeState

NOW = 1_800_000_000_000
OWN = (3, 100)


def view(**limits: int) -> View:
    return View("server1", "recarga", Limits(**limits))


def availability(point_id: str = "server2.a", *, epoch: int = 1, seq: int = 1, **change: Any) -> Message:
    data = {
        "id": point_id,
        "name": "A",
        "location": {"lat": 1.0, "lon": 2.0, "address": None},
        "max_power_w": 22_000,
        "connector": None,
        "price_per_kwh_minor": 100,
        "currency": "BRL",
        "terms": {"no_show_s": 900},
        "status": "AVAILABLE",
        "maintenance": False,
        "fault": None,
        "next_free": {"start_ms": NOW, "end_ms": None},
        "session_id": None,
        "updated_ms": NOW,
        "as_of_ms": NOW + seq,
        "busy": [[NOW, NOW + 5]],
        "known_until_ms": None,
        **change,
    }
    return event(f"pontos/{point_id}/disponibilidade", data, subject=point_id, epoch=epoch, seq=seq)


def event(
    topic: str, data: Any, *, subject: str, node: str = "", epoch: int = 1, seq: int = 0, ver: int = 1
) -> Message:
    node = node or subject.partition(".")[0]
    payload = encode_event(
        type_="t", node=node, subject=subject, epoch=epoch, ver=ver, pointseq=seq, now_ms=NOW, data=data
    )
    return Message(topic, payload)


def birth(node: str = "server2", *, epoch: int = 1, life: int = 1) -> Message:
    data = {"url": f"http://{node}:9000", "points": 1, "life": life}
    return event(f"recarga/recarga/{node}/birth", data, subject=node, epoch=epoch)


def death(node: str = "server2", *, epoch: int = 1, life: int = 1) -> Message:
    return event(f"recarga/recarga/{node}/death", {"life": life, "reason": "x"}, subject=node, epoch=epoch)


def hear(view: View, message: Message) -> str:
    """Let the view hear a message; return what became of it."""
    before = dict(view.counts)
    view.hear(message, OWN, NOW)
    return next(name for name, count in view.counts.items() if count != before.get(name, 0))


def test_only_newer_versions_are_believed() -> None:
    """P7: a view never goes back, whatever is repeated or reordered."""
    seen = view()
    assert hear(seen, availability(seq=5)) == "news"
    assert hear(seen, availability(seq=4)) == "stale"
    assert hear(seen, availability(seq=5)) == "repeated"
    assert hear(seen, availability(epoch=2, seq=5)) == "news"
    assert hear(seen, availability(epoch=1, seq=9)) == "stale"
    assert seen.points["server2.a"].witness == (2, 5)


def test_the_same_version_seen_later_is_news() -> None:
    """Time alone changes a status: a window begins without an event."""
    seen = view()
    hear(seen, availability(seq=5, as_of_ms=NOW))
    assert hear(seen, availability(seq=5, as_of_ms=NOW + 1, status="RESERVED")) == "news"
    assert hear(seen, availability(seq=5, as_of_ms=NOW)) == "stale"
    assert seen.points["server2.a"].data.status == "RESERVED"


@given(st.permutations(range(12)))
def test_any_order_of_delivery_ends_in_the_same_view(order: list[int]) -> None:
    """P7, for one point: what is believed at last is the newest of all that was told."""
    messages = [availability(epoch=1 + n // 6, seq=1 + n % 7) for n in range(12)]
    seen = view()
    for index in order:
        seen.hear(messages[index], OWN, NOW)
    assert seen.points["server2.a"].witness == max((1 + n // 6, 1 + n % 7) for n in range(12))


@pytest.mark.parametrize(
    "message",
    [
        Message("pontos/server2.a/disponibilidade", b"\xff\x00"),
        Message("pontos/server2.a/disponibilidade", b"[]"),
        Message("pontos/server2.a/disponibilidade", b"{}"),
        Message("pontos/server2.a/disponibilidade", b"[" * 50_000),
        availability(status="PERHAPS"),
        availability(max_power_w=-1),
        availability(max_power_w="22000"),
        availability(busy=[[5, 4]]),
        availability(busy=[[1, 2, 3]]),
        availability(busy="all"),
        availability(name="x" * 1_000),
        availability(location={"lat": 1e9, "lon": 0}),
        availability(as_of_ms=-1),
        availability(as_of_ms=2**62),
        event("recarga/recarga/server2/birth", {"url": "file:///etc", "points": 1, "life": 1}, subject="server2"),
        event("recarga/recarga/server2/digest", {"points_hash": "x" * 100}, subject="server2"),
        event("recarga/recarga/server2/digest", {"points_hash": "x"}, subject="server2", epoch=-1),
    ],
    ids=lambda message: message.payload[:30].decode(errors="replace"),
)
def test_malformed_messages_are_counted_and_ignored(message: Message) -> None:
    """Anybody can publish anything."""
    seen = view()
    assert hear(seen, message) == "malformed"
    assert not seen.points


@pytest.mark.parametrize(
    ("message", "outcome"),
    [
        (event("pontos/server2.a/disponibilidade", orjson.loads(availability("server2.b").payload)["data"], subject="server2.a"), "forged"),
        (event("pontos/server2.a/reserva", {"reservations": []}, subject="server2.a", node="server3"), "forged"),
        (event("recarga/recarga/server2/birth", {"url": "http://evil", "points": 1, "life": 9}, subject="server2", node="server3"), "forged"),
        (event("recarga/recarga/server2/death", {"life": 9}, subject="server3"), "forged"),
        (availability("server1.a", epoch=9, seq=9), "forged"),
        (event("recarga/recarga/server1/birth", {"url": "http://evil", "points": 1, "life": 9}, subject="server1", epoch=4), "forged"),
        (availability("server1.a", epoch=1, seq=9), "own"),
    ],
)  # fmt: skip
def test_forged_messages_are_counted_and_ignored(message: Message, outcome: str) -> None:
    """P6: whoever speaks for another node, or claims more of this one than it did, is not believed."""
    seen = view()
    assert hear(seen, message) == outcome
    assert not seen.points
    assert not seen.nodes


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "pontos",
        "pontos/server2.a",
        "pontos/server2.a/preco",
        "pontos/+/disponibilidade",
        "pontos/server2/disponibilidade",
        "pontos/../disponibilidade",
        "pontos/server2.a/disponibilidade/x",
        "recarga/other/server2/birth",
        "recarga/recarga/SERVER2/birth",
        "recarga/recarga/server2/disponibilidade",
        "$SYS/broker",
    ],
)
def test_topics_that_are_not_ours_are_counted_and_ignored(topic: str) -> None:
    """Another cluster on the same broker, or a stranger."""
    seen = view()
    assert hear(seen, Message(topic, availability().payload)) == "unknown-topic"


def test_oversized_messages_are_not_even_read() -> None:
    """P10: reading them would cost what they want to cost."""
    assert hear(view(), Message("pontos/server2.a/disponibilidade", b"x" * 70_000)) == "oversized"


def test_the_view_is_bounded() -> None:
    """P10: a flood of made-up points or nodes does not grow memory."""
    seen = view(view_points_max=3, peers_max=2)
    outcomes = [hear(seen, availability(f"server2.p{n}")) for n in range(5)]
    assert outcomes == ["news"] * 3 + ["over-limit"] * 2
    assert [hear(seen, birth(f"node{n}")) for n in range(3)] == ["news", "over-limit", "over-limit"]


def test_births_and_deaths_are_believed_in_the_order_of_lives() -> None:
    """In whatever order the retained messages arrive: a will of an old epoch, or an old connection, is no news."""
    seen = view()
    assert hear(seen, birth(epoch=2)) == "news"
    assert hear(seen, birth(epoch=2)) == "repeated"
    assert hear(seen, death(epoch=1, life=7)) == "stale"
    assert hear(seen, death(epoch=2)) == "news"
    assert hear(seen, death(epoch=2)) == "repeated"
    assert hear(seen, birth(epoch=2)) == "stale"
    assert hear(seen, birth(epoch=2, life=2)) == "news"
    assert hear(seen, death(epoch=2, life=1)) == "stale"
    assert not seen.nodes["server2"].is_over


def test_gossip_alone_makes_nobody_alive() -> None:
    """P6: anybody may forge a birth. It says where to ask, and who answers there is met."""
    seen = view()
    hear(seen, birth(epoch=2))
    assert (seen.nodes["server2"].state, seen.nodes["server2"].url) == (NodeState.UNKNOWN, "http://server2:9000")


def test_what_a_past_process_tells_is_stale_once_a_later_one_was_met() -> None:
    """The node has moved; its old process goes on to gossip, or the broker has kept what it said."""
    seen = view()
    seen.hear(birth(epoch=1), OWN, NOW)
    node = seen.nodes["server2"]
    node.met_epoch, node.url = 2, "http://moved:9000"
    past = [
        availability(epoch=1, seq=9),
        birth(epoch=1, life=7),
        event("recarga/recarga/server2/digest", {"points_hash": "0" * 16}, subject="server2", epoch=1, ver=99),
        event("recarga/recarga/server2/death", {"life": 9, "reason": "left"}, subject="server2", epoch=1),
    ]
    assert [seen.hear(message, OWN, NOW) for message in past] == [None] * 4
    assert seen.counts["stale"] == 4
    assert (seen.points, node.url, node.digest, node.is_over) == ({}, "http://moved:9000", None, False)
    seen.note_digest("server2", (1, 99), "0" * 16, NOW)
    assert node.digest is None
    assert seen.hear(availability(epoch=2, seq=1), OWN, NOW) is not None


def test_an_address_that_the_operator_gave_stands() -> None:
    """P6: a forged birth must not lead requests, and with them bookings, to a stranger."""
    seen = view()
    seen.configure("server2", "http://10.0.0.2:9000")
    assert hear(seen, birth(epoch=2)) == "news"
    assert seen.nodes["server2"].url == "http://10.0.0.2:9000"


def test_what_the_broker_forgets_is_no_news() -> None:
    """An empty retained message clears a topic; it reaches those who listen, too."""
    seen = view()
    hear(seen, availability())
    assert hear(seen, Message("pontos/server2.a/disponibilidade", b"", retain=True)) == "cleared"
    assert "server2.a" in seen.points


def test_points_of_a_node_that_was_removed_come_back_only_with_it() -> None:
    """What was under way when it was removed, or is retained still, must not bring them back."""
    seen = view()
    hear(seen, availability("server2.a", epoch=2))
    met(seen, epoch=2)
    seen.forget_node("server2")
    assert seen.points == {}
    seen.nodes["server2"].state = NodeState.REMOVED
    assert hear(seen, availability("server2.a", epoch=2, seq=9)) == "stale"
    assert hear(seen, availability("server2.a", epoch=3, seq=9)) == "news"


def met(view: View, node: str = "server2", *, epoch: int = 1) -> None:
    """Have a node met, as ``nodes.membership`` says it."""
    known = view.know(node)
    assert known is not None
    known.state, known.epoch = NodeState.ALIVE, epoch


def test_a_digest_shows_that_something_is_missing() -> None:
    """A lost message leaves a view that looks fine; the digest knows better."""
    seen = view()
    met(seen)
    hear(seen, availability("server2.a", seq=1))
    assert not seen.is_stale("server2")
    truth = PointsHash()
    truth.set("server2.a", (1, 1))
    truth.set("server2.b", (1, 4))
    digest = {"points_hash": truth.text}
    hear(seen, event("recarga/recarga/server2/digest", digest, subject="server2", ver=9))
    assert seen.is_stale("server2")
    assert seen.nodes["server2"].behind_ms == NOW
    hear(seen, availability("server2.b", seq=4))
    assert not seen.is_stale("server2")
    assert seen.nodes["server2"].behind_ms == 0


def test_points_of_a_node_that_was_never_heard_are_stale() -> None:
    """Somebody who knows nothing of the owner cannot vouch for its points."""
    seen = view()
    hear(seen, availability())
    assert seen.is_stale("server2")


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 5)), max_size=20))
def test_a_fingerprint_depends_on_the_versions_only(changes: list[tuple[str, int]]) -> None:
    """Whoever has the same versions has the same fingerprint, however they got there."""
    one, other = PointsHash(), PointsHash()
    for point, seq in changes:
        one.set(point, (1, seq))
    for point, seq in sorted(dict(changes).items(), reverse=True):
        other.set(point, (1, seq))
    assert one.text == other.text
