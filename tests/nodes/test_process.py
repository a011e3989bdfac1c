"""A node as a process: what it prints, how it starts, refuses to start, and stops."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path

import aiohttp
import pytest

from sim.worlds.ports import free_port
from tests.nodes.node_process import started

Started = AbstractAsyncContextManager[tuple[asyncio.subprocess.Process, str]]
POINTS = "points:\n  - {id: a, name: A, location: {lat: 1, lon: 2}, max_power_w: 22000, connector: CHADEMO, price_per_kwh_minor: 1}\n"


def command(folder: Path, *more: str) -> list[str]:
    return [sys.executable, "-m", "nodes", "node", "--id", "server1", "--port", "0", "--data", str(folder), *more]


def run(*arguments: str, env: dict[str, str] | None = None, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    environment = os.environ | (env or {})
    return subprocess.run(arguments, capture_output=True, text=True, timeout=timeout_s, env=environment)


def node_process(folder: Path, *more: str) -> Started:
    return started(command(folder, "--json", *more))


async def test_it_says_where_it_is_and_stops_in_order(tmp_path: Path) -> None:
    """SIGTERM: finish, flush, leave, with exit code 0 and nothing to recover."""
    async with node_process(tmp_path) as (process, url):
        async with aiohttp.ClientSession() as session:
            point = {"id": "a", "name": "A", "max_power_w": 1, "price_per_kwh_minor": 1}
            async with session.post(f"{url}/v1/points", json=point) as response:
                assert response.status == 201
        process.send_signal(signal.SIGTERM)
        output, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 0
        assert json.loads(output) == {"event": "stopped", "node": "server1", "code": 0}
        assert errors == b""
    assert not (tmp_path / "server1.db-wal").exists()


async def test_requests_under_way_are_finished_before_it_stops(tmp_path: Path) -> None:
    """Nobody who was let in is thrown out."""
    async with node_process(tmp_path) as (process, url):
        async with aiohttp.ClientSession() as session:
            point = {"id": "a", "name": "A", "max_power_w": 1, "price_per_kwh_minor": 1}
            await session.post(f"{url}/v1/points", json=point)

            async def ask() -> int:
                try:
                    async with session.get(f"{url}/v1/points/server1.a?fresh=true") as response:
                        return response.status
                except aiohttp.ClientError:
                    return 0

            asked = [asyncio.create_task(ask()) for _ in range(50)]
            await asyncio.sleep(0)
            process.send_signal(signal.SIGTERM)
            statuses = await asyncio.gather(*asked)
        assert set(statuses) <= {200, 503, 0}
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_second_process_on_the_same_database_is_refused(tmp_path: Path) -> None:
    """And is told which process holds it."""
    async with node_process(tmp_path) as (process, _):
        second = await asyncio.to_thread(run, *command(tmp_path))
        assert second.returncode == 1
        assert second.stderr.startswith("recarga: ")
        assert f"pid {process.pid}" in second.stderr
        assert "Traceback" not in second.stderr


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        (["--host", "0.0.0.0"], 2, "--auth-keys"),
        (["--host", "example.org"], 2, "IP address"),
        (["--broker", "localhost:1883"], 2, "mqtt://host:port"),
        (["--peer", "server2"], 2, "--peer"),
        (["--cluster", "a/b"], 2, "--cluster"),
        (["--points", "nowhere.yaml"], 2, "nowhere.yaml:1:1"),
        (["--log-level", "loud"], 2, "debug"),
        (["--port", "99999"], 2, "65535"),
    ],
)
def test_what_it_is_told_wrongly_is_said_in_one_line(tmp_path: Path, more: list[str], code: int, words: str) -> None:
    """Exit code 2, no traceback, nothing left behind."""
    refused = run(*command(tmp_path, *more))
    assert refused.returncode == code
    assert words in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_wrong_id_is_said(tmp_path: Path) -> None:
    """It becomes part of topics, URLs and file names."""
    for node_id in ("Server1", "a/b", "../x", "", "é", "x" * 40):
        refused = run(*command(tmp_path, "--id", node_id))
        assert refused.returncode == 2
        assert "--id" in refused.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_points_file_names_line_and_field(tmp_path: Path) -> None:
    """And nothing starts."""
    points = tmp_path / "points.yaml"
    points.write_text(POINTS + "  - {id: b, name: B, max_power_w: 22kW, price_per_kwh_minor: 1}\n")
    refused = run(*command(tmp_path, "--points", str(points)))
    assert refused.returncode == 2
    assert f"{points}:3:" in refused.stderr
    assert "points[1].max_power_w" in refused.stderr


def test_a_damaged_database_is_said(tmp_path: Path) -> None:
    """Clear message, exit code 1."""
    (tmp_path / "server1.db").write_bytes(b"not a database, but something else" * 200)
    refused = run(*command(tmp_path))
    assert refused.returncode == 1
    assert "damaged or no SQLite database" in refused.stderr
    assert "Traceback" not in refused.stderr


async def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """Not a traceback of the HTTP server."""
    async with node_process(tmp_path) as (_, url):
        port = url.rpartition(":")[2]
        refused = await asyncio.to_thread(
            run, sys.executable, "-m", "nodes", "node", "--id", "server2", "--port", port, "--data", str(tmp_path)
        )
        assert refused.returncode == 2
        assert f"cannot listen on 127.0.0.1:{port}" in refused.stderr


async def test_it_is_configured_by_the_environment(tmp_path: Path) -> None:
    """As containers are."""
    points = tmp_path / "points.yaml"
    points.write_text(POINTS)
    port = free_port()
    settings = {
        "RECARGA_ID": "env-1",
        "RECARGA_PORT": str(port),
        "RECARGA_DATA": str(tmp_path),
        "RECARGA_POINTS": str(points),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "nodes", "node", env=os.environ | settings, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    process.terminate()
    await process.communicate()
    assert line == f"env-1 is ready: http://127.0.0.1:{port}/docs (epoch 1, 1 points)\n"


async def test_loading_a_points_file_twice_changes_nothing(tmp_path: Path) -> None:
    """And an edited entry changes its point; what the API changed stays while the entry does."""
    points = tmp_path / "points.yaml"
    points.write_text(POINTS)
    path = "/v1/points/server1.a"
    async with aiohttp.ClientSession() as session:
        async with node_process(tmp_path, "--points", str(points)) as (process, url):
            await session.patch(url + path, json={"price_per_kwh_minor": 77})
            process.terminate()
            await process.wait()
        async with node_process(tmp_path, "--points", str(points)) as (process, url):
            async with session.get(url + path) as response:
                told = await response.json()
            assert (told["price_per_kwh_minor"], told["witness"]) == (77, [2, 2])
            process.terminate()
            await process.wait()
        points.write_text(POINTS.replace("price_per_kwh_minor: 1", "price_per_kwh_minor: 5"))
        async with node_process(tmp_path, "--points", str(points)) as (_, url):
            async with session.get(url + path) as response:
                told = await response.json()
            assert (told["price_per_kwh_minor"], told["witness"]) == (5, [3, 3])


async def test_it_stops_when_whoever_started_it_is_gone(tmp_path: Path) -> None:
    """A laboratory that is killed leaves no nodes behind."""
    process = await asyncio.create_subprocess_exec(
        *command(tmp_path, "--stop-with-parent"), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    await asyncio.wait_for(process.stdout.readline(), 60)
    process.stdin.close()
    assert await asyncio.wait_for(process.wait(), 60) == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_disk_that_fills_up_stops_the_node(small_disk: Path) -> None:
    """It stops answering 2xx, says why, and ends; what it had acknowledged is still there."""
    acknowledged: list[str] = []
    async with node_process(small_disk) as (process, url):
        async with aiohttp.ClientSession() as session:
            with suppress(aiohttp.ClientError):
                for number in range(20_000):
                    point = {"id": f"p{number}", "name": "x" * 200, "max_power_w": 1, "price_per_kwh_minor": 1}
                    async with session.post(f"{url}/v1/points", json=point) as response:
                        if response.status != 201:
                            assert response.status == 503
                            assert (await response.json(content_type=None))["type"].endswith("store-failed")
                            break
                        acknowledged.append(f"server1.p{number}")
        _, errors = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 1
        assert b"disk is full" in errors
    assert acknowledged
    copied = small_disk.parent / "copy"
    shutil.copytree(small_disk, copied)
    async with node_process(copied) as (_, url), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/v1/points/{acknowledged[-1]}") as response:
            assert response.status == 200
