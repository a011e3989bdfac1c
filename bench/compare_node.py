"""How fast is a node, next to an empty POST, to itself with all load on one point, and to the seed's design?"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

from bench.compare_seed import AS_SHIPPED, seed_on_postgres, seed_on_sqlite
from bench.contestant import Contestant, Round, row, take_turns
from bench.empty_post import empty_post
from bench.interleave import Ratio, ratio
from bench.node import node
from bench.postgres import Unavailable, postgres
from bench.result import Options, Result


def run(options: Options) -> Result:
    """Measure all of them in turns."""
    notes = ["each 2xx of a node and of the seed is a durable reservation; a node's are idempotent as well"]
    with ExitStack() as stack:
        yardstick = stack.enter_context(empty_post())
        ours = stack.enter_context(node(f"node, {options.points} points", options.points))
        hot = stack.enter_context(node("node, one point", options.points, among=1))
        sqlite = [stack.enter_context(seed_on_sqlite(variant, options.points)) for variant in ("async def", "threads")]
        shipped = stack.enter_context(seed_on_sqlite(AS_SHIPPED, options.points))
        on_postgres: list[Contestant] = []
        ours_there: list[Contestant] = []
        server = stack.enter_context(postgres())
        if isinstance(server, Unavailable):
            notes.append(f"PostgreSQL left out: {server.reason}")
        else:
            notes.append(f"{server.version}, fsync=on, synchronous_commit=on, unix socket")
            ours_there = [stack.enter_context(node("node on PostgreSQL", options.points, server=server))]
            on_postgres = [
                stack.enter_context(seed_on_postgres(variant, options.points, server))
                for variant in ("async def", "threads")
            ]
        turns = take_turns([yardstick, ours, *ours_there, hot, *sqlite, shipped, *on_postgres], options)
    return Result(
        f"A node, {options.points} points, {options.connections} connections",
        [row(name, rounds) for name, rounds in turns.items()],
        list(_ratios(turns, yardstick, ours, ours_there, hot, [([shipped], 30), (sqlite, 30), (on_postgres, 8)])),
        notes,
    )


def _ratios(
    turns: dict[str, list[Round]],
    yardstick: Contestant,
    ours: Contestant,
    ours_there: list[Contestant],
    hot: Contestant,
    seeds: list[tuple[list[Contestant], int]],
) -> list[Ratio]:
    def figures(one: Contestant, read: Callable[[Round], float]) -> list[float]:
        return [read(turn) for turn in turns[one.name]]

    def rate(turn: Round) -> float:
        return turn.load.good_per_s

    def p99_ms(turn: Round) -> float:
        return turn.load.p99_ms

    def per_cpu_s(turn: Round) -> float:
        return turn.good_per_cpu_s

    found = [
        ratio("node / empty POST, 2xx/s (aim 0.65)", figures(ours, rate), figures(yardstick, rate)),
        ratio("node / empty POST, p99 (aim below 2)", figures(ours, p99_ms), figures(yardstick, p99_ms)),
        ratio("node / empty POST, 2xx per server CPU second", figures(ours, per_cpu_s), figures(yardstick, per_cpu_s)),
        ratio("one point / all points, 2xx/s (aim 0.5)", figures(hot, rate), figures(ours, rate)),
    ]
    for there in ours_there:
        for unit, read in (("2xx/s", rate), ("p99", p99_ms), ("2xx per server CPU second", per_cpu_s)):
            found.append(ratio(f"node on PostgreSQL / on SQLite, {unit}", figures(there, read), figures(ours, read)))
    for group, aim in seeds:
        if group:
            best = max(group, key=lambda one: median(figures(one, rate)))
            found.append(ratio(f"node / {best.name}, 2xx/s (aim {aim})", figures(ours, rate), figures(best, rate)))
            found.append(
                ratio(
                    f"node / {best.name}, 2xx per server CPU second", figures(ours, per_cpu_s), figures(best, per_cpu_s)
                )
            )
    return found
