"""Hostile paths, queries, methods and headers: no 5xx, no effect, and always a documented problem that names the field.

Bodies are in ``test_hostile_bodies``, connections in ``test_hostile_connections``.
"""

from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest
import pytest_asyncio
from multidict import CIMultiDict

from tests.nodes.api.hostile import DOCUMENTED, P, R, T, Unchanged, besieged_node, refused, send
from tests.nodes.running import Client

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with besieged_node(tmp_path_factory.mktemp("hostile")) as client:
        yield client


IDS = [
    "..", ".", "%2e%2e", "a/b", "a%2Fb", "%2F", "server1.centro-01%2F..", "server1.centro-01%00", "server1.centro-01%0A", "server1.+", "%23",
    "server1.%23", "%FF%FE", "%C3%A9", "%F0%9F%98%80", "server1.centro-01%20", "SERVER1.CENTRO-01", "server1.centro-01.r1", "%",
    "server1.centro-01.r99999999999-1", "server1.centro-01.s1-2.r1-2", "server1.centro-01.r-1-2", "x" * 10_000, "%25" * 3_000,
]  # fmt: skip


@pytest.mark.parametrize("identifier", IDS, ids=lambda text: text[:30])
async def test_an_id_that_is_none_is_refused_wherever_it_stands_in_a_path(node: Client, identifier: str) -> None:
    """Ids become topics, keys and file names: none of these may get that far."""
    for method, path in (
        ("GET", "/v1/points/{}"), ("PATCH", "/v1/points/{}"), ("GET", "/v1/points/{}/calendar"), ("POST", "/v1/points/{}/start"),
        ("GET", "/v1/reservations/{}"), ("DELETE", "/v1/reservations/{}"), ("POST", "/v1/reservations/{}/start"),
        ("GET", "/v1/sessions/{}"), ("POST", "/v1/sessions/{}/stop"), ("POST", "/v1/sessions/{}/meter"),
        ("GET", "/v1/trips/{}"), ("DELETE", "/v1/trips/{}"), ("GET", "/v1/trips/{}/decision"), ("POST", "/v1/stops/{}/commit"),
    ):  # fmt: skip
        with Unchanged(node):
            reply = await send(node, method, path.format(identifier), b'{"driver_id":"a"}' if method != "GET" else None)
            if reply.status == 307:  # a slash too many; where it leads is in the table too
                continue
            assert reply.status in (400, 404, 405, 422), (method, path, reply.status)
            assert reply.headers["Content-Type"] == "application/problem+json"
            assert reply.problem in DOCUMENTED


QUERIES: list[tuple[str, str, list[str]]] = [
    ("/v1/points", "limit", ["-1", "0", "1001", "9" * 30, "1.5", "x", "", "NaN"]),
    ("/v1/points", "cursor", ["x", "../../etc/passwd", "%00", "' OR 1=1 --", "x" * 5_000, "server1.a.r1-2"]),
    (
        "/v1/points",
        "near",
        ["", "1", "1,2,3", "a,b", "nan,nan", "91,0", "0,181", "1e5,0", "-0x1,0", "999,999", "1,2\n", "x" * 5_000],
    ),
    ("/v1/points", "radius_m", ["0", "-1", "nan", "inf", "1e300", "x"]),
    ("/v1/points", "min_power_w", ["-1", "1.5", "x", "nan"]),
    ("/v1/points", "name", ["", "x" * 201, "\x00", "\n"]),
    ("/v1/points", "free_from", ["x", "-1", "nan", "2026-11-02", "9" * 30]),
    ("/v1/points", "connector", ["", "x", "iec_62196_t2"]),
    ("/v1/points", "available", ["", "2", "maybe"]),
    (f"/v1/points/{P}/calendar", "from_ms", ["x", "-1", "1.5x", "9" * 30, "2026-11-02T09:00:00"]),
    (f"/v1/points/{P}/calendar", "until_ms", ["x", "-1", "9" * 30]),
    (f"/v1/points/{P}/calendar", "limit", ["0", "-1", "1001", "x"]),
    (f"/v1/points/{P}", "fresh", ["x", "2"]),
    ("/v1/sessions", "limit", ["0", "-1", "1001", "x"]),
    ("/v1/sessions", "cursor", ["x", "server1.a", "server1.a.s1-2", "1_server1.a.s1-2'", "x" * 5_000]),
    ("/v1/sessions", "point_id", ["x", "server1.a'--"]),
    ("/v1/sessions", "driver_id", ["", "x" * 101, "\x00"]),
    ("/v1/reservations", "limit", ["0", "-1", "1001", "x", str(10**9)]),
    (
        "/v1/reservations",
        "cursor",
        ["x", "1", "_", R, f"1_{P}", f"-1_{R}", f"{'9' * 16}_{R}", f"1_{R}'--", "1_' OR 1=1 --", f"1_{R}\n"],
    ),
    ("/v1/reservations", "active", ["", "2", "maybe"]),
    ("/v1/reservations", "node", ["", "X", "server1.a"]),
    ("/v1/trips", "cursor", ["x", T, f"1_{R}", "9" * 5_000]),
    ("/v1/stops", "trip_id", ["", "x", "server1.centro-01.t1-1", "server1.trip.t1", "server1.trip.t1-1%00"]),
    ("/v1/stops", "point_id", ["", "x", "server1", "server1.a/b"]),
    (f"/v1/trips/{T}/decision", "reservation_id", ["", "x", P, "server1.a.s1-2"]),
    ("/v1/events", "after_ver", ["x", "-1", "1.5"]),
    ("/v1/events", "point_id", ["x"]),
    ("/v1/events", "node", ["X"]),
    ("/", "disponivel", ["x", "2"]),
]


