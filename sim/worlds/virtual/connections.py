"""Requests and answers between hosts, as HTTP over TCP treats them: connected, sent, lost, late, refused, broken off."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol

from nodes.records import Answer
from sim.worlds.virtual.network import Network

_CONNECT_S = 2.0
"""Who gets no connection in this time gives up (``nodes.peers.http_peers`` does the same)."""


class RefusedError(Exception):
    """There was no connection: it is certain that nothing was done."""


class BrokenError(Exception):
    """There was a connection, and no answer. ``reason``: ``timeout`` or ``disconnected``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Listener(Protocol):
    """A host that takes connections."""

    @property
    def machine(self) -> str:
        """Its name on the network."""

    @property
    def is_listening(self) -> bool:
        """Whether a process of it takes connections now."""

    @property
    def starts(self) -> int:
        """How many processes of it there have been: which one a connection belongs to."""

    def spawn(self, coroutine: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        """Run a coroutine as part of the host's present life."""


class Connections:
    """Calls between hosts. An open connection is kept, until its host is heard to have died or a call on it gets no answer."""

    def __init__(self, network: Network) -> None:
        self.on_copy: Callable[[str], None] = lambda _: None
        """Called with the label of a request that arrives more than once."""
        self.on_answer: Callable[[str], None] = lambda _: None
        """Called with the machine that has just sent an answer: what becomes of it from now on does not call it back."""
        self._network = network
        self._open: dict[tuple[str, str], int] = {}
        """The connections that callers take for open: with which process of the called host."""
        self._under_way: dict[str, dict[_Call, None]] = {}

    async def call(
        self,
        caller: str,
        host: Listener,
        label: str,
        serve: Callable[[], Coroutine[Any, Any, Answer]],
        timeout_s: float,
    ) -> Answer:
        """Have ``serve`` run at the host, once or, by a repeating network, more often; return its first answer.

        Raises ``RefusedError`` or ``BrokenError``. Cancelling the wait leaves open what became of it.
        """
        call = _Call(self, caller, host, label, serve)
        timer = self._network.loop.call_later(timeout_s, call.give_up, context=self._network.context)
        try:
            call.begin(self._open.get((caller, host.machine)))
            return await call.answer
        finally:
            timer.cancel()
            call.end()

    def send_copy(
        self, caller: str, host: Listener, label: str, serve: Callable[[], Coroutine[Any, Any, Answer]]
    ) -> None:
        """Send a request whose answer nobody waits for: a copy of another."""
        _Call(self, caller, host, label, serve).begin(self._open.get((caller, host.machine)))

    def break_all(self, machine: str) -> None:
        """Close what the kernel closes when the host's process has died, and tell everybody who had a connection to it.

        Who is cut off does not hear of it, and who asks before having heard meets a connection that is gone.
        """
        for pair, process in list(self._open.items()):
            caller, called = pair
            if caller == machine:
                del self._open[pair]
            elif called == machine:
                self._network.carry(machine, caller, "gone", self.drop, pair, process, reliable=True)
        for call in list(self._under_way.pop(machine, {})):
            call.reset()

    def drop(self, pair: tuple[str, str], process: int) -> None:
        """Take note at the caller that a connection with that process is gone."""
        if self._open.get(pair) == process:
            del self._open[pair]


class _Call:
    __slots__ = (
        "_caller",
        "_connecting",
        "_connections",
        "_host",
        "_label",
        "_network",
        "_process",
        "_serve",
        "answer",
    )

    def __init__(
        self,
        connections: Connections,
        caller: str,
        host: Listener,
        label: str,
        serve: Callable[[], Coroutine[Any, Any, Answer]],
    ) -> None:
        self._connections = connections
        self._network = connections._network  # noqa: SLF001 - one thing in two classes
        self._caller = caller
        self._host = host
        self._label = label
        self._serve = serve
        self._connecting: asyncio.TimerHandle | None = None
        self._process = 0
        """Of the called host, that took the connection."""
        self.answer: asyncio.Future[Answer] = self._network.loop.create_future()

    def begin(self, process: int | None) -> None:
        """Send the request on an open connection with that process, or knock for a new one."""
        if process is not None:
            self._process = process
            self._send()
            return
        network = self._network
        self._connecting = network.loop.call_later(_CONNECT_S, self._not_connected, context=network.context)
        network.carry(self._caller, self._host.machine, f"{self._label} connect", self._at_door, reliable=True)

    def end(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        self._calls().pop(self, None)

    def reset(self) -> None:
        """The host has gone while it had the request."""
        self._back("reset", self._is_reset)

    def give_up(self) -> None:
        self._connections._open.pop((self._caller, self._host.machine), None)  # noqa: SLF001
        self._fail(BrokenError("timeout"))

    def _is_reset(self) -> None:
        self._connections.drop((self._caller, self._host.machine), self._process)
        self._fail(BrokenError("disconnected"))

    def _at_door(self) -> None:
        if self._host.is_listening:
            self._process = self._host.starts
            self._back("accept", self._connected)
        else:
            self._back("refuse", lambda: self._fail(RefusedError("connection refused")))

    def _connected(self) -> None:
        if self._connecting is None or self.answer.done():
            return
        self._connecting.cancel()
        self._connecting = None
        self._connections._open[(self._caller, self._host.machine)] = self._process  # noqa: SLF001
        self._send()

    def _not_connected(self) -> None:
        self._fail(RefusedError(f"no connection within {_CONNECT_S:.0f} s"))

    def _send(self) -> None:
        self._network.carry(self._caller, self._host.machine, self._label, self._arrive, on_copy=self._copied)

    def _copied(self) -> None:
        self._connections.on_copy(self._label)

    def _arrive(self) -> None:
        """The request, or a copy of it, is there."""
        if not self._host.is_listening or self._host.starts != self._process:
            self.reset()
            return
        if not self.answer.done():
            self._calls()[self] = None
        serving = self._host.spawn(self._serve())
        serving.add_done_callback(self._served, context=self._network.context)

    def _served(self, serving: "asyncio.Task[Answer]") -> None:
        if serving.cancelled():
            return
        error = serving.exception()
        if error is not None:
            self._network.loop.call_exception_handler({"message": f"{self._host.machine} failed", "exception": error})
            return
        self._calls().pop(self, None)
        self._back("answer", partial(self._complete, serving.result()))
        self._connections.on_answer(self._host.machine)

    def _complete(self, answer: Answer) -> None:
        if not self.answer.done():
            self.answer.set_result(answer)
            self.end()

    def _back(self, what: str, arrive: Callable[[], None]) -> None:
        self._network.carry(
            self._host.machine, self._caller, f"{self._label} {what}", arrive, reliable=what != "answer"
        )

    def _fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)
            self.answer.exception()  # who asked may be dead: then nobody will ever look
            self.end()

    def _calls(self) -> "dict[_Call, None]":
        return self._connections._under_way.setdefault(self._host.machine, {})  # noqa: SLF001
