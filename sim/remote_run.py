"""A run on nodes that run already: who they are, what they own and what time it is there is asked, not told."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import orjson

from nodes.documents import DocumentError
from nodes.points_file import read_points
from sim.local_run import LocalRun
from sim.progress import OnProgress
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.scenario.remote import check_nodes, check_rate, check_remote
from sim.worlds.credentials import Credentials
from sim.worlds.remote import RemoteWorld
from sim.worlds.remote_export import RemoteError

_HEAD_START_S = 5.0
"""Wall-clock seconds between asking what time it is and the first vehicle: the fleet is planned meanwhile."""


class RemoteRun:
    """Plays a scenario on the nodes at ``targets``; ``play`` leaves what a local run leaves.

    ``changes`` are the scenario's overrides, as ``load_scenario`` takes them.
    """

    def __init__(
        self,
        path: Path,
        changes: Sequence[str],
        targets: Sequence[str],
        folder: RunFolder,
        command: str,
        on_progress: OnProgress,
        credentials: Credentials | None = None,
    ) -> None:
        """Raise ``DocumentError`` for a scenario that cannot be played so."""
        self._path = path
        self._changes = list(changes)
        self._loaded = load_scenario(path, self._changes)
        check_remote(self._loaded)
        self._folder = folder
        self._command = command
        self._on_progress = on_progress
        self._world = RemoteWorld(targets, folder.nodes, credentials or Credentials())

    async def play(self) -> None:
        """Play. Raises ``RemoteError`` or ``DocumentError`` when the nodes are not those that the scenario speaks of."""
        world = self._world
        await world.meet()
        check_nodes(self._loaded, world.urls)
        check_rate(self._loaded, world.time.rate)
        changes = [*self._changes, *await self._points()]
        scale = self._loaded.scenario.time.scale
        start = datetime.fromtimestamp(world.time.now_ms() / 1000 + _HEAD_START_S * scale, UTC)
        changes.append(f"time.start={start.isoformat(timespec='milliseconds')}")
        loaded = await asyncio.to_thread(load_scenario, self._path, changes)
        await LocalRun(loaded, self._folder, self._command, self._on_progress, remote=world).play()

    async def _points(self) -> list[str]:
        """Return the overrides that name the nodes' own points, where the scenario names none.

        Raises ``DocumentError`` if it names points that are not there.
        """
        files = await self._world.fetch_points()
        named = self._loaded.scenario.network.points_files
        for node_id, file in named.items():
            there = {entry["id"] for entry in orjson.loads(files[node_id].read_bytes())["points"]}
            missing = [entry.slug for entry in read_points(Path(file)) if entry.slug not in there]
            if missing:
                message = f"{node_id} has no {', '.join(missing[:10])}{' and others' if missing[10:] else ''}"
                raise DocumentError.of(file, 1, 1, ("points",), message)
        return [
            f"network.points_files.{node_id}={orjson.dumps(str(file.absolute())).decode()}"
            for node_id, file in files.items()
            if node_id not in named
        ]


def read_token(file: Path | None, environment: str | None) -> str | None:
    """Return the operator's token: a file's, or the environment's. Raises ``RemoteError`` for a file that holds none."""
    if file is None:
        return environment or None
    token = file.read_text(encoding="utf-8").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise RemoteError(f"{file}: holds no token")
    return token
