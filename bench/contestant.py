"""A contestant: a running server and the requests it is asked, measured the same way as every other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench.interleave import interleave
from bench.load import OK, LoadResult, MakeRequest, measure_load
from bench.machine import busy_s
from bench.result import Options, Row
from bench.servers import Server, running

QUIET_CORES = 0.2  # taken by others; above it the generator and a server that uses one core do not fit into two


def nothing_else() -> float:
    """Return the CPU seconds of no helper."""
    return 0.0


@dataclass(frozen=True, slots=True)
class Round:
    """One contestant's turn: what the generator saw, and who used how many of the cores meanwhile.

    ``others_cores`` is what neither the generator nor the server used: other programs and the machine's host. A turn
    in which it is large says little; ``good_per_cpu_s`` suffers least from it.
    """

    load: LoadResult
    server_cores: float
    others_cores: float

    @property
    def good_per_cpu_s(self) -> float:
        """2xx answers for each CPU second of the server, its database included."""
        return self.load.good_per_s / self.server_cores


@dataclass(frozen=True, slots=True)
class Contestant:
    """``new_requests`` is called once a round, so that keys need not repeat; ``helper_cpu_s`` counts a database."""

    name: str
    server: Server
    new_requests: Callable[[], MakeRequest]
    accept: frozenset[int] = OK
    helper_cpu_s: Callable[[], float] = nothing_else

    def measure(self, options: Options) -> Round:
        """Take one turn; take it again while others disturb it, ``patience`` times at most, and keep the quietest."""
        turn = self._turn(options)
        for _ in range(options.patience):
            if turn.others_cores <= QUIET_CORES:
                break
            turn = min(turn, self._turn(options), key=lambda each: each.others_cores)
        return turn

    def _turn(self, options: Options) -> Round:
        edges: list[tuple[float, float, float]] = []  # wall, server and machine seconds

        def read_clocks() -> None:
            edges.append((time.perf_counter(), self.server.cpu_s() + self.helper_cpu_s(), busy_s()))

        load = measure_load(
            self.server.port,
            self.new_requests(),
            connections=options.connections,
            duration_s=options.duration_s,
            warmup_s=options.warmup_s,
            accept=self.accept,
            at_edge=read_clocks,
        )
        wall_s, server_s, machine_s = (after - before for before, after in zip(*edges, strict=True))
        return Round(load, server_s / wall_s, max(0.0, machine_s - server_s - load.cpu_s) / wall_s)


@contextmanager
def contestant(
    name: str,
    argv: Sequence[str],
    port: int,
    new_requests: Callable[[], MakeRequest],
    *,
    env: Mapping[str, str] | None = None,
    accept: frozenset[int] = OK,
    helper_cpu_s: Callable[[], float] = nothing_else,
) -> Iterator[Contestant]:
    """Start ``argv`` and give the contestant; the server ends with the block."""
    with running(argv, port, env) as server:
        yield Contestant(name, server, new_requests, accept, helper_cpu_s)


def take_turns(contestants: Sequence[Contestant], options: Options) -> dict[str, list[Round]]:
    """Measure all of them in turns; by name."""
    return interleave({one.name: partial(one.measure, options) for one in contestants}, options.rounds)


def row(name: str, rounds: Sequence[Round]) -> Row:
    """Sum a contestant's rounds up for a table: the median of each figure, the worst of the maxima."""
    loads = [turn.load for turn in rounds]
    answers = sum(sum(load.statuses.values()) for load in loads)
    good = sum(count for load in loads for status, count in load.statuses.items() if status // 100 == 2)
    return {
        "contestant": name,
        "2xx/s": round(median(load.good_per_s for load in loads)),
        "2xx %": round(100 * good / answers, 1),
        "p50 ms": round(median(load.p50_ms for load in loads), 2),
        "p99 ms": round(median(load.p99_ms for load in loads), 2),
        "p99.9 ms": round(median(load.p999_ms for load in loads), 2),
        "max ms": round(max(load.max_ms for load in loads), 1),
        "2xx/CPU s": round(median(turn.good_per_cpu_s for turn in rounds)),
        "server cores": round(median(turn.server_cores for turn in rounds), 2),
        "generator": round(median(load.cpu_share for load in loads), 2),
        "others": round(median(turn.others_cores for turn in rounds), 2),
    }