@pytest.mark.parametrize(
    ("path", "field", "values"), QUERIES, ids=lambda value: value if isinstance(value, str) else ""
)
async def test_a_wrong_query_is_refused_by_the_name_of_its_parameter(
    node: Client, path: str, field: str, values: list[str]
) -> None:
    """Also on a stream: it must not begin."""
    for value in values:
        refused(await send(node, "GET", f"{path}?{field}={quote(value, safe='')}"), field, allowed=(422,))


async def test_odd_but_lawful_queries_are_answered(node: Client) -> None:
    """Unknown parameters, repeated ones, broken escapes, a span that ends before it begins, ids that are not there."""
    for path in (
        "/v1/points?hostile=1", "/v1/points?limit=1&limit=2", "/v1/points?&&=&%=%", "/v1/points?%FF=%FF", "/v1/points?cursor=server9.z",
        "/v1/points?near=90,180&radius_m=20100000", "/v1/points?near=-0,-0&radius_m=0.001", f"/v1/points?free_from=0&free_until={'9' * 14}",
        f"/v1/points/{P}/calendar?from_ms=5&until_ms=1", "/v1/points?name=%27%3B%20DROP%20TABLE%20point%3B--", "/v1/points?" + "a=b&" * 2_000,
        "/v1/sessions?driver_id=a&cursor=0_server1.zzz.s1-2", f"/v1/reservations?driver_id=%27&cursor={'9' * 15}_{R}", "/?disponivel=1&x=y", "/healthz?x", "/metrics?x=%00",
    ):  # fmt: skip
        reply = await send(node, "GET", path)
        assert reply.status == 200, (path, reply.body)


async def test_a_wrong_method_is_told_which_ones_there_are(node: Client) -> None:
    """405 with Allow, as a problem; and nothing is done by a method that nobody wrote."""
    for path in (
        "/v1/points",
        f"/v1/points/{P}",
        "/v1/reservations",
        f"/v1/reservations/{R}",
        "/v1/trips",
        f"/v1/trips/{T}",
        "/v1/stops",
        "/v1/nodes",
        "/reservar",
        "/",
    ):
        for method in ("PUT", "OPTIONS", "TRACE", "PROPFIND", "HEAD"):
            with Unchanged(node):
                reply = await send(node, method, path)
            assert reply.status == 405, (method, path)
            assert reply.headers["Allow"]
            assert method == "HEAD" or reply.problem == "method-not-allowed"


