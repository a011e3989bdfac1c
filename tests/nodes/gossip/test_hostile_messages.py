"""What a stranger on the broker can do to a view: nothing but be counted. Every message starts from a lawful one."""

import asyncio
import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.actors.server import Server
from nodes.catalogue import Catalogue, Filters
from nodes.config import NodeConfig
from nodes.gossip.fingerprint import PointsHash
from nodes.gossip.view import View
from nodes.ports import Message
from nodes.tidings import NodeState
from tests.nodes.feed_reading import read
from tests.nodes.gated_store import GatedStore
from tests.nodes.gossip.test_view import NOW, OWN, availability, birth, death, event, hear, view
from tests.nodes.manual_clock import ManualClock
from tests.nodes.running import running_node

POINT, NODE = "server2.a", "server2"
NEWS = {"id": f"{POINT}.r1-2", "status": "RESERVED", "start_ms": 1, "end_ms": 2, "pointseq": 3}
CHARGE = {"id": f"{POINT}.s1-2", "status": "ACTIVE", "energy_wh": 1, "pointseq": 3}


def digest(points_hash: str = "0" * 16, **more: int) -> Message:
    return event(f"recarga/recarga/{NODE}/digest", {"points_hash": points_hash}, subject=NODE, **more)


def lawful() -> dict[str, Message]:
    """One message of each kind, of an epoch and versions above those of ``knowing``."""
    return {
        "availability": availability(POINT, epoch=5, seq=9),
        "reservations": event(f"pontos/{POINT}/reserva", {"reservations": [NEWS]}, subject=POINT, epoch=5),
        "charging": event(f"pontos/{POINT}/carregamento", {"sessions": [CHARGE]}, subject=POINT, epoch=5),
        "birth": birth(NODE, epoch=5),
        "death": death(NODE, epoch=5),
        "digest": digest(epoch=5),
    }


def knowing() -> View:
    """A view that knows server2 and its point, at epoch 4."""
    seen = view()
    for message in (birth(epoch=4), availability(POINT, epoch=4, seq=3), digest(epoch=4, ver=7)):
        assert hear(seen, message) == "news"
    return seen


def state(seen: View) -> object:
    return deepcopy((seen.points, seen.nodes, {node: hashed.text for node, hashed in seen._hashes.items()}))


def changed(message: Message, place: str, value: Any) -> Message:
    """Return the message with one member replaced (``a.b`` is inside ``data``), in Python's wider JSON."""
    body = json.loads(message.payload)
    *path, last = place.split(".")
    inner = body
    for part in path:
        inner = inner[int(part) if part.isdecimal() else part]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return Message(message.topic, json.dumps(body).encode(), retain=message.retain)


def ignored(message: Message, *outcomes: str) -> None:
    seen = knowing()
    before = state(seen)
    assert seen.hear(message, OWN, NOW + 5) is None
    assert sum(seen.counts[outcome] for outcome in outcomes) == 1, seen.counts
    assert state(seen) == before


@pytest.mark.parametrize("kind", lawful())
def test_the_lawful_messages_are_news(kind: str) -> None:
    """Else the cases below would pass for the wrong reason."""
    assert hear(knowing(), lawful()[kind]) == "news"


ATTRIBUTES = ("specversion", "id", "source", "type", "subject", "time", "node", "epoch", "ver", "data")
WRONG = [None, True, 1.5, -1, 2**53, 10**30, float("nan"), float("inf"), "", "x" * 201, [], {}, "1", "\ud800"]


@pytest.mark.parametrize("kind", lawful())
@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_an_envelope_that_is_no_cloudevent_is_ignored(kind: str, attribute: str) -> None:
    """Each attribute missing, and with a value of every wrong type."""
    fits = {"id": ("1",), "type": ("1",), "time": ("", "1", "x" * 201), "epoch": (), "ver": ()}
    ignored(changed(lawful()[kind], attribute, ...), "malformed")
    for value in WRONG:
        if value not in fits.get(attribute, ()):
            ignored(changed(lawful()[kind], attribute, value), "malformed", "forged")


