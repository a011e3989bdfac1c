"""How fast is virtual time, and what do nodes cost next to a SimPy model without them?"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from statistics import median

from bench.interleave import interleave, ratio
from bench.result import Options, Result, Row
from bench.virtual_process import Figures

DAY = {
    "name": "day",
    "time": {"duration_s": 86_400, "drain_s": 3_600},
    "network": {"nodes": 4, "points_per_node": 15},
    "fleet": {"vehicles": 2_000},
    "virtual": {"view_reads_per_hour": 0},
}
"""A day of 4 nodes with 60 points and 2,000 vehicles; nobody else asks, and everything else is as it is by default."""
_NAMES = {
    "full": "the day, full nodes",
    "bare": "the day, bare SimPy model",
    "barest": "the day, a Resource per point",
    "explore": "exploration, all faults, audited",
}
_SEEDS_AT_ONCE = 4
_COMPARED = ("requests", "reserve ok", "reserve fail", "start ok", "meter ok", "stop ok", "cancel ok", "fate served")


def run(options: Options) -> Result:
    """Play a day in full, bare and barest, and some seeds with faults, in turns; each in a process of its own."""
    first = count(1, _SEEDS_AT_ONCE)
    measures: dict[str, Callable[[], Figures]] = {
        "full": lambda: play("full", json.dumps(DAY)),
        "bare": lambda: play("bare", json.dumps(DAY)),
        "barest": lambda: play("barest", json.dumps(DAY)),
        "explore": lambda: play("explore", f"{(seed := next(first))}..{seed + _SEEDS_AT_ONCE - 1}"),
    }
    turns = interleave(measures, options.rounds)
    cpu_s = {name: [turn["cpu_s"] for turn in rounds] for name, rounds in turns.items()}
    virtual_s = {name: [turn["virtual_s"] for turn in rounds] for name, rounds in turns.items()}
    ratios = [
        ratio("the day / the clock, one core (aim 5,000)", virtual_s["full"], cpu_s["full"]),
        ratio("exploration, all faults, audited / the clock (aim 1,500)", virtual_s["explore"], cpu_s["explore"]),
        ratio("full nodes / bare SimPy model, vehicles per CPU second (aim 0.167)", cpu_s["bare"], cpu_s["full"]),
        ratio("full nodes / a Resource per point, vehicles per CPU second", cpu_s["barest"], cpu_s["full"]),
    ]
    return Result("Virtual time", [_row(name, rounds) for name, rounds in turns.items()], ratios, _notes(turns))


def play(model: str, what: str) -> Figures:
    """Have ``virtual_process`` play something."""
    argv = [sys.executable, "-m", "bench.virtual_process", model, what]
    printed = subprocess.run(argv, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    figures: Figures = json.loads(printed)
    return figures


def _row(name: str, rounds: list[Figures]) -> Row:
    return {
        "run": _NAMES[name],
        "vehicles": rounds[0]["vehicles"],
        "CPU s": round(median(turn["cpu_s"] for turn in rounds), 2),
        "vehicles / CPU s": round(median(turn["vehicles"] / turn["cpu_s"] for turn in rounds)),
        "x the clock": round(median(turn["virtual_s"] / turn["cpu_s"] for turn in rounds)),
        "peak MB": round(max(turn["peak_mb"] for turn in rounds)),
    }


def _notes(turns: dict[str, list[Figures]]) -> list[str]:
    """Say how alike the work was: the same vehicles must have asked for the same."""
    full, bare = turns["full"][0]["outcomes"], turns["bare"][0]["outcomes"]
    alike = ", ".join(f"{name} {full.get(name, 0):,} / {bare.get(name, 0):,}" for name in _COMPARED)
    verdicts = sorted({verdict for turn in turns["explore"] for verdict in turn["outcomes"]})
    return [f"the same vehicles, full / bare: {alike}", f"explored seeds: {', '.join(verdicts)}"]
