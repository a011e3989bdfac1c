"""One run in virtual time, in a process of its own, so that its CPU time and its memory are the run's alone.

``python -m bench.virtual_process full|bare|barest SCENARIO`` plays the scenario (JSON) once; ``… explore SEEDS`` plays and
audits these seeds of ``scenarios/exploration.yaml``. Prints what it measured as JSON. What was imported counts for
memory, not for time.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import bare_model, barest_model
from bench.machine import memory_mb, peak_memory_mb
from sim.explore import one_seed
from sim.explore.task import Task
from sim.history import read_history
from sim.progress import Progress
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario, load_scenario
from sim.virtual_run import VirtualRun

EXPLORATION = Path(__file__).parents[1] / "scenarios" / "exploration.yaml"
_PARTS = 10

Figures = dict[str, Any]


def measure(model: str, loaded: LoadedScenario) -> Figures:
    """Play a scenario; return CPU seconds, virtual seconds, memory, and what vehicles came to."""
    with TemporaryDirectory(prefix="recarga-bench-") as path:
        folder, course, charged = RunFolder(Path(path)), _Course(), 0
        started_s = time.process_time()
        if model == "full":
            virtual_s = VirtualRun(loaded, folder, "bench", course.take).play().virtual_s
        elif model == "bare":
            virtual_s = bare_model.play(loaded.scenario, folder)
        else:
            virtual_s, charged = barest_model.play(loaded.scenario)
        cpu_s, peak_mb = time.process_time() - started_s, peak_memory_mb(os.getpid())
        outcomes = {"fate served": charged} if model == "barest" else outcomes_in(folder.history)
    return {
        "vehicles": loaded.scenario.fleet.vehicles,
        "virtual_s": virtual_s,
        "cpu_s": cpu_s,
        "peak_mb": peak_mb,
        "parts": course.parts,
        "outcomes": outcomes,
    }


def outcomes_in(history: Path) -> dict[str, int]:
    """Count what vehicles asked, what came of it, and what they came to; what others read is left out."""
    counts: Counter[str] = Counter()
    for line in read_history(history):
        if line["f"] == "fate":
            counts[f"fate {line['value']['fate']}"] += 1
        elif line.get("vehicle", -1) >= 0:
            counts[f"{line['f']} {line['type']}"] += 1
            counts["requests"] += line["type"] == "invoke"
    return dict(sorted(counts.items()))


def explore(seeds: range) -> Figures:
    """Play and audit seeds, each with the faults that it draws."""
    data = load_scenario(EXPLORATION).resolved
    outcomes = [one_seed.play(Task(seed, data)) for seed in seeds]
    return {
        "vehicles": sum(outcome.figures["vehicles"] for outcome in outcomes),
        "virtual_s": sum(outcome.virtual_s for outcome in outcomes),
        "cpu_s": sum(outcome.cpu_s for outcome in outcomes),
        "peak_mb": peak_memory_mb(os.getpid()),
        "outcomes": dict(Counter(f"verdict {outcome.verdict}" for outcome in outcomes)),
    }


class _Course:
    """Notes how far the run is, ten times, and says so on standard error."""

    def __init__(self) -> None:
        self.parts: list[Figures] = []

    def take(self, progress: Progress) -> None:
        if progress.phase != "driving" or progress.departed < progress.vehicles * len(self.parts) / _PARTS:
            return
        part = {"departed": progress.departed, "cpu_s": time.process_time(), "memory_mb": memory_mb(os.getpid())}
        self.parts.append(part)
        print(json.dumps(part), file=sys.stderr, flush=True)


def main() -> None:
    """Do what the command line says."""
    model, what = sys.argv[1:]
    if model == "explore":
        first, _, last = what.partition("..")
        figures = explore(range(int(first), int(last) + 1))
    else:
        figures = measure(model, one_seed.loaded_from(json.loads(what), "bench"))
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