KEYS = {
    "empty": [""], "blank": ["   "], "an empty quote": ['""'], "10 kB": ["k" * 8_000], "not ASCII": ["caf\u00e9"], "a control": ["a\tb"],
    "one of two empty": ["k", ""],
}  # fmt: skip


@pytest.mark.parametrize("keys", KEYS.values(), ids=KEYS.keys())
async def test_a_key_that_is_none_is_refused(node: Client, keys: list[str]) -> None:
    """A key that is cut, guessed or lost makes the retry a second reservation."""
    headers = CIMultiDict([("Idempotency-Key", key) for key in keys])
    for method, path, body in (
        ("POST", "/v1/reservations", {"point_id": P, "driver_id": "a", "duration_s": 600}),
        ("POST", f"/v1/points/{P}/start", {"driver_id": "a"}),
        ("POST", "/v1/trips", {"driver_id": "a", "stops": [{"point_id": P, "start_ms": 1, "end_ms": 2}]}),
        ("POST", "/v1/stops", {"point_id": P, "trip_id": T, "stop": 0, "driver_id": "a", "start_ms": 1, "end_ms": 2}),
        ("POST", "/reservar", {"server_id": 1, "nome_posto": "Centro 1", "nome_cliente": "a"}),
    ):
        with Unchanged(node):
            reply = await node.send(method, path, body, headers=headers)
        refused(reply, allowed=(400,))
        assert reply.problem == "idempotency-key-invalid"


@pytest.mark.parametrize(
    "tag",
    ["", '"1"', '"-1-2"', '"1-2","1-3"', "W/", '"²-1"', '"1-' + "9" * 16 + '"', "x" * 8_000, '"9-9"'],
)
async def test_a_precondition_that_is_none_or_does_not_hold_has_no_effect(node: Client, tag: str) -> None:
    """Who sends one wants nothing to happen unless it holds."""
    with Unchanged(node):
        reply = await node.send("PATCH", f"/v1/points/{P}", {"maintenance": True}, headers={"If-Match": tag})
    refused(reply, allowed=(400, 412))


@pytest.mark.parametrize("patience", ["", "-1", "0", "1.5", "x", "9" * 30, "\u0661"])
async def test_a_patience_that_is_none_is_taken_as_the_default(node: Client, patience: str) -> None:
    """It is a hint; a request must not fail by it, nor wait for a year."""
    reply = await node.get(f"/v1/points/{P}", headers={"Recarga-Timeout-Ms": patience})
    assert reply.status == 200


async def test_of_a_member_given_twice_the_last_counts_everywhere(node: Client) -> None:
    """As in every browser; what is checked and what is done is the same one."""
    body = b'{"driver_id":"a","point_id":"server1.centro-01","point_id":"server1.nowhere","duration_s":600}'
    with Unchanged(node):
        assert (await send(node, "POST", "/v1/reservations", body)).problem == "unknown-point"


async def test_two_keys_are_refused(node: Client) -> None:
    """Which of them would a retry be found under? Two proxies may each keep another one."""
    headers = CIMultiDict([("Idempotency-Key", "one"), ("Idempotency-Key", "two")])
    with Unchanged(node):
        body = {"point_id": P, "driver_id": "a", "start_ms": 1, "end_ms": 2}
        reply = await node.post("/v1/reservations", body, headers=headers)
    refused(reply, allowed=(400,))


async def test_two_preconditions_are_refused(node: Client) -> None:
    """One of them does not hold; as one header, separated by a comma, they are refused already."""
    headers = CIMultiDict([("If-Match", '"9-9"'), ("If-Match", '"1-2"')])
    with Unchanged(node):
        reply = await node.send("PATCH", f"/v1/points/{P}", {"maintenance": False}, headers=headers)
    refused(reply, allowed=(400, 412))


async def test_a_read_is_no_command_whatever_key_it_carries(node: Client) -> None:
    """Clients that put a key on everything would read yesterday's calendar, and fill the disk by reading."""
    records = node.node.server.journal.records
    headers = {"Idempotency-Key": "on everything"}
    assert (await node.get(f"/v1/points/{P}", headers=headers)).status == 200
    assert (await node.get(f"/v1/points/{P}/calendar", headers=headers)).status == 200
    assert node.node.server.journal.records == records
