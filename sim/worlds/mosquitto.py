"""Mosquitto as a child process of a run, where it is installed."""

import asyncio
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from sim.worlds.process import Child

_LOOK_AGAIN_S = 0.02
_ELSEWHERE = "/usr/sbin"
"""Where Debian puts it, which is not on everybody's path."""


def find_mosquitto() -> str | None:
    """Return the program; None: it is not installed."""
    return shutil.which("mosquitto", path=os.pathsep.join((os.environ.get("PATH", os.defpath), _ELSEWHERE)))


class Mosquitto(Child):
    """A broker that listens on one address; it keeps nothing on disk."""

    def __init__(self, program: str, host: str, port: int, folder: Path, inside: Sequence[str] = ()) -> None:
        super().__init__("broker", (), folder / "broker.log", inside)
        self._program, self._host, self._port = program, host, port
        self._config = folder / "mosquitto.conf"

    def _words(self) -> list[str]:
        lines = (f"listener {self._port} {self._host}", "allow_anonymous true", "set_tcp_nodelay true", "user root")
        self._config.write_text("".join(f"{line}\n" for line in lines))
        setpriv = shutil.which("setpriv")
        tied = [] if setpriv is None else [setpriv, "--pdeathsig", "TERM"]  # it does not watch its standard input
        return [*tied, self._program, "-c", str(self._config)]

    async def _says_ready(self, process: asyncio.subprocess.Process) -> bool:
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(self._host, self._port)
                writer.close()
                await writer.wait_closed()
                return True
            await asyncio.sleep(_LOOK_AGAIN_S)
        return False
