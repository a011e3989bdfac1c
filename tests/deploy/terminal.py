"""A make target on a terminal of its own."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Mapping

from tests.deploy.engine import ROOT

CTRL_C = "\x03"
IN_THE_FILTER = b"\x1b[4;3H"
"""Where the terminal client puts the cursor while its filter is empty and typed into."""
UNDER_THE_CURSOR = b"46m "
"""What stands before the line that keys are about: its background."""


class Terminal:
    """A make target with a terminal of its own, as a person has one."""

    def __init__(self, target: str, env: Mapping[str, str]) -> None:
        self.seen = b""
        self._own, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (50, 140))
        environment = os.environ | env | {"TERM": "xterm"}
        # setsid makes the terminal the controlling one, so that Ctrl-C reaches what runs there
        command = ["setsid", "--ctty", "--wait", "make", target]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)

    def wait_for(self, words: bytes, within_s: float = 120) -> None:
        until_s = time.monotonic() + within_s
        while words not in self.seen:
            assert time.monotonic() < until_s, (words, self.seen.decode(errors="replace"))
            self._read()

    def type(self, keys: str) -> None:
        """Press keys. What was seen before does not count any more."""
        self.seen = b""
        os.write(self._own, keys.encode())

    def end(self, key: str) -> int:
        os.write(self._own, key.encode())
        until_s = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < until_s:
            self._read()
        self.process.kill()
        os.close(self._own)
        return self.process.wait()

    def _read(self) -> None:
        if select.select([self._own], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self._own, 65_536)
            except OSError:
                time.sleep(0.2)
