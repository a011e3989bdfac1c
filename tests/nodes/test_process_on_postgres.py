"""A node as a process with its database at a PostgreSQL server: started, refused, cut off, set back."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import make_url

from bench.postgres import Postgres
from nodes.config import Limits
from tests.nodes.brokers import new_broker
from tests.nodes.node_process import started
from tests.nodes.running import free_port, running_node

SECRET = "s3cret-pass/word"
POINT = {"id": "a", "name": "A", "max_power_w": 1, "price_per_kwh_minor": 1}


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "nodes", "node", "--id", "server1", "--port", "0", "--log-level", "debug", *more]


def node_process(url: str) -> AbstractAsyncContextManager[tuple[asyncio.subprocess.Process, str]]:
    return started(command("--json"), {"RECARGA_DATABASE_URL": url})


def refused(url: str) -> str:
    """Start a node that cannot; return what it says."""
    done = subprocess.run(
        command(), capture_output=True, text=True, timeout=60, env=os.environ | {"RECARGA_DATABASE_URL": url}
    )
    assert done.returncode in (1, 2), done
    assert "Traceback" not in done.stderr
    assert SECRET not in done.stderr + done.stdout
    return done.stderr


async def test_what_it_acknowledged_the_next_process_knows(new_database: Callable[[], str]) -> None:
    """Also after a kill -9; and a second one meanwhile is told who is there."""
    url = new_database()
    async with aiohttp.ClientSession() as session:
        async with node_process(url) as (process, http):
            async with session.post(f"{http}/v1/points", json=POINT) as response:
                assert response.status == 201
            said = await asyncio.to_thread(refused, url)
            assert "another process holds this database" in said
            assert f"pid {process.pid}, node server1 at {http}" in said
        async with node_process(url) as (process, http):
            async with session.get(f"{http}/v1/points/server1.a") as response:
                assert (await response.json())["witness"] == [2, 1]
            process.terminate()
            _, errors = await asyncio.wait_for(process.communicate(), 60)
            assert process.returncode == 0
            assert b"Traceback" not in errors


async def test_it_stops_when_its_session_is_ended_though_nobody_asks_anything(
    postgres_server: Postgres, new_database: Callable[[], str]
) -> None:
    """Another process may have the database from then on."""
    url = new_database()
    async with node_process(url) as (process, _):
        postgres_server.sql(
            f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{make_url(url).database}'"
        )
        _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 1
        assert b"the store failed, the node stops" in errors
        assert b"terminating connection due to administrator command" in errors


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"postgresql+psycopg://ana:{SECRET}@127.0.0.1:1/x", "refused"),
        (f"postgresql+psycopg://ana:{SECRET.replace('/', '%2F')}@127.0.0.1:1/x", "refused"),
        ("postgresql://127.0.0.1:1/x?user=ana&password=s3cret-pass%2Fword", "refused"),
        (f"postgresql+psycopg://ana:{SECRET}@host:x/y", "%40"),
        ("postgresql+psycopg://ana@127.0.0.1", "names a database"),
        ("mysql://ana@127.0.0.1/x", "mysql"),
        ("sqlite:///x.db", "--data"),
        ("x", "--database-url"),
    ],
)
def test_a_wrong_url_is_said_in_one_line_without_the_password(url: str, words: str) -> None:
    """Also at the log level of people who look for the mistake."""
    said = refused(url)
    assert words in said


async def test_a_node_that_was_set_back_to_an_old_dump_is_found_out(
    postgres_server: Postgres, new_database: Callable[[], str], tmp_path: Path
) -> None:
    """As with a file: the others have heard of more than it holds, and it must not make a second history."""
    limits = Limits(broker_retry_ms=(20, 200), digest_ms=100, attest_events=1, fork_check_ms=30_000)
    url = make_url(new_database())
    tools = ["-h", str(postgres_server.directory), "-p", str(postgres_server.port), "-U", "bench"]
    dump = postgres_server.directory / "old.sql"
    broker = new_broker("embedded", tmp_path)
    await broker.start()
    try:
        port = free_port()
        at = {"server1": f"http://127.0.0.1:{port}"}  # an address that an operator gave: what is heard there counts
        async with running_node(tmp_path, "server2", limits=limits, broker=broker.url, peers=at) as watcher:
            shared = {"limits": limits, "broker": broker.url, "database": url, "port": port}
            async with running_node(tmp_path, "server1", **shared) as client:
                assert (await client.create()).status == 201
            postgres_server.run("pg_dump", *tools, "-n", "recarga_server1", "-f", str(dump), url.database or "")
            peers = {"server2": watcher.url}
            async with running_node(tmp_path, "server1", **shared, peers=peers) as client:
                assert (await client.reserve()).status == 201
                async with asyncio.timeout(30):
                    while (await watcher.get("/v1/attested", params={"of": "server1"})).body["ver"] < 2:
                        await asyncio.sleep(0.02)
            postgres_server.sql("drop schema recarga_server1 cascade", url.database or "")
            postgres_server.run("psql", *tools, "-q", "-v", "ON_ERROR_STOP=1", "-f", str(dump), url.database or "")
            async with running_node(tmp_path, "server1", **shared, peers=peers) as client:
                refusal = await client.reserve()
                assert (refusal.status, refusal.problem) == (503, "forked")
    finally:
        await broker.stop()
