"""Backup and restore of the duo's first server, by the commands of docs/deploy.md."""

import asyncio
from contextlib import suppress
from pathlib import Path

import aiohttp
import pytest

from tests.deploy.documented import blocks, follow
from tests.deploy.engine import HEALTHY_S, Project
from tests.deploy.http import Server, session
from tests.deploy.seed_walk import create

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PORT = 8000
BACKUP, RESTORE = blocks("Backup and restore")


async def test_a_damaged_database_is_restored_and_one_that_has_come_further_is_not(
    duo: Project, tmp_path: Path
) -> None:
    """In a folder that only its owner may enter; and whoever follows the page by mistake loses nothing."""
    await asyncio.to_thread(tmp_path.chmod, 0o700)
    async with session() as http:
        one = Server(http, PORT)
        await create(one, "Guardado")
        _succeeds(BACKUP, duo, tmp_path)
        duo.execute(
            "server_1", "sh", "-c", "head -c 40000 /dev/urandom | tee /data/server-1.db > /data/server-1.db-wal"
        )
        _succeeds(RESTORE, duo, tmp_path)
        assert "Guardado" in await _names(one)
        assert ".before-" in duo.execute("server_1", "ls", "/data")

        await create(one, "Depois")
        refused = follow(RESTORE, duo, tmp_path)
        assert refused.returncode != 0
        assert "--discard-newer" in refused.stderr + refused.stdout
        assert "server_1_run" not in duo.compose("ps")
        duo.compose("start", "server_1")
        assert {"Guardado", "Depois"} <= await _names(one)
        duo.execute("server_1", "sh", "-c", "rm /data/*.before-*")


def _succeeds(block: str, duo: Project, folder: Path) -> None:
    done = follow(block, duo, folder)
    assert done.returncode == 0, done
    print(done.stdout, done.stderr)


async def _names(server: Server) -> set[str]:
    """Return the names of the points, as soon as the server answers."""
    async with asyncio.timeout(HEALTHY_S):
        while True:
            with suppress(aiohttp.ClientError):
                return {point["nome"] for point in (await server.get("/")).body}
            await asyncio.sleep(0.2)
