"""Reserving over HTTP, as a driver's app does it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nodes.errors import StoreFailed
from tests.nodes.running import MINUTE, Client


async def test_a_reservation_is_made_told_and_cancelled(client: Client) -> None:
    """The way every driver goes."""
    await client.create()
    made = await client.reserve()
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/reservations/{made.body['id']}"
    assert made.headers["ETag"] == '"1-2"'
    assert made.body["witness"] == [1, 2]
    assert made.body["status"] == "RESERVED"
    told = await client.get(made.headers["Location"])
    assert told.body == made.body
    canceled = await client.send("DELETE", made.headers["Location"])
    assert (canceled.status, canceled.body["status"]) == (200, "CANCELED")
    assert (await client.get(made.headers["Location"])).body["status"] == "CANCELED"


async def test_rfc_3339_and_milliseconds_are_the_same_request(client: Client) -> None:
    """People write times; programs count them; a retry may do either."""
    await client.create()
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    body = {"point_id": "server1.centro-01", "driver_id": "ana"}
    texts = {"start": start.isoformat(), "end": (start + timedelta(hours=1)).isoformat()}
    start_ms = int(start.timestamp() * 1000)
    numbers = {"start_ms": start_ms, "end_ms": start_ms + 60 * MINUTE}
    headers = {"Idempotency-Key": "k"}
    first = await client.post("/v1/reservations", body | texts, headers=headers)
    again = await client.post("/v1/reservations", body | numbers, headers=headers)
    assert first.status == 201
    assert again.body == first.body


async def test_a_taken_window_is_refused_with_the_next_free_one(client: Client) -> None:
    """A refusal that helps: the app can offer it with one tap."""
    await client.create()
    first = await client.reserve(60, 30)
    refused = await client.reserve(70, 30)
    assert (refused.status, refused.problem) == (409, "window-taken")
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.body["next_free_start_ms"] == first.body["end_ms"]
    assert refused.body["outcome"] == "none"
    accepted = await client.reserve(
        0, 30, start_ms=refused.body["next_free_start_ms"], end_ms=refused.body["next_free_end_ms"]
    )
    assert accepted.status == 201


async def test_of_many_at_the_same_moment_one_gets_the_window(client: Client) -> None:
    """P1, through the whole stack."""
    await client.create()
    start_ms = client.node.clock.now_ms() + 60 * MINUTE
    window = {"start_ms": start_ms, "end_ms": start_ms + 30 * MINUTE}
    replies = await asyncio.gather(*(client.reserve(driver_id=f"d{n}", **window) for n in range(40)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 39


async def test_the_same_key_gives_the_same_answer_byte_for_byte(client: Client) -> None:
    """P4, through the whole stack; also when both are under way at once."""
    await client.create()
    start_ms = client.node.clock.now_ms() + 60 * MINUTE
    window = {"start_ms": start_ms, "end_ms": start_ms + 30 * MINUTE}
    replies = await asyncio.gather(*(client.reserve(key="same", **window) for _ in range(10)))
    assert {reply.status for reply in replies} == {201}
    assert len({str(reply.body) for reply in replies}) == 1
    quoted = await client.reserve(key='"same"', **window)
    assert quoted.body == replies[0].body


async def test_from_now_for_as_long_as_is_free(client: Client) -> None:
    """Who stands in front of a charger does not want to compute windows."""
    await client.create()
    later = await client.reserve(30, 30)
    now = await client.reserve(start_ms=None, end_ms=None, duration_s=7200)
    assert now.status == 201
    assert now.body["end_ms"] == later.body["start_ms"]


HOSTILE: list[tuple[dict[str, Any], int, str]] = [
    ({"start_ms": 1_000, "end_ms": 2_000_000}, 422, "window-in-past"),
    ({"start_ms": -5}, 422, "invalid-request"),
    ({"start_ms": "tomorrow"}, 422, "invalid-request"),
    ({"start_ms": 1.5}, 422, "invalid-request"),
    ({"start_ms": True}, 422, "invalid-request"),
    ({"start_ms": 10**30}, 422, "invalid-request"),
    ({"start": "2026-11-02T09:00:00", "start_ms": None}, 422, "invalid-request"),
    ({"start": 1_800_000_000, "start_ms": None}, 422, "invalid-request"),
    ({"start": "1960-01-01T00:00:00Z", "start_ms": None}, 422, "invalid-request"),
    ({"end_ms": None}, 422, "invalid-request"),
    ({"duration_s": 60}, 422, "invalid-request"),
    ({"driver_id": ""}, 422, "invalid-request"),
    ({"driver_id": "x" * 10_000}, 422, "invalid-request"),
    ({"driver_id": "a\u0000b"}, 422, "invalid-request"),
    ({"driver_id": "a\nb"}, 422, "invalid-request"),
    ({"driver_id": None}, 422, "invalid-request"),
    ({"unknown": 1}, 422, "invalid-request"),
    ({"point_id": "server1.centro-01/../x"}, 422, "invalid-request"),
    ({"point_id": "server1.+"}, 422, "invalid-request"),
    ({"point_id": "server1.#"}, 422, "invalid-request"),
    ({"point_id": "server1.çentro"}, 422, "invalid-request"),
    ({"point_id": "server1.centro-01\n"}, 422, "invalid-request"),
    ({"point_id": "x" * 10_000}, 422, "invalid-request"),
    ({"point_id": "server1.nowhere"}, 404, "unknown-point"),
    ({"point_id": "server9.centro-01"}, 404, "unknown-node"),
]


@pytest.mark.parametrize(("change", "status", "problem"), HOSTILE, ids=lambda value: str(value)[:40])
async def test_a_hostile_reservation_gets_its_problem(
    client: Client, change: dict[str, Any], status: int, problem: str
) -> None:
    """Nothing but a problem, and nothing is reserved."""
    await client.create()
    refused = await client.reserve(**change)
    assert (refused.status, refused.problem) == (status, problem), refused.body
    assert "x" * 500 not in str(refused.body)
    assert (await client.get("/v1/points/server1.centro-01/calendar")).body["busy"] == []


@pytest.mark.parametrize(
    ("minute", "minutes", "problem"),
    [
        (60, 0, "window-invalid"),
        (60, -10, "window-invalid"),
        (60, 1, "window-too-short"),
        (60, 2 * 366 * 24 * 60, "window-too-long"),
        (-10, 60, "window-in-past"),
        (3 * 366 * 24 * 60, 60, "window-beyond-horizon"),
    ],
)
async def test_an_unlawful_window_gets_its_problem(client: Client, minute: float, minutes: float, problem: str) -> None:
    """Windows in the past, of length zero, negative, years long."""
    await client.create()
    refused = await client.reserve(minute, minutes)
    assert (refused.status, refused.problem) == (422, problem)


@pytest.mark.parametrize(
    ("headers", "status", "problem"),
    [
        ({}, 400, "idempotency-key-missing"),
        ({"Idempotency-Key": ""}, 400, "idempotency-key-invalid"),
        ({"Idempotency-Key": "x" * 129}, 400, "idempotency-key-invalid"),
        ({"Idempotency-Key": "é"}, 400, "idempotency-key-invalid"),
        ({"Idempotency-Key": "k", "If-Match": "yesterday"}, 400, "precondition-invalid"),
        ({"Idempotency-Key": "k", "If-Match": '"9-9"'}, 412, "precondition-failed"),
    ],
)
async def test_a_wrong_header_gets_its_problem(
    client: Client, headers: dict[str, str], status: int, problem: str
) -> None:
    """A key is required: without one no retry is safe."""
    await client.create()
    start_ms = client.node.clock.now_ms() + 60 * MINUTE
    body = {"point_id": "server1.centro-01", "driver_id": "ana", "start_ms": start_ms, "end_ms": start_ms + 30 * MINUTE}
    refused = await client.post("/v1/reservations", body, headers=headers)
    assert (refused.status, refused.problem) == (status, problem)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b"{}" * 2, b"[" * 10_000, b'{"a":1e999}']
)
async def test_malformed_json_gets_a_problem(client: Client, text: bytes) -> None:
    """And never a 500."""
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    async with client.session.post(f"{client.url}/v1/reservations", data=text, headers=headers) as response:
        assert response.status in (400, 422)
        assert response.headers["Content-Type"] == "application/problem+json"


async def test_a_body_that_is_too_large_is_refused(client: Client) -> None:
    """P10: with a length told or not."""
    big = b'{"driver_id": "' + b"x" * 200_000 + b'"}'

    async def chunks() -> Any:
        for start in range(0, len(big), 5_000):
            yield big[start : start + 5_000]

    for data in (big, chunks()):
        headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
        async with client.session.post(f"{client.url}/v1/reservations", data=data, headers=headers) as response:
            assert response.status == 413
            assert (await response.json(content_type=None))["type"].endswith("body-too-large")


async def test_a_callers_patience_is_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller that gives up is told what is known: with the disk hanging, that is nothing."""
    await client.create()

    async def hang(_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(client.node.store, "append", hang)
    start_ms = client.node.clock.now_ms() + 60 * MINUTE
    body = {"point_id": "server1.centro-01", "driver_id": "ana", "start_ms": start_ms, "end_ms": start_ms + 30 * MINUTE}
    late = await client.post("/v1/reservations", body, headers={"Idempotency-Key": "k", "Recarga-Timeout-Ms": "1"})
    assert (late.status, late.problem, late.body["outcome"]) == (504, "deadline-exceeded", "unknown")
    client.node.server.journal.fail(StoreFailed("disk", "the test ends it"))
