"""``python -m bench [name ...]``: run benchmarks and print each one's ratios and table, or everything as JSON."""

from __future__ import annotations

import argparse
import dataclasses
import json
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module

from rich.console import Console
from rich.table import Table

from bench.machine import facts
from bench.result import Options, Result

BENCHMARKS = {
    "load": "is the load generator fast enough?",
    "node": "a node next to an empty POST, to one hot point, and to the seed's design",
    "size": "memory and start of a node that holds 10,000 points and 200,000 reservations",
    "seed": "the seed's design on SQLite and PostgreSQL next to an empty POST",
    "clients": "which HTTP client should the fleet use?",
    "virtual": "a day and an exploration in virtual time, next to the clock and to SimPy models without nodes",
    "trip": "a trip of three stops on three nodes next to a single reservation",
    "rough": "how bookings go on while broker, nodes and links of a real network fail, one after the other",
    "gossip": "what nodes say to one another as the network and the requests grow",
    "scale": "cost and memory of a vehicle among a thousand and among many",
}


def main(argv: Sequence[str] | None = None) -> None:
    """Run what was asked for; a benchmark named x is ``bench/compare_x.py``."""
    arguments = _parse(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end with this process
    options = Options(
        rounds=arguments.rounds,
        duration_s=arguments.seconds,
        warmup_s=arguments.warmup,
        connections=arguments.connections,
        points=arguments.points,
        patience=arguments.patience,
        sizes=arguments.sizes,
        nodes=arguments.nodes,
    )
    console = Console(stderr=arguments.json, width=None if sys.stdout.isatty() else 140)
    machine = facts()
    for name, fact in machine.items():
        console.print(f"[dim]{name}: {fact}")
    results: dict[str, Result] = {}
    for name in arguments.names or BENCHMARKS:
        run: Callable[[Options], Result] = import_module(f"bench.compare_{name}").run
        results[name] = run(options)
        show(console, results[name])
    if arguments.json:
        told = {name: dataclasses.asdict(result) for name, result in results.items()}
        print(json.dumps({"machine": machine, "options": dataclasses.asdict(options), "results": told}, indent=2))


def show(console: Console, result: Result) -> None:
    """Print one outcome, ratios first."""
    console.print(f"\n[bold]{result.title}")
    for ratio in result.ratios:
        console.print(f"  {ratio}", highlight=False)
    table = Table(*(result.rows[0] if result.rows else ()))
    for row in result.rows:
        table.add_row(*map(str, row.values()))
    console.print(table)
    for note in result.notes:
        console.print(f"  [dim]{note}")


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    defaults = Options()
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Benchmarks: " + "; ".join(f"{name} ({what})" for name, what in BENCHMARKS.items()),
    )
    parser.add_argument("names", nargs="*", metavar="name", help=f"{', '.join(BENCHMARKS)}; default: all")
    parser.add_argument("--json", action="store_true", help="JSON on standard output, tables on standard error")
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument("--seconds", type=float, default=defaults.duration_s, help="measured, of each turn")
    parser.add_argument("--warmup", type=float, default=defaults.warmup_s, help="seconds before them")
    parser.add_argument("--connections", type=int, default=defaults.connections)
    parser.add_argument("--points", type=int, default=defaults.points, help="charging points that share the load")
    parser.add_argument("--patience", type=int, default=defaults.patience, help="retakes of a turn others disturbed")
    parser.add_argument("--sizes", type=_numbers, default=defaults.sizes, help="vehicles: 1000,10000,1000000")
    parser.add_argument("--nodes", type=_numbers, default=defaults.nodes, help="of a network: 3,10,25,50")
    arguments = parser.parse_args(argv)
    unknown = set(arguments.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}")
    return arguments


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split(","))


if __name__ == "__main__":
    main()
