"""Does a vehicle cost the same among a thousand and among a million, and does memory follow those who are there?"""

from __future__ import annotations

import json
import subprocess
import sys

from bench.interleave import Ratio, ratio
from bench.result import Options, Result, Row
from bench.virtual_process import Figures

_EVERY_S = 30
"""One vehicle in so many seconds, whatever their number: those who are there at one time are always about fifteen."""
_NOTE = "of the run: without what was imported; the nodes' page caches of SQLite, 16 MB each, are in it"
_REFERENCES = 2
"""Runs of the smallest size before and after each other size."""


def scenario(vehicles: int) -> dict[str, object]:
    """Return a run of that many vehicles: two nodes of ten points, walk-ups who stay some minutes.

    Three requests a vehicle (look, plug in, unplug) and a day of 2,880 vehicles, so that a million, a year less two
    weeks, plays within an hour. The nodes' own bounds (answers kept in memory, keys remembered) are set so low that a
    thousand vehicles reach them: what grows after that follows the number of vehicles.
    """
    walk_up = {"walk_up_share": 1, "stay_s": {"uniform": [300, 600]}}
    return {
        "name": "scale",
        "time": {"start": "2026-01-01T00:00:00Z", "duration_s": vehicles * _EVERY_S},
        "network": {"nodes": 2, "points_per_node": 10, "area": {"radius_m": 1_200}},
        "fleet": {"vehicles": vehicles, "meter_every_s": 3_600, "classes": [walk_up]},
        "virtual": {"view_reads_per_hour": 1, "limits": {"answers_recent": 500, "answer_retention_s": 3_600}},
    }


def run(options: Options) -> Result:
    """Play every size, and the smallest again before and after each, so that a slower machine slows both."""
    smallest, *others = sorted(options.sizes)
    before = [_play(smallest) for _ in range(_REFERENCES)]
    rows, ratios = [_row(before[-1])], []
    for size in others:
        figures = _play(size)
        after = [_play(smallest) for _ in range(_REFERENCES)]
        rows.append(_row(figures))
        ratios += _growth(figures, [*before, *after])
        before = after
    return Result("A fleet of any size", rows, ratios, [_NOTE])


def _growth(figures: Figures, references: list[Figures]) -> list[Ratio]:
    name = f"{figures['vehicles']:,} vehicles / {references[0]['vehicles']:,}"
    costs = [each["cpu_s"] / each["vehicles"] for each in references]
    mine = [figures["cpu_s"] / figures["vehicles"]] * len(costs)
    peaks = [each["peak_mb"] for each in references]
    return [
        ratio(f"{name}: CPU per vehicle (aim at most 1.3)", mine, costs),
        ratio(f"{name}: peak memory", [figures["peak_mb"]] * len(peaks), peaks),
    ]


def _row(figures: Figures) -> Row:
    parts = figures["parts"]
    return {
        "vehicles": figures["vehicles"],
        "CPU s": round(figures["cpu_s"], 1),
        "vehicles / CPU s": round(figures["vehicles"] / figures["cpu_s"]),
        "x the clock": round(figures["virtual_s"] / figures["cpu_s"]),
        "requests": figures["outcomes"]["requests"],
        "peak MB": round(figures["peak_mb"]),
        "of the run": round(figures["peak_mb"] - parts[0]["memory_mb"]),
        "last / first tenth, CPU per vehicle": round(_cost(parts[-2:]) / _cost(parts[:2]), 2),
    }


def _cost(parts: list[Figures]) -> float:
    first, last = parts
    cost_s: float = (last["cpu_s"] - first["cpu_s"]) / (last["departed"] - first["departed"])
    return cost_s


def _play(vehicles: int) -> Figures:
    """Play that many in a process of its own, whose progress is seen on standard error."""
    print(f"{vehicles:,} vehicles", file=sys.stderr, flush=True)
    argv = [sys.executable, "-m", "bench.virtual_process", "full", json.dumps(scenario(vehicles))]
    figures: Figures = json.loads(subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout)
    print(json.dumps(_row(figures)), file=sys.stderr, flush=True)
    return figures
