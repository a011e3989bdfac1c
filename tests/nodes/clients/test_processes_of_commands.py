"""Commands as processes: how they end when somebody ends them, and what they need to be installed."""

import asyncio
import json
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from nodes.clients.http_client import HttpClient
from nodes.clients.moments import now_ms
from nodes.clients.network import Network
from tests.nodes.clients.processes import NodeProcess

pytestmark = pytest.mark.system
Nodes = tuple[NodeProcess, NodeProcess]
_WAIT_S = 120


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "sim", "client", *arguments]


async def test_watching_ends_when_the_charge_does(nodes: Nodes) -> None:
    """One object a line, each time it changes; seen through the other node, too."""
    async with HttpClient([nodes[0].url]) as client:
        session = await Network(client).plug_in("server1.a", "ana")
        watching = await asyncio.create_subprocess_exec(
            *command("watch", session.id, "--json", "--node", nodes[1].url), stdout=subprocess.PIPE
        )
        assert watching.stdout is not None
        async with asyncio.timeout(_WAIT_S):
            assert json.loads(await watching.stdout.readline())["status"] == "ACTIVE"
            await Network(client).stop(session.id)
            assert json.loads(await watching.stdout.readline())["status"] == "COMPLETED"
            assert await watching.wait() == 0


async def test_events_go_on_until_ctrl_c(nodes: Nodes) -> None:
    """Exit code 130, without a traceback; and when the reader has read enough it ends by itself."""
    for is_cut in (False, True):
        listening = await asyncio.create_subprocess_exec(
            *command("events", "--json", "--point", "server1.b", "--node", nodes[0].url),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert listening.stdout is not None
        assert listening.stderr is not None
        async with asyncio.timeout(_WAIT_S), HttpClient([nodes[0].url]) as client:
            assert b"live" in await listening.stderr.readline()
            start_ms = now_ms() + 86_400_000
            held = await Network(client).reserve("server1.b", "ana", start_ms=start_ms, end_ms=start_ms + 1_800_000)
            assert json.loads(await listening.stdout.readline())["type"] == "reservation.reserved"
            if is_cut:
                listening.stdout._transport.close()  # type: ignore[attr-defined]
            else:
                listening.send_signal(signal.SIGINT)
            await Network(client).cancel(held.id)
            assert await listening.wait() == (0 if is_cut else 130)
            assert b"Traceback" not in await listening.stderr.read()


def test_the_application_says_what_it_needs(tmp_path: Path) -> None:
    """Where its library is not installed; commands do not need it."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['textual'] = None\n")
    env = os.environ | {"PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', Path.cwd())}"}
    for arguments, code, words in (((), 1, "recarga[client]"), (("points", "--node", "x"), 2, "address of a node")):
        ended = subprocess.run(command(*arguments), capture_output=True, text=True, env=env, timeout=_WAIT_S)
        assert (ended.returncode, words in ended.stderr) == (code, True), ended.stderr


def test_the_application_needs_a_terminal() -> None:
    """In a pipe it says so, instead of drawing into it."""
    ended = subprocess.run(command(), capture_output=True, text=True, timeout=_WAIT_S)
    assert (ended.returncode, "needs a terminal" in ended.stderr, ended.stdout) == (2, True, "")


@pytest.mark.parametrize("ends_by", ["q", "SIGTERM"])
def test_the_application_runs_in_a_terminal_until_it_is_ended(nodes: Nodes, ends_by: str) -> None:
    """A pseudo terminal of 80 by 24: it draws the points, a key or a container's end ends it, and the terminal is as it was."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    env = os.environ | {"TERM": "xterm-256color", "RECARGA_NODES": nodes[0].url}
    process = subprocess.Popen(command("--driver", "ana"), stdin=theirs, stdout=theirs, stderr=theirs, env=env)
    os.close(theirs)
    drawn, until_s, is_told = b"", time.monotonic() + _WAIT_S, False
    try:
        while time.monotonic() < until_s and process.poll() is None:
            if select.select([ours], [], [], 0.1)[0]:
                with suppress(OSError):
                    drawn += os.read(ours, 65_536)
            if not is_told and b"Centro 1" in drawn:
                if ends_by == "q":
                    os.write(ours, b"q")
                else:
                    process.send_signal(signal.SIGTERM)
                is_told = True
        assert (is_told, process.wait(_WAIT_S)) == (True, 0), drawn[-2_000:]
        assert b"\x1b[?1049l" in drawn  # back from the alternate screen
    finally:
        process.kill()
        process.wait()
        os.close(ours)
