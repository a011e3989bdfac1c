"""Hostile bodies over HTTP: no 5xx, no effect, and always a documented problem that names the field."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.nodes.api.hostile import P, R, S, T, Unchanged, besieged_node, refused, send
from tests.nodes.running import MINUTE, POINT, Client

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Client]:
    async with besieged_node(tmp_path_factory.mktemp("hostile")) as client:
        yield client


COMMANDS = {
    "reserve": ("POST", "/v1/reservations"),
    "start": ("POST", f"/v1/reservations/{R}/start"),
    "plug in": ("POST", f"/v1/points/{P}/start"),
    "meter": ("POST", f"/v1/sessions/{S}/meter"),
    "stop": ("POST", f"/v1/sessions/{S}/stop"),
    "create": ("POST", "/v1/points"),
    "change": ("PATCH", f"/v1/points/{P}"),
    "plan": ("POST", "/v1/trips"),
    "prepare": ("POST", "/v1/stops"),
    "commit": ("POST", f"/v1/stops/{R}/commit"),
    "abort": ("POST", "/v1/stops/abort"),
    "criar": ("POST", "/"),
    "reservar": ("POST", "/reservar"),
}
BODIES: dict[str, bytes] = {
    "cut off": b'{"driver_id": "a',
    "single quotes": b"{'driver_id': 'ana'}",
    "trailing comma": b'{"driver_id": "ana",}',
    "two objects": b'{"driver_id": "ana"}{}',
    "a list": b'[{"driver_id": "ana"}]',
    "a text": b'"driver_id"',
    "a number": b"1",
    "true": b"true",
    "nested lists": b"[" * 60_000,
    "nested objects": b'{"driver_id":' * 4_000,
    "invalid UTF-8": b'{"driver_id": "\xff\xfe"}',
    "overlong UTF-8": b'{"driver_id": "\xc0\x80"}',
    "byte order mark": b"\xef\xbb\xbf{}x",
    "NUL": b"\x00" * 100,
    "a huge number": b'{"start_ms": ' + b"9" * 5_000 + b"}",
    "an unknown field": b'{"hostile": 1}',
    "a field without a name": b'{"": 1}',
    "half a surrogate": b'{"\\ud800": "\\udfff"}',
    "a form": b"driver_id=ana&point_id=server1.centro-01",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
async def test_a_body_that_is_no_request_is_refused_by_every_command(node: Client, body: bytes) -> None:
    """Whatever reads bodies reads all of them alike."""
    for method, path in COMMANDS.values():
        with Unchanged(node):
            refused(await send(node, method, path, body))


OPTIONAL_BODY = ("start", "stop")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "json", "a/b/c;"]
)
async def test_json_under_another_name_has_no_effect(node: Client, kind: str) -> None:
    """A web page of another site can send such a body without asking; JSON it cannot."""
    start_ms = node.node.clock.now_ms() + 60 * MINUTE
    window = b'{"point_id":"%s","driver_id":"ana","start_ms":%d,"end_ms":%d}' % (
        P.encode(),
        start_ms,
        start_ms + 60 * MINUTE,
    )
    for method, path, body in (
        ("POST", "/v1/reservations", window),
        ("POST", f"/v1/points/{P}/start", b'{"driver_id":"eve"}'),
        ("PATCH", f"/v1/points/{P}", b'{"maintenance":true}'),
        ("POST", "/v1/points", b'{"id":"evil","name":"n","max_power_w":1,"price_per_kwh_minor":1}'),
    ):
        with Unchanged(node):
            refused(await send(node, method, path, body, **{"Content-Type": kind}))


async def test_an_empty_body_is_refused_where_one_is_needed(node: Client) -> None:
    """With its length told as zero, or not told at all."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    for name, (method, path) in COMMANDS.items():
        for data in (b"", nothing()):
            with Unchanged(node):
                reply = await send(node, method, path, data)
                refused(reply) if name not in OPTIONAL_BODY else refused(reply, allowed=(404, 409))


