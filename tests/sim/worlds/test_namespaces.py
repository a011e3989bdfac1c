"""Hosts on this machine that can be cut off from one another. Skipped, with the reason, where there can be none."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sim.worlds.namespaces import Namespaces, why_no_namespaces
from tests.sim.cli.commands import running

pytestmark = pytest.mark.system
_PORT = 9_000
_PATIENCE_S = 60.0
_ANSWERS = (
    "import socketserver, sys\n"
    "class Echo(socketserver.BaseRequestHandler):\n"
    "    def handle(self):\n"
    "        while said := self.request.recv(100): self.request.sendall(said)\n"
    f"server = socketserver.ThreadingTCPServer((sys.argv[1], {_PORT}), Echo)\n"
    "print('ready', flush=True)\n"
    "server.serve_forever()\n"
)


@pytest.fixture
async def network() -> AsyncIterator[Namespaces]:
    """Two hosts."""
    reason = why_no_namespaces()
    if reason is not None:
        pytest.skip(reason)
    network = Namespaces(["one", "other"])
    await network.start()
    try:
        yield network
    finally:
        await network.stop()


@pytest.fixture
async def echo(network: Namespaces) -> AsyncIterator[str]:
    """A process on the one host that says what it is told; its address."""
    address, pipe = network.address("one"), asyncio.subprocess.PIPE
    words = [*network.prefix("one"), sys.executable, "-c", _ANSWERS, address]
    process = await asyncio.create_subprocess_exec(*words, stdout=pipe)
    assert process.stdout is not None
    await process.stdout.readline()
    yield address
    process.kill()
    await process.wait()


async def test_what_is_cut_is_lost_without_a_word_and_found_again_when_mended(network: Namespaces, echo: str) -> None:
    """A partition refuses nothing: connections stay, and what was sent arrives in the end."""
    with network.on("other"), socket.create_connection((echo, _PORT), timeout=_PATIENCE_S) as connection:
        assert _told(connection, b"before") == b"before"
        await network.cut([("one", "other")])
        connection.sendall(b"meanwhile")
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(100)
        await network.mend([("one", "other")])
        connection.settimeout(_PATIENCE_S)
        assert connection.recv(100) == b"meanwhile"


async def test_what_was_cut_twice_must_be_mended_twice(network: Namespaces, echo: str) -> None:
    """Faults overlap: the end of one does not end the other."""
    with network.on("other"):
        await network.cut([("other", "one"), ("one", "other")])
        await network.cut([("other", "one")])
        await network.mend([("other", "one"), ("one", "other")])
        with pytest.raises(TimeoutError):
            socket.create_connection((echo, _PORT), timeout=0.3)
        await network.mend([("other", "one")])
        with socket.create_connection((echo, _PORT), timeout=_PATIENCE_S) as connection:
            assert _told(connection, b"hello") == b"hello"


async def test_nothing_is_left_on_the_machine(network: Namespaces) -> None:
    """Neither while it is there, beside its own hosts, nor afterwards; and whoever was on a host is back."""
    here = _here()
    interfaces = socket.if_nameindex()
    with network.on("one"):
        assert _here() != here
        assert {name for _, name in socket.if_nameindex()} == {"lo", "e0"}
    assert _here() == here
    assert not any(name.startswith(("e0", "s0", "p1")) for _, name in interfaces)
    holders = network.holders()
    await network.stop()
    assert running(holders) == []
    assert socket.if_nameindex() == interfaces


def _told(connection: socket.socket, words: bytes) -> bytes:
    connection.sendall(words)
    return connection.recv(100)


def _here() -> str:
    """Return the name of the namespace that this thread is in."""
    return str(Path("/proc/thread-self/ns/net").readlink())
