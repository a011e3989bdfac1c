"""Brokers for tests, as processes: the embedded one, and Mosquitto where it is installed. Each is ended by its own id."""

import asyncio
import os
import shutil
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from sim.worlds.ports import free_port


class TestBroker:
    """A broker on a port of its own that can be stopped, hung and started again."""

    __test__ = False

    def __init__(self, command: list[str], port: int) -> None:
        self.port = port
        self._command = command
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    async def start(self) -> None:
        null, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=null, stderr=null)
        async with asyncio.timeout(60):
            while not await self._listens():
                assert self._process.returncode is None, "the broker has ended"
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        if self._process is not None:
            self._signal(signal.SIGKILL)
            await self._process.wait()
            self._process = None

    @property
    def is_embedded(self) -> bool:
        return self._command[0] == sys.executable

    def hang(self) -> None:
        self._signal(signal.SIGSTOP)

    def wake(self) -> None:
        self._signal(signal.SIGCONT)

    async def _listens(self) -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.close()
            await writer.wait_closed()
            return True
        return False

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, number)


def new_broker(kind: str, folder: Path) -> TestBroker:
    """Return a broker of that kind, not started; skips the test where it is not installed."""
    port = free_port()
    if kind == "embedded":
        return TestBroker([sys.executable, "-m", "nodes", "broker", "--port", str(port), "--stop-with-parent"], port)
    program = shutil.which("mosquitto")
    if program is None:
        pytest.skip("mosquitto is not installed")
    config = folder / "mosquitto.conf"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nuser root\n")
    return TestBroker([program, "-c", str(config)], port)