@pytest.mark.parametrize(
    ("kind", "place", "values"),
    [
        ("availability", "data.id", [None, 1, "server2", "server2.A", "server2.b", "server2.a/x", "../x"]),
        ("availability", "data.max_power_w", WRONG),
        ("availability", "data.price_per_kwh_minor", [-1, 1.0, "1", 10**30, True]),
        ("availability", "data.currency", [None, "", "BR", "brl", "R$1", "BRLX", "BRL\n", 986]),
        ("availability", "data.terms", [None, [], {"no_show_s": 10**30}, {"x": -1}, {"x": "1"}, {"x" * 41: 1}]),
        ("availability", "data.terms", [{f"t{n}": n for n in range(21)}]),
        ("availability", "data.location", [None, [], {"lat": float("nan")}, {"lat": "1"}, {"lat": 91.0, "lon": 0.0}]),
        ("availability", "data.status", [None, 1, "FREE", "available"]),
        ("availability", "data.maintenance", [None, 0, "false"]),
        ("availability", "data.next_free", [None, {}, {"start_ms": -1, "end_ms": None}, {"start_ms": 1.5, "end_ms": 2}]),
        ("availability", "data.busy", [None, [[1]], [[2, 1]], [[1, 1]], [[0, 10**30]], [["a", "b"]], [[1, 2]] * 1_001]),
        ("availability", "data.as_of_ms", [None, -1, 1.5, "now", 2**60]),
        ("availability", "pointseq", [None, -1, "1", 10**30]),
        ("reservations", "data.reservations", [None, {}, [1], [{}], [NEWS] * 1_001]),
        ("reservations", "data.reservations.0.status", [None, "GONE"]),
        ("charging", "data.sessions", [None, {}, [1], [{}], [CHARGE] * 1_001]),
        ("charging", "data.sessions.0.energy_wh", [None, -1, 0.5, 10**30]),
        ("birth", "data.url", [None, "", "server2:9000", "ftp://x", "http://", "http:///x", "http://[", "javascript:x"]),
        ("birth", "data.url", ["http://h:99999", "http://h:port", "http://h:0", "http://caf\u00e9", "http://a b"]),
        ("birth", "data.url", ["http://h/\r\nX: y", "http://h\x00", "http://" + "x" * 300]),
        ("birth", "data.points", [None, -1, "1", 10**30]),
        ("birth", "data.life", [None, -1, 1.5, 10**30]),
        ("death", "data.life", [None, -1, "1"]),
        ("death", "data.reason", [None, 1, "x" * 201]),
        ("digest", "data.points_hash", [None, 0, "x" * 65]),
    ],
)  # fmt: skip
def test_data_that_makes_no_sense_is_ignored(kind: str, place: str, values: list[Any]) -> None:
    """Believed, each of these would end as a 500 or a lie in somebody's list."""
    for value in values:
        ignored(changed(lawful()[kind], place, value), "malformed", "forged", "oversized")


@pytest.mark.parametrize("kind", lawful())
@pytest.mark.parametrize(
    "payload",
    [
        b"", b"null", b"0", b'"x"', b"[]", b"{}", b"{", b"\x00" * 50, bytes(range(256)), b"\x1f\x8b\x08\x00", b"\xef\xbb\xbf{}",
        b'{"a":' * 5_000, b"[" * 60_000, b"9" * 60_000, b'"' + b"\\u0000" * 9_000 + b'"', b"{}{}", b"specversion: 1.0",
    ],
    ids=lambda payload: repr(payload[:12]),
)  # fmt: skip
def test_garbage_is_ignored_retained_or_not(kind: str, payload: bytes) -> None:
    """Retained garbage comes to every newcomer, for ever."""
    for retain in (False, True):
        ignored(Message(lawful()[kind].topic, payload, retain=retain), "malformed" if payload else "cleared")


@pytest.mark.parametrize("kind", lawful())
def test_a_message_beyond_the_bound_is_ignored_even_if_it_is_lawful(kind: str) -> None:
    """P10: unknown members are allowed, but not a megabyte of them."""
    large = changed(lawful()[kind], "padding", "x" * 65_536)
    ignored(large, "oversized")
    assert hear(knowing(), changed(lawful()[kind], "padding", "x" * 1_000)) == "news"


@pytest.mark.parametrize("kind", lawful())
def test_who_speaks_for_another_is_ignored(kind: str) -> None:
    """Topic, subject, node and source must be one and the same node's."""
    message = lawful()[kind]
    for place, value in (
        ("node", "server3"), ("source", "/nodes/server3"), ("source", "server2"), ("subject", "server3"), ("subject", "server3.a")
    ):  # fmt: skip
        ignored(changed(message, place, value), "forged")
    ignored(changed(changed(message, "node", "server3"), "source", "/nodes/server3"), "forged")
    for topic in (message.topic.replace(NODE, "server3"), message.topic.replace(NODE, "server22")):
        ignored(Message(topic, message.payload), "forged")
    ignored(Message(message.topic.replace("recarga/recarga", "recarga/other") + "/", message.payload), "unknown-topic")


@pytest.mark.parametrize("kind", [kind for kind in lawful() if kind != "availability"])
def test_a_message_of_a_past_epoch_is_ignored(kind: str) -> None:
    """A will, a birth or a digest that the broker retained since the day before yesterday."""
    ignored(changed(changed(lawful()[kind], "epoch", 3), "ver", 10**9), "stale")


