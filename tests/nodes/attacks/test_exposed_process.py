"""A node process as it is deployed: on every address, with keys from a file or the environment, one rotated under it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from tests.nodes.auth.ring import Ring

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
READY_S = 240
"""Until it listens, on a machine that is busy."""


@asynccontextmanager
async def exposed(folder: Path, *more: str, **env: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Have a node process that listens everywhere; give it and its URL on this machine."""
    command = [sys.executable, "-m", "nodes", "node", "--id", "server1", "--host", "0.0.0.0", "--port", "0", "--json"]
    process = await asyncio.create_subprocess_exec(
        *command, "--data", str(folder), "--log-level", "debug", *more,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | env,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), READY_S)
        yield process, json.loads(line)["url"].replace("0.0.0.0", "127.0.0.1")
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def test_it_lets_in_who_has_a_token_and_says_nothing_of_it(tmp_path: Path) -> None:
    """And a new key counts, an old one no more, while it runs; its log holds neither tokens nor keys."""
    ring = Ring(tmp_path / "keys.json")
    async with exposed(tmp_path, "--auth-keys", str(ring.path)) as (process, url), aiohttp.ClientSession() as session:

        async def status(token: str | None) -> int:
            headers = {} if token is None else {"Authorization": f"Bearer {token}"}
            async with session.get(f"{url}/v1/points", headers=headers) as response:
                return response.status

        first = ring.token()
        assert [await status(None), await status("x.y.z"), await status(first)] == [401, 401, 200]
        ring.add()
        second = ring.token()
        assert [await status(second), await status(first)] == [200, 200]
        ring.jwks.pop()
        ring.write()
        async with asyncio.timeout(READY_S):
            while await status(first) != 401:
                await asyncio.sleep(0.2)
        assert await status(second) == 200
        process.terminate()
        output, errors = await asyncio.wait_for(process.communicate(), READY_S)
    told = (output + errors).decode()
    for secret in (first, second, first.rpartition(".")[2], second.rpartition(".")[2], ring.jwks[0]["d"]):
        assert secret not in told


async def test_it_takes_its_keys_from_the_environment(tmp_path: Path) -> None:
    """As a secret of an orchestrator; and the seed contract's mode too."""
    ring = Ring(tmp_path / "keys.json")
    env = {"RECARGA_AUTH_KEYS_JSON": ring.path.read_text(), "RECARGA_SEED_CONTRACT": "open"}
    async with exposed(tmp_path, **env) as (_, url), aiohttp.ClientSession() as session:
        async with session.get(f"{url}/") as response:
            assert (response.status, await response.json()) == (200, [])
        async with session.get(f"{url}/v1/points") as response:
            assert response.status == 401
        async with session.get(f"{url}/v1/points", headers=ring.bearer()) as response:
            assert response.status == 200
