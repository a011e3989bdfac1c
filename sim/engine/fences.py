"""The fence around virtual time: whatever would reach the real world raises, and names the call."""

import asyncio
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, SupportsIndex

from sim.engine.errors import RealIOError

_FENCED_CALLS = [
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
]
"""Methods of a loop that have no meaning in virtual time."""

_FENCED_EVENTS = frozenset(
    {
        "os.fork",
        "os.posix_spawn",
        "os.system",
        "socket.__new__",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "time.sleep",
        "_thread.start_new_thread",
    }
)
"""Audit events of CPython (its documentation has the table) that nothing in virtual time may raise."""

_FENCED = False
_INSTALLED = False


def _guard(event: str, _: tuple[Any, ...]) -> None:
    if _FENCED and event in _FENCED_EVENTS:
        raise RealIOError(f"{event}: no code may do that in virtual time")


def _no_sleep(_seconds: float | SupportsIndex, /) -> NoReturn:
    raise RealIOError("time.sleep: no code may do that in virtual time")


def _no_thread(_thread: threading.Thread) -> NoReturn:
    raise RealIOError("threading.Thread.start: no code may do that in virtual time")


def _refusing(name: str) -> Callable[..., NoReturn]:
    def refuse(_self: object, *_args: object, **_kwargs: object) -> NoReturn:
        raise RealIOError(f"loop.{name}: no code may do that in virtual time")

    return refuse


class Fences(asyncio.AbstractEventLoop):
    """The half of the loop that says no. ``run_in_executor`` calls at once: there are no threads."""

    @contextmanager
    def fenced(self) -> Iterator[None]:
        """While inside, real sockets, processes, threads and sleeps raise ``RealIOError``, whoever asks for them."""
        global _FENCED, _INSTALLED  # noqa: PLW0603 - CPython's audit hooks are the process's, and for ever
        if not _INSTALLED:
            sys.addaudithook(_guard)
            _INSTALLED = True
        before, _FENCED = _FENCED, True
        # CPython before 3.13 raises no audit events for these two
        sleep, time.sleep = time.sleep, _no_sleep
        start, threading.Thread.start = threading.Thread.start, _no_thread  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            _FENCED, time.sleep = before, sleep
            threading.Thread.start = start  # type: ignore[method-assign]

    def run_in_executor(  # type: ignore[override]
        self, _executor: object, func: Callable[..., Any], *args: Any
    ) -> "asyncio.Future[Any]":
        """Call the function in the loop's next turn."""
        future = self.create_future()

        def call() -> None:
            if future.cancelled():
                return
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(error)
            else:
                future.set_result(result)

        self.call_soon(call)
        return future

    def call_soon_threadsafe(self, callback: Callable[..., object], *_args: Any, **_: Any) -> NoReturn:  # type: ignore[override]
        """Refuse: there is one thread."""
        raise RealIOError(
            f"loop.call_soon_threadsafe({getattr(callback, '__qualname__', '?')}): there are no threads in virtual time"
        )

    async def shutdown_asyncgens(self) -> None:
        """Do nothing."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Do nothing: there is none."""


for _name in _FENCED_CALLS:
    setattr(Fences, _name, _refusing(_name))
