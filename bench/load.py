"""A lean closed-loop HTTP/1.1 load generator: N keep-alive connections, one request in flight on each, at once or after a while.

It runs in the benchmark's own process while the server has another, so that on two cores neither waits for the other.
``LoadResult.cpu_share`` says how busy the generator was: near 1.0 it is the generator that was measured.
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from array import array
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import cast

import httptools
import uvloop

MakeRequest = Callable[[int], bytes]

OK = frozenset({200, 201})
CONNECT_S = 10.0  # a server that accepts slower than this is not up
DRAIN_S = 30.0  # the slowest answer waited for after the window; the seed's design needs seconds under contention


class LoadError(Exception):
    """The load could not be carried out as asked: a lost connection, an unexpected status, an answer that never came."""


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What one run measured; latencies in milliseconds, from the write of a request to the end of its answer."""

    requests_per_s: float
    good_per_s: float
    p50_ms: float
    p90_ms: float
    p99_ms: float
    p999_ms: float
    max_ms: float
    statuses: Mapping[int, int]
    wall_s: float
    cpu_s: float

    @property
    def cpu_share(self) -> float:
        """CPU time of the generator's process over wall time, 0..1."""
        return self.cpu_s / self.wall_s


@dataclass(slots=True)
class _Tally:
    """What the connections share. Flat arrays: nothing in it makes the garbage collector work."""

    make_request: MakeRequest
    accept: frozenset[int]
    stopped: asyncio.Future[None]
    think_s: float = 0.0
    latencies_ns: array[int] = field(default_factory=lambda: array("q"))
    statuses: list[int] = field(default_factory=lambda: [0] * 1000)
    sent: int = 0
    in_flight: int = 0
    sending: bool = True

    def reset(self) -> None:
        self.latencies_ns = array("q")
        self.statuses = [0] * 1000

    def fail(self, reason: str) -> None:
        self.sending = False
        if not self.stopped.done():
            self.stopped.set_exception(LoadError(reason))


class _Connection(asyncio.Protocol):
    """One keep-alive connection; the end of an answer sends the next request."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._sent_ns = 0
        self._data = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's does not inherit from it

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:  # not by `close`
            self._tally.fail(f"the server closed a connection: {exc}")

    def data_received(self, data: bytes) -> None:
        self._data = data
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        now_ns = time.perf_counter_ns()
        tally = self._tally
        status = self._parser.get_status_code()
        tally.latencies_ns.append(now_ns - self._sent_ns)
        tally.statuses[status] += 1
        if status not in tally.accept:
            tally.fail(f"unexpected status {status}: {self._data[:1000].decode(errors='replace')}")
        tally.in_flight -= 1
        if tally.sending and tally.think_s:
            asyncio.get_running_loop().call_later(tally.think_s, self.send)
        elif tally.sending:
            self.send()
        elif tally.in_flight == 0 and not tally.stopped.done():
            tally.stopped.set_result(None)

    def send(self) -> None:
        tally = self._tally
        if not tally.sending:
            return
        index = tally.sent
        tally.sent = index + 1
        tally.in_flight += 1
        request = tally.make_request(index)
        assert self._transport is not None
        self._sent_ns = time.perf_counter_ns()
        self._transport.write(request)

    def close(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()


async def run_load(
    host: str,
    port: int,
    make_request: MakeRequest,
    connections: int = 32,
    duration_s: float = 3.0,
    warmup_s: float = 0.5,
    accept: Collection[int] = OK,
    at_edge: Callable[[], None] | None = None,
    think_s: float = 0.0,
) -> LoadResult:
    """Keep ``connections`` requests in flight for ``warmup_s + duration_s`` and report the last ``duration_s``.

    ``make_request(i)`` gives the bytes of the i-th request (see `encode_request`), counted from 0 in every run. Rates
    count the answers that ended inside the window; requests then in flight are waited for and add their latency only,
    so that a slow answer cannot hide behind the end. ``good_per_s`` counts 2xx alone. ``at_edge`` is called at the start
    and at the end of the window, to read the CPU time of others.

    Raises `LoadError` at a status outside ``accept``, a lost connection, or an answer missing `DRAIN_S` after the end.
    Cancelled, it leaves no connection open.
    """
    loop = asyncio.get_running_loop()
    tally = _Tally(make_request, frozenset(accept), loop.create_future(), think_s)
    opened: list[_Connection] = []
    collecting = gc.isenabled()
    try:
        async with asyncio.timeout(CONNECT_S):
            for _ in range(connections):
                _, connection = await loop.create_connection(lambda: _Connection(tally), host, port)
                opened.append(connection)
        gc.collect()
        gc.disable()
        for connection in opened:
            connection.send()
        await _sleep_or_fail(tally, warmup_s)
        at_edge = at_edge or _nothing
        at_edge()
        tally.reset()
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        await _sleep_or_fail(tally, duration_s)
        wall_s, cpu_s = time.perf_counter() - wall_s, time.process_time() - cpu_s
        at_edge()
        statuses = {status: count for status, count in enumerate(tally.statuses) if count}
        await _drain(tally)
    finally:
        if collecting:
            gc.enable()
        tally.sending = False
        for connection in opened:
            connection.close()
    return _result(tally.latencies_ns, statuses, wall_s, cpu_s)


def _nothing() -> None:
    pass


async def _sleep_or_fail(tally: _Tally, seconds: float) -> None:
    await asyncio.wait([tally.stopped], timeout=seconds)
    if tally.stopped.done():
        tally.stopped.result()


async def _drain(tally: _Tally) -> None:
    tally.sending = False
    if tally.in_flight == 0:
        return
    _, pending = await asyncio.wait([tally.stopped], timeout=DRAIN_S)
    if pending:
        raise LoadError(f"{tally.in_flight} answers did not come within {DRAIN_S:g} s")
    tally.stopped.result()


def _result(latencies_ns: array[int], statuses: Mapping[int, int], wall_s: float, cpu_s: float) -> LoadResult:
    if not statuses:
        raise LoadError("no answer came inside the window")
    ordered = sorted(latencies_ns)

    def quantile_ms(q: float) -> float:
        return ordered[max(0, math.ceil(q * len(ordered)) - 1)] / 1e6

    return LoadResult(
        requests_per_s=sum(statuses.values()) / wall_s,
        good_per_s=sum(count for status, count in statuses.items() if status // 100 == 2) / wall_s,
        p50_ms=quantile_ms(0.5),
        p90_ms=quantile_ms(0.9),
        p99_ms=quantile_ms(0.99),
        p999_ms=quantile_ms(0.999),
        max_ms=quantile_ms(1.0),
        statuses=statuses,
        wall_s=wall_s,
        cpu_s=cpu_s,
    )


def measure_load(
    port: int,
    make_request: MakeRequest,
    *,
    connections: int,
    duration_s: float,
    warmup_s: float,
    accept: Collection[int] = OK,
    at_edge: Callable[[], None] | None = None,
    think_s: float = 0.0,
) -> LoadResult:
    """Do `run_load` against this machine, on a uvloop of its own."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        load = run_load("127.0.0.1", port, make_request, connections, duration_s, warmup_s, accept, at_edge, think_s)
        return runner.run(load)


def encode_request(path: str, body: bytes, headers: Mapping[str, str] | None = None, method: str = "POST") -> bytes:
    """Write a request with a JSON body as it goes over the wire; ``path`` may carry a query and must be URL-encoded."""
    extra = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    head = (
        f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n{extra}\r\n"
    )
    return head.encode() + body
