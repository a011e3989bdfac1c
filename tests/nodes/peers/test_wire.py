"""What goes over the wire between nodes is what arrives: through a real client, a real server and the real API."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import get_args

import orjson
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.domain.commands import ChangePoint, Command, CreatePoint, Reserve, Tick
from nodes.domain.ids import slug_from
from nodes.domain.point import Location, PointSpec
from nodes.peers.http_peers import HttpPeers
from nodes.peers.wire import answer_from, deadline_ms, etag, http_request, timing_from, witness_from
from nodes.records import Answer, Timing
from nodes.request import FindPoints, Ping, Query, ReadPoint, Request, TripAction
from tests.nodes.peers.requests import (
    ABOUT_A_NODE,
    ABOUT_A_POINT,
    ABOUT_A_TRIP,
    ABOUT_SOMETHING_ON_IT,
    ANSWERS,
    requests,
)
from tests.nodes.running import Client, running_node

KINDS = [*ABOUT_A_POINT, *ABOUT_SOMETHING_ON_IT, *ABOUT_A_TRIP, *ABOUT_A_NODE]
pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Owner:
    """A node whose API is real and whose ``handle`` notes what arrives."""

    client: Client
    peers: HttpPeers
    answer: Answer = field(default_factory=lambda: Answer(200, b"{}"))
    arrived: list[tuple[Request, str | None]] = field(default_factory=list)

    async def handle(self, request: Request, *, forwarded_by: str | None = None) -> Answer:
        self.arrived.append((request, forwarded_by))
        return self.answer

    async def ask(self, request: Request, timeout_ms: int = 5_000) -> Answer:
        self.arrived.clear()
        return await self.peers.ask("server1", self.client.url, request, timeout_ms)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def owner(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Owner]:
    folder: Path = tmp_path_factory.mktemp("owner")
    async with running_node(folder) as client:
        made = Owner(client, HttpPeers("server2", requests_max=4))
        client.node.handle = made.handle  # type: ignore[method-assign]
        yield made
        await made.peers.close()


async def test_every_request_there_is_is_known_here() -> None:
    """A new command that nobody can hand on must be noticed here, and not by a driver."""
    there_are = set(get_args(Command)) | set(get_args(Query)) | set(get_args(TripAction))
    assert set(KINDS) == there_are - {Tick, FindPoints, Ping}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(data=st.data())
async def test_the_same_request_arrives_and_the_same_answer_returns(
    owner: Owner, kind: type, data: st.DataObject
) -> None:
    """P4 from any node: action, key and precondition are the caller's, so that the fingerprint is the same too."""
    request, timeout_ms = data.draw(requests(kind)), data.draw(st.integers(1_000, 60_000))
    owner.answer = data.draw(ANSWERS)
    told = await owner.ask(request, timeout_ms)
    assert owner.arrived == [(replace(request, timeout_ms=deadline_ms(timeout_ms)), "server2")], told
    assert owner.arrived[0][0].fingerprint == request.fingerprint
    assert told == owner.answer


@pytest.mark.parametrize("key", ["k", '"k"', '""', '"', " k ", " ", "'", "a, b", "~" * 128])
async def test_a_key_arrives_as_it_is(owner: Owner, key: str) -> None:
    """Two keys that become one on the way would give one driver the other's answer."""
    await owner.ask(Request("server1.a", KEYED, key))
    assert owner.arrived[0][0].key == key


async def test_a_change_that_changes_nothing_is_taken_as_it_is(owner: Owner) -> None:
    """``{"terms": {}}`` is lawful at the owner, so it must be lawful at every node."""
    owner.answer = Answer(200, b"{}")  # what was answered last may have been any status
    told = await owner.ask(Request("server1.a", ChangePoint()))
    assert told.status != 422
    assert owner.arrived[0][0].action == ChangePoint()


@pytest.mark.parametrize("name", ["Posto Central", "a&b=c", "é/ü?#%", "x" * 200])
async def test_points_are_found_by_name_through_the_list(owner: Owner, name: str) -> None:
    """The seed contract names points; its answer needs only ids."""
    spec = PointSpec(name, Location(), 1, None, 1)
    slug = slug_from(name)
    await owner.client.node.server.handle(Request(f"server1.{slug}", CreatePoint(spec)))
    told = await owner.ask(Request("server1", FindPoints(name)))
    assert told.status == 200
    assert [item["id"] for item in orjson.loads(told.body)["items"]] == [f"server1.{slug}"]


@pytest.mark.parametrize("text", ["", "-", "1", "1-", "-1", "1-2-3", "a-b", "1.5-2", "²-1", "1-" + "9" * 16, "*", " "])
async def test_what_is_no_witness_is_none(text: str) -> None:
    """Also what ``int`` would take and a database would not."""
    assert witness_from(text) is None
    assert witness_from(f'"{text}"') is None


@given(st.tuples(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1)))
async def test_a_witness_survives_its_tag(witness: tuple[int, int]) -> None:
    """Weak or strong, quoted or bare, as proxies rewrite it."""
    tag = etag(witness)
    assert [witness_from(text) for text in (tag, f"W/{tag}", tag.strip('"'), f" {tag} ")] == [witness] * 4


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "soon"},
        {"Retry-After": "-1"},
        {"Retry-After": "²"},
        {"Retry-After": "9" * 5_000},
        {"Retry-After": "Mon, 02 Nov 2026 09:00:00 GMT"},
        {"Location": "/caf\u00e9"},
        {"ETag": "yesterday"},
    ],
    ids=str,
)
async def test_headers_that_no_node_sends_are_left_out(headers: dict[str, str]) -> None:
    """A proxy's, or a liar's: they must not become a mistake of ours."""
    assert answer_from(503, headers, b"{}") == Answer(503, b"{}")


async def test_only_what_has_a_body_says_so() -> None:
    """Some proxies refuse a GET or a DELETE with a body."""
    read = http_request(Request("server1.a", ReadPoint()), 1_000)
    assert (read.method, read.body) == ("GET", b"")
    assert "Content-Type" not in read.headers
    assert "Recarga-Forwarded-By" not in read.headers


KEYED = Reserve("ana", 1, 2)


@pytest.mark.parametrize("timing", [None, Timing(0.001, 0.000_25, 0.012_5, 1.5), Timing(0.0, 0.0, 0.0)])
async def test_where_the_time_went_comes_back_as_server_timing(owner: Owner, timing: Timing | None) -> None:
    """The W3C's header, so that a browser's developer tools show it too."""
    owner.answer = Answer(200, b"{}", timing=timing)
    answer = await owner.ask(Request("server1.p1", ReadPoint(), is_timed=True))
    assert answer.timing == timing
    assert owner.arrived[0][0].is_timed


@pytest.mark.parametrize("text", ["", "cache", "queue;dur=1", "queue;dur=x, decide;dur=1, write;dur=1, forward;dur=1"])
async def test_another_servers_timing_is_none_of_a_node(text: str) -> None:
    """A proxy may add its own."""
    assert timing_from(text) is None
