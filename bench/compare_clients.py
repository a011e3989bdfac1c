"""Which HTTP client should the vehicle fleet use? Requests per CPU second of the client, against one empty POST."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from importlib.util import find_spec
from statistics import median

from bench.client_process import CLIENTS, RAW
from bench.empty_post import empty_post
from bench.interleave import interleave, ratio
from bench.result import Options, Result, Row

CONNECTIONS = 64  # vehicles that ask at the same time
REFERENCE = "aiohttp"


def run(options: Options) -> Result:
    """Measure every installed client and the raw generator in turns."""
    names = [name for name in CLIENTS if find_spec(name.split()[0])]
    notes = [f"{name} left out: not installed" for name in CLIENTS if name not in names]
    with empty_post() as server:
        turns = interleave(
            {name: partial(_measure, name, server.server.port, options) for name in [*names, RAW]}, options.rounds
        )
    per_cpu_s = {name: [turn["requests"] / turn["cpu_s"] for turn in rounds] for name, rounds in turns.items()}
    return Result(
        f"HTTP clients, {CONNECTIONS} POSTs in flight, JSON both ways, one process each",
        [_row(name, rounds, per_cpu_s[name]) for name, rounds in turns.items()],
        [
            ratio(f"{name} / {REFERENCE}, requests per client CPU second", per_cpu_s[name], per_cpu_s[REFERENCE])
            for name in turns
            if name != REFERENCE
        ],
        notes,
    )


def _measure(name: str, port: int, options: Options) -> dict[str, float]:
    load = (str(port), str(CONNECTIONS), str(options.warmup_s), str(options.duration_s))
    argv = [sys.executable, "-m", "bench.client_process", name, *load]
    printed = subprocess.run(argv, check=True, stdout=subprocess.PIPE).stdout
    outcome: dict[str, float] = json.loads(printed)
    return outcome


def _row(name: str, rounds: list[dict[str, float]], per_cpu_s: list[float]) -> Row:
    return {
        "client": name,
        "requests per CPU s": round(median(per_cpu_s)),
        "us CPU per request": round(1e6 / median(per_cpu_s)),
        "requests/s": round(median(turn["requests"] / turn["wall_s"] for turn in rounds)),
        "client CPU": round(median(turn["cpu_s"] / turn["wall_s"] for turn in rounds), 2),
        "p50 ms": round(median(turn["p50_ms"] for turn in rounds), 2),
        "p99 ms": round(median(turn["p99_ms"] for turn in rounds), 2),
    }
