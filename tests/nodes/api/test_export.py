"""What a node exports: all of its database, as it was at one moment, and whether it was cut."""

import asyncio
import time
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import URL, make_url

from nodes.config import Limits
from tests.nodes.running import Client, running_node


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> URL | None:
    return None if request.param == "sqlite" else make_url(request.getfixturevalue("new_database")())


async def exported(client: Client, table: str = "all") -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, Any]]:
    """Return an export's first line, its rows, and its last line."""
    first, *rows, last = map(orjson.loads, (await text_of(client, table)).splitlines())
    return first, rows, last


async def text_of(client: Client, table: str) -> str:
    async with client.session.get(f"{client.url}/v1/export/{table}") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/x-ndjson"
        return await answer.text()


async def test_all_tables_are_told_with_their_rows(tmp_path: Path, database: URL | None) -> None:
    """Row by row as they stand in the tables, whatever database that is."""
    async with running_node(tmp_path, database=database) as client:
        await client.create()
        made = await client.reserve(key="k-1")
        assert made.status == 201
        first, rows, last = await exported(client)
    assert 0 <= time.time() * 1000 - first.pop("at_ms") < 60_000
    assert first == {"export": "all", "schema_version": 2, "node": "server1", "epoch": 1, "ver": 2}
    assert last == {"end": "all", "rows": len(rows)}
    by_table: dict[str, list[dict[str, Any]]] = {}
    for each in rows:
        by_table.setdefault(each["table"], []).append(each["row"])
    assert {name: len(found) for name, found in by_table.items()} == {
        "charging_point": 1,
        "idempotency_key": 1,
        "journal": 2,
        "node": 1,
        "reservation": 1,
    }
    (reservation,), (point,), (answer,) = (
        by_table[name] for name in ("reservation", "charging_point", "idempotency_key")
    )
    assert (reservation["id"], reservation["idempotency_key"], reservation["extended"]) == (
        made.body["id"],
        "k-1",
        False,
    )
    assert (point["id"], point["lat"]) == ("server1.centro-01", None)
    assert orjson.loads(answer["body"]) == made.body
    assert [event["ver"] for event in by_table["journal"]] == [1, 2]


async def test_one_table_is_told_alone_and_an_unknown_one_is_not_there(client: Client) -> None:
    """Who wants to know of sessions need not carry a year's journal."""
    await client.create()
    first, rows, _ = await exported(client, "journal")
    assert (first["export"], [each["table"] for each in rows]) == ("journal", ["journal"])
    for unknown in ("node;drop table node", "sqlite_master", "..", "All"):
        assert (await client.get(f"/v1/export/{unknown}")).status in (404, 422)


async def test_an_export_is_one_moment_though_the_node_goes_on(tmp_path: Path, database: URL | None) -> None:
    """Journal and tables agree up to the same event, over all pages."""
    async with running_node(tmp_path, database=database) as client:
        await client.create()
        over = asyncio.Event()

        async def book() -> None:
            hour = 1
            while not over.is_set():
                assert (await client.reserve(60 * hour, key=f"k{hour}")).status == 201
                hour += 1

        booking = asyncio.create_task(book())
        for _ in range(5):
            first, rows, _ = await exported(client)
            vers = [each["row"]["ver"] for each in rows if each["table"] == "journal"]
            assert vers == list(range(1, first["ver"] + 1))
            assert sum(each["table"] == "reservation" for each in rows) == first["ver"] - 1
        over.set()
        await booking


async def test_one_export_at_a_time_and_none_for_ever(tmp_path: Path) -> None:
    """A reader that stalls holds an old state of the database open, and files grow behind it."""
    async with running_node(tmp_path, limits=Limits(export_s=0.0)) as client:
        assert '"end"' not in await text_of(client, "all")
        store: Any = client.node.store
        store._is_exporting = True
        refused = await client.get("/v1/export/all")
        assert (refused.status, refused.problem) == (503, "node-busy")
        store._is_exporting = False
        assert '"export":"node"' in await text_of(client, "node")
