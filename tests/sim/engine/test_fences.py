"""The fence around virtual time: whatever would reach the real world raises, names the call, and is free again afterwards."""

import asyncio
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from simpy import Environment

from sim.engine.errors import RealIOError
from sim.engine.loop import VirtualLoop


def new_loop() -> VirtualLoop:
    return VirtualLoop(Environment())  # type: ignore[abstract]


async def _call(reach: Callable[[], Any]) -> None:
    found = reach()
    if asyncio.iscoroutine(found):
        await found


LOOP_CALLS = [
    "add_reader",
    "remove_reader",
    "add_writer",
    "remove_writer",
    "add_signal_handler",
    "remove_signal_handler",
    "connect_accepted_socket",
    "connect_read_pipe",
    "connect_write_pipe",
    "create_connection",
    "create_datagram_endpoint",
    "create_server",
    "create_unix_connection",
    "create_unix_server",
    "getaddrinfo",
    "getnameinfo",
    "sendfile",
    "sock_accept",
    "sock_connect",
    "sock_recv",
    "sock_recv_into",
    "sock_recvfrom",
    "sock_recvfrom_into",
    "sock_sendall",
    "sock_sendfile",
    "sock_sendto",
    "start_tls",
    "subprocess_exec",
    "subprocess_shell",
    "run_forever",
    "call_soon_threadsafe",
]


@pytest.mark.parametrize("name", LOOP_CALLS)
def test_a_call_of_the_loop_that_means_the_real_world_is_named(name: str) -> None:
    """Whoever reads the error must find the call."""
    loop = new_loop()
    with pytest.raises(RealIOError, match=rf"loop\.{name}\b.*virtual time"):
        loop.run_until_complete(_call(lambda: getattr(loop, name)(print, print)))


def test_no_call_of_a_loop_is_forgotten() -> None:
    """A method that asyncio's loops have is either fenced, or works; none is an empty NotImplementedError."""
    loop = new_loop()
    made = {name for name in dir(asyncio.AbstractEventLoop) if not name.startswith("_")}
    left = {name for name in made if getattr(type(loop), name) is getattr(asyncio.AbstractEventLoop, name)}
    assert left == {
        "set_debug",
        "set_exception_handler",
        "get_exception_handler",
        "set_task_factory",
        "get_task_factory",
        "stop",
        "set_default_executor",
    }


REAL: dict[str, tuple[Callable[[], Any], str]] = {
    "a socket": (socket.socket, r"socket\.__new__"),
    "a name look-up": (lambda: socket.getaddrinfo("localhost", 80), r"socket\.getaddrinfo"),
    "a connection": (lambda: socket.create_connection(("127.0.0.1", 9)), r"socket\."),
    "asyncio's connection": (lambda: asyncio.open_connection("127.0.0.1", 9), r"loop\.create_connection"),
    "asyncio's server": (lambda: asyncio.start_server(print, "127.0.0.1"), r"loop\.create_server"),
    "a process": (lambda: subprocess.run([sys.executable, "-c", ""]), r"subprocess\.Popen"),
    "asyncio's process": (lambda: asyncio.create_subprocess_exec("true"), r"loop\.subprocess_exec"),
    "a shell": (lambda: os.system("true"), r"os\.system"),
    "a fork": (os.fork, r"os\.fork"),
    "a spawned process": (lambda: os.posix_spawn(sys.executable, ["python"], {}), r"os\.posix_spawn"),
    "a sleep": (lambda: time.sleep(0.001), r"time\.sleep"),
    "a thread": (lambda: threading.Thread(target=print).start(), r"threading\.Thread\.start"),
    "a pool's thread": (lambda: ThreadPoolExecutor(1).submit(print), r"threading\.Thread\.start"),
    "a call in a thread": (lambda: threading.Timer(0, print).start(), r"threading\.Thread\.start"),
}


@pytest.mark.parametrize(("reach", "name"), REAL.values(), ids=REAL.keys())
def test_the_real_world_is_fenced_off(reach: Callable[[], Any], name: str) -> None:
    """Whatever is not deterministic must be loud, however it is reached."""
    with pytest.raises(RealIOError, match=f"{name}.*virtual time"):
        new_loop().run_until_complete(_call(reach))


def test_outside_the_run_everything_is_free() -> None:
    """Before it, after it, and after a run that ended in an error."""
    with pytest.raises(ZeroDivisionError):
        new_loop().run_until_complete(_call(lambda: 1 // 0))
    socket.socket().close()
    time.sleep(0)
    done = threading.Event()
    thread = threading.Thread(target=done.set)
    thread.start()
    thread.join()
    assert done.is_set()


def test_a_run_inside_of_a_fence_leaves_the_fence_up() -> None:
    """A tool that plays one run within another is fenced until the outer one ends."""
    with new_loop().fenced():
        with new_loop().fenced():
            pass
        with pytest.raises(RealIOError):
            socket.socket()
        with pytest.raises(RealIOError):
            time.sleep(0)
    socket.socket().close()


def test_an_executor_calls_in_the_next_turn_and_in_no_thread() -> None:
    """Not at once: what its caller does next comes first, as with a thread. A cancelled call is not made."""

    async def main() -> list[object]:
        loop, order = asyncio.get_running_loop(), list[object]()
        called = loop.run_in_executor(None, lambda: order.append(threading.current_thread() is threading.main_thread()))
        dropped = loop.run_in_executor(None, order.append, "never")
        dropped.cancel()
        order.append("asked")
        await called
        assert await asyncio.to_thread(lambda: "to thread") == "to thread"
        with pytest.raises(ZeroDivisionError):
            await loop.run_in_executor(None, lambda: 1 // 0)
        return order

    assert new_loop().run_until_complete(main()) == ["asked", True]
