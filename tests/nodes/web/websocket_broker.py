"""A real Mosquitto that browsers reach over WebSocket, ended by its own id."""

import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from sim.worlds.mosquitto import find_mosquitto
from sim.worlds.ports import free_port

_PATIENCE_S = 60


class WebSocketBroker:
    """One listener for nodes, one for browsers. Skips the test where Mosquitto is not installed."""

    def __init__(self, folder: Path) -> None:
        program = find_mosquitto()
        if program is None:
            pytest.skip("mosquitto is not installed")
        self.port, self._web_port = free_port(), free_port()
        config = folder / "mosquitto.conf"
        config.write_text(
            f"allow_anonymous true\nuser root\nlistener {self.port} 127.0.0.1\n"
            f"listener {self._web_port} 127.0.0.1\nprotocol websockets\n"
        )
        setpriv = shutil.which("setpriv")
        tied = [] if setpriv is None else [setpriv, "--pdeathsig", "KILL"]
        self._words = [*tied, program, "-c", str(config)]
        self.start()

    @property
    def url(self) -> str:
        """For nodes."""
        return f"mqtt://127.0.0.1:{self.port}"

    @property
    def web_url(self) -> str:
        """For browsers."""
        return f"ws://127.0.0.1:{self._web_port}"

    def start(self) -> None:
        """Start it, for the first time or again."""
        self._process = subprocess.Popen(self._words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end_s = time.monotonic() + _PATIENCE_S
        while not self._listens():
            assert self._process.poll() is None, "the broker has ended"
            assert time.monotonic() < end_s, "the broker does not listen"
            time.sleep(0.02)

    def stop(self) -> None:
        """End it without a word."""
        self._process.kill()
        self._process.wait()

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._web_port), 1):
            return True
        return False