WRONG_TEXT = [None, 1, 1.5, True, [], {}, "", "a\x00b", "a\nb", "\u202e", "\ud800", "x" * 10_000]
WRONG_COUNT = [True, False, "1", 1.5, 1e300, float("nan"), float("inf"), -1, 2**63, 10**30, [], {}, "", "\u0661"]
WRONG_TIME = [True, 0, 1_800_000_000_000, 1.5, [], "", "now", "2026-11-02", "09:00", "2026-11-02T09:00:00", "2026-13-01T00:00:00Z",
              "2026-02-30T09:00:00Z", "2026-11-02T24:01:00Z", "2026-12-31T23:59:60Z", "2026-11-02T09:00:00+25:00", "1960-01-01T00:00:00Z",
              "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "2026-11-02T09:00:00Z\n", "x" * 10_000]  # fmt: skip
WRONG_POINT = [
    None, 1, True, "", "server1", ".centro", "server1.", "server1.a.b", "Server1.a", "server1.A", "server1.a/b", "server1.a+", "server1.#",
    "server1...", "server1.%2F", "server1.a\x00", "server1.ä", "server1.a ", "server1.-a", "server1." + "x" * 65, "x" * 10_000,
]  # fmt: skip
PREPARE = {"point_id": P, "trip_id": T, "stop": 0, "driver_id": "a", "start_ms": 1, "end_ms": 2}
FIELDS: list[tuple[str, str, list[Any], dict[str, Any]]] = [
    ("reserve", "point_id", WRONG_POINT, {"driver_id": "a", "duration_s": 600}),
    ("reserve", "driver_id", WRONG_TEXT, {"point_id": P, "duration_s": 600}),
    ("reserve", "duration_s", [*WRONG_COUNT, 0], {"point_id": P, "driver_id": "a"}),
    ("reserve", "start_ms", WRONG_COUNT, {"point_id": P, "driver_id": "a", "end_ms": 1}),
    ("reserve", "end_ms", WRONG_COUNT, {"point_id": P, "driver_id": "a", "start_ms": 1}),
    ("plug in", "driver_id", WRONG_TEXT, {}),
    ("plug in", "end_ms", WRONG_COUNT, {"driver_id": "a"}),
    ("plug in", "max_energy_wh", WRONG_COUNT, {"driver_id": "a"}),
    ("start", "max_energy_wh", WRONG_COUNT, {}),
    ("start", "driver_id", WRONG_TEXT[1:], {}),
    ("meter", "energy_wh", [*WRONG_COUNT, None], {}),
    ("stop", "energy_wh", WRONG_COUNT, {}),
    ("create", "max_power_w", [*WRONG_COUNT, None, 0], {"id": "h", "name": "n", "price_per_kwh_minor": 1}),
    ("create", "name", WRONG_TEXT, {"id": "h", "max_power_w": 1, "price_per_kwh_minor": 1}),
    ("create", "id", [*WRONG_POINT[5:], 1, True, "", "a.b.c", "..", "A"], {"name": "n", "max_power_w": 1, "price_per_kwh_minor": 1}),
    ("create", "location", [1, "x", [], {"lat": float("nan"), "lon": 1}, {"lat": 1e999, "lon": 1}], {"id": "h", **POINT}),
    ("create", "terms", [1, [], {"no_show_s": True}, {"no_show_s": 1.5}, {"no_show_s": 10**30}], {"id": "h", **POINT}),
    ("create", "currency", [None, 1, "", "brl", "BRLL", "B\nL", "R$€"], {"id": "h", **POINT}),
    ("create", "connector", [1, "", "x" * 10_000, "iec_62196_t2"], {"id": "h", **POINT}),
    ("change", "price_per_kwh_minor", WRONG_COUNT, {}),
    ("change", "fault", [1, True, "a\x00b", "x" * 501], {}),
    ("change", "terms", [1, [], {"horizon_s": -1}, {"horizon": 1}], {}),
    ("plan", "driver_id", WRONG_TEXT, {"stops": [{"point_id": P, "start_ms": 1, "end_ms": 2}]}),
    ("plan", "stops", [None, 1, "x", {}, [], [1], [{}], [[]], *([{"point_id": x, "start_ms": 1, "end_ms": 2}] for x in WRONG_POINT)], {"driver_id": "a"}),
    ("plan", "stops", [[{"point_id": P, "start_ms": x, "end_ms": 2}] for x in WRONG_COUNT], {"driver_id": "a"}),
    ("plan", "stops", [[{"near": {"lat": x, "lon": 1.0, "radius_m": 1.0}, "start_ms": 1, "end_ms": 2}] for x in (None, True, "1", 91, float("nan"), float("inf"))], {"driver_id": "a"}),
    ("plan", "coordinator", [1, True, "", "A", "server1.a", "x" * 33, "a/b"], {"driver_id": "a", "stops": [{"point_id": P, "start_ms": 1, "end_ms": 2}]}),
    ("prepare", "point_id", WRONG_POINT, PREPARE),
    ("prepare", "trip_id", WRONG_POINT, PREPARE),
    ("prepare", "stop", [*WRONG_COUNT, None, 20], PREPARE),
    ("prepare", "points", [None, 1, "x", [1], ["x"], [P] * 21], PREPARE),
    ("commit", "trip_id", WRONG_POINT, {}),
    ("abort", "stop", [*WRONG_COUNT, None, 20], {"point_id": P, "trip_id": T}),
    ("abort", "is_replaced", [None, 1, "true", []], {"point_id": P, "trip_id": T, "stop": 0}),
    ("reservar", "nome_posto", WRONG_TEXT, {"server_id": 1, "nome_cliente": "a"}),
    ("reservar", "nome_cliente", WRONG_TEXT, {"server_id": 1, "nome_posto": "a"}),
    ("reservar", "server_id", [None, -1, 1.5, "", "x" * 33, [], "\ud800"], {"nome_posto": "Centro 1", "nome_cliente": "a"}),
    ("criar", "potencia_maxima", [None, 0, -1, "x", [], float("nan"), 1e300], {"nome": "n", "localizacao": "l", "tipo_conector": "t", "preco_kwh": 1}),
    ("criar", "preco_kwh", [None, -1, "x", {}, float("inf"), 1e300], {"nome": "n", "localizacao": "l", "tipo_conector": "t", "potencia_maxima": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("command", "field", "values", "rest"), FIELDS, ids=[f"{row[0]} {row[1]}" for row in FIELDS])
async def test_a_wrong_value_is_refused_by_the_name_of_its_field(
    node: Client, command: str, field: str, values: list[Any], rest: dict[str, Any]
) -> None:
    """Every type but the right one, and the right one beyond its range. A number as a text is no number."""
    method, path = COMMANDS[command]
    for value in values:
        with Unchanged(node):
            reply = await send(node, method, path, json.dumps(rest | {field: value}).encode())
            refused(reply, field, allowed=(422,))


@pytest.mark.parametrize("field", ["start", "end"])
async def test_a_time_that_is_no_rfc_3339_is_refused(node: Client, field: str) -> None:
    """Without a zone it could be any of 38 instants; a leap second has no milliseconds since 1970."""
    other = {"start": "end", "end": "start"}[field] + "_ms"
    for value in WRONG_TIME:
        body = {"point_id": P, "driver_id": "a", other: node.node.clock.now_ms() + 60 * MINUTE, field: value}
        with Unchanged(node):
            refused(
                await send(node, "POST", "/v1/reservations", json.dumps(body).encode()), field, "body", allowed=(422,)
            )


@pytest.mark.parametrize(
    "window",
    [
        {"start_ms": 1, "start": "2027-01-01T00:00:00Z", "end_ms": 2},
        {"start_ms": 1, "end_ms": 2, "end": "2027-01-01T00:00:00Z"},
        {"start_ms": 1, "end_ms": 2, "duration_s": 3},
        {"start_ms": 1, "duration_s": 3},
        {"start_ms": 1},
        {"end": "2027-01-01T00:00:00Z"},
        {},
        {"start": "9999-12-31T23:59:59-23:59", "end": "9999-12-31T23:59:59Z"},
        {"start": "9999-12-31T23:59:58Z", "end": "9999-12-31T23:59:59Z"},
        {"start_ms": 253_402_300_799_998, "end_ms": 253_402_300_799_999},
        {"start_ms": 0, "end_ms": 253_402_300_799_999},
        {"start_ms": 2, "end_ms": 1},
        {"start_ms": 0, "end_ms": 0},
    ],
    ids=str,
)
async def test_a_window_said_twice_half_or_absurdly_is_refused(node: Client, window: dict[str, Any]) -> None:
    """Guessing which one was meant would reserve the wrong hour."""
    with Unchanged(node):
        headers = {"Idempotency-Key": "w"}
        reply = await node.post("/v1/reservations", {"point_id": P, "driver_id": "a", **window}, headers=headers)
        refused(reply, allowed=(422,))


async def test_a_number_as_text_is_no_rfc_3339(node: Client) -> None:
    """It is 2027 in seconds, and another time in the milliseconds of every other field."""
    body = {"point_id": P, "driver_id": "a", "start": "1800000000", "end_ms": 1_800_000_600_000}
    reply = await send(node, "POST", "/v1/reservations", json.dumps(body).encode())
    refused(reply, "start", allowed=(422,))
    assert "RFC 3339" in reply.body["detail"]


async def test_a_time_before_1970_is_refused_by_the_name_of_its_field(node: Client) -> None:
    """Every other time that is none is."""
    body = {"point_id": P, "driver_id": "a", "start": "1960-01-01T00:00:00Z", "end_ms": 1}
    refused(await send(node, "POST", "/v1/reservations", json.dumps(body).encode()), "start", allowed=(422,))


LENIENT = [
    ("POST", "/v1/points", {"id": "h", **POINT, "location": {"lat": True, "lon": 1.0}}, "location"),
    ("POST", "/v1/points", {"id": "h", **POINT, "location": {"lat": "1", "lon": 1.0}}, "location"),
    ("PATCH", f"/v1/points/{P}", {"maintenance": "off"}, "maintenance"),
    ("PATCH", f"/v1/points/{P}", {"maintenance": 0}, "maintenance"),
]


@pytest.mark.parametrize(("method", "path", "body", "field"), LENIENT, ids=lambda value: str(value)[:60])
async def test_booleans_and_coordinates_are_as_strict_as_numbers(
    node: Client, method: str, path: str, body: dict[str, Any], field: str
) -> None:
    """A text that is taken for a number is a mistake that shows later, elsewhere."""
    refused(await send(node, method, path, json.dumps(body).encode(), **{"If-Match": '"9-9"'}), field, allowed=(422,))