@pytest.mark.parametrize("kind", lawful())
def test_who_claims_a_future_of_this_node_is_ignored(kind: str) -> None:
    """This node knows how far it is; and what it said itself is no news to it."""
    message = lawful()[kind]
    mine = Message(message.topic.replace(NODE, "server1"), message.payload.replace(NODE.encode(), b"server1"))
    for epoch, ver, outcome in ((4, 1, "forged"), (3, 101, "forged"), (3, 100, "own"), (1, 10**6, "forged")):
        ignored(changed(changed(mine, "epoch", epoch), "ver", ver), outcome)


def test_a_member_given_twice_does_not_make_two_nodes_of_one() -> None:
    """Checked and believed must be the same one of the two."""
    payload = lawful()["birth"].payload.replace(b'"node":"server2"', b'"node":"server2","node":"server3"')
    ignored(Message(lawful()["birth"].topic, payload), "forged")


def test_a_digest_before_its_birth_is_kept_and_one_after_a_newer_is_not_believed() -> None:
    """Retained messages come in any order; a digest that is lost here is not told again until something changes."""
    truth = PointsHash()
    truth.set(POINT, (5, 8))
    seen = knowing()
    assert hear(seen, digest(truth.text, epoch=5, ver=9)) == "news"
    assert hear(seen, digest("old", epoch=4, ver=8)) == "stale"
    assert hear(seen, birth(epoch=5)) == "news"
    seen.nodes[NODE].state = NodeState.ALIVE
    assert seen.is_stale(NODE), "it has version 8 of the point and this view has 3"
    assert hear(seen, digest(truth.text, epoch=5, ver=9)) == "repeated"
    assert hear(seen, availability(POINT, epoch=5, seq=8)) == "news"
    assert not seen.is_stale(NODE)


async def test_the_list_can_be_told_after_any_message() -> None:
    """One stranger's message must not turn everybody's ``GET /v1/points`` into a 500."""
    server = Server(
        NodeConfig("server1"), ManualClock(NOW), GatedStore(), on_durable=print, on_time=print, on_failed=print
    )
    for place, values in (
        ("data.terms", [{"x": 10**30}]),
        ("data.name", ["\x00\u202e", ""]),
        ("data.currency", ["XXX"]),
    ):
        for value in values:
            seen = view()
            seen.hear(changed(lawful()["availability"], place, value), OWN, NOW)
            items, _ = Catalogue(server, seen, ManualClock(NOW)).page(Filters(), "", 10)
            assert orjson.dumps(items)


async def test_a_running_node_counts_them_serves_on_and_tells_nobody(tmp_path: Path) -> None:
    """What operators see in /metrics, and what drivers and watchers do not see."""
    hostile = [
        Message(lawful()["birth"].topic, b"\xff", retain=True),
        changed(lawful()["birth"], "node", "server3"),
        changed(lawful()["availability"], "data.terms", {"x": 10**30}),
        changed(lawful()["availability"], "padding", "x" * 70_000),
        Message("recarga/other/server2/birth", lawful()["birth"].payload),
    ]
    async with running_node(tmp_path) as client:
        watching = asyncio.ensure_future(anext(read(client.node.feed), None))
        await asyncio.sleep(0)
        for message in hostile:
            client.node.ear.on_message(message)
        metrics = (await client.get("/metrics")).body
        for outcome, count in (("malformed", 2), ("forged", 1), ("oversized", 1), ("unknown-topic", 1)):
            assert f'recarga_gossip_heard_total{{outcome="{outcome}"}} {count}.0' in metrics
        assert (await client.get("/v1/points")).body["items"] == []
        assert [node["id"] for node in (await client.get("/v1/nodes")).body["items"]] == ["server1"]
        assert not watching.done()
        client.node.feed.close()
        assert await watching is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
MEMBERS = st.sampled_from([*ATTRIBUTES, "pointseq", "data.id", "data.life", "data.url", "data.busy", "data.next_free"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(list(lawful())), MEMBERS, JSON), max_size=12))
def test_whatever_is_put_anywhere_each_message_is_counted_once_and_nothing_goes_back(
    attacks: list[tuple[str, str, Any]],
) -> None:
    """P6 and P7: no exception, one outcome each, versions only rise, and a node stays one that can be asked."""
    seen = knowing()
    for number, (kind, place, value) in enumerate(attacks, 4):
        before = dict(seen.points), seen._hashes[NODE].text
        witness, epoch = seen.points[POINT].witness, seen.nodes[NODE].born_epoch
        news = seen.hear(changed(lawful()[kind], place, value), OWN, NOW)
        assert seen.counts.total() == number
        assert seen.points[POINT].witness >= witness
        assert seen.nodes[NODE].born_epoch >= epoch
        assert seen.nodes[NODE].state is NodeState.UNKNOWN  # gossip alone makes nobody alive, and nobody dead
        assert set(seen.points) == {POINT}
        assert news is not None or (seen.points, seen._hashes[NODE].text) == before
