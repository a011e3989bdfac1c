"""What a run says of itself in its history: how it began, what broke, how it ended."""

import platform
import time
from typing import Any

from nodes.version import VERSION
from sim.fleet.desk import Desk
from sim.fleet.fleet import Fleet
from sim.progress import Progress
from sim.scenario.faults import Fault, plain_fault
from sim.scenario.load import LoadedScenario

_VERSIONS = {"recarga": VERSION, "python": platform.python_version(), "machine": platform.platform()}
"""Found out before any run begins: it starts a process, which virtual time forbids."""


class RunRecord:
    """Writes the lines of processes ``run`` and ``nemesis``."""

    def __init__(self, loaded: LoadedScenario, fleet: Fleet, desk: Desk) -> None:
        self._loaded = loaded
        self._scenario = loaded.scenario
        self._fleet = fleet
        self._desk = desk

    def begin(self, mode: str, command: str, scale: float, **more: Any) -> None:
        """Say what is played."""
        value = {
            "name": self._scenario.name,
            "seed": self._scenario.seed,
            "mode": mode,
            "scenario_hash": self._loaded.hash,
            "command": command,
            "run_id": self._desk.run_id,
            "started_ms": time.time_ns() // 1_000_000,
            "civil_start_ms": self._desk.start_ms,
            "scale": scale,
            "vehicles": self._fleet.size,
            "points": len(self._fleet.city.points),
            "versions": _VERSIONS,
        }
        self._desk.history.write(0, "run", "info", "begin", value=value | more)

    def fault(self, fault: Fault, state: str, civil_s: float) -> None:
        """Say that something is ``broken``, ``mending`` or ``mended``."""
        value = {"state": state, **plain_fault(fault)}
        civil_ms = self._desk.start_ms + int(civil_s * 1000)
        self._write("nemesis", fault.kind, value=value, node=fault.on_node, civil_ms=civil_ms)

    def heal(self) -> None:
        """Say that everything is mended: from now on the network must make progress, and agree."""
        self._write("run", "heal", civil_ms=self._desk.civil_ms())

    def agreement(self, found: dict[str, Any]) -> None:
        """Say when the views agreed with their owners, after the network was left alone."""
        self._write("run", "agreement", value=found)

    def calm(self, found: dict[str, Any]) -> None:
        """Say when a network of real processes came to rest, after all was mended and everybody had left."""
        self._write("run", "calm", value=found)

    def resources(self, used: dict[str, dict[str, Any] | None]) -> None:
        """Say what every process has used, where that is known: nodes, the broker, and the vehicles' own."""
        self._write("run", "resources", value={name: each for name, each in used.items() if each is not None})

    def gauges(self, node_id: str, told: list[dict[str, Any]]) -> None:
        """Say how high the bounded things of a node have come in its life."""
        self._write("run", "gauges", node=node_id, value={"gauges": told})

    def members(self, node_id: str, listed: list[dict[str, Any]]) -> None:
        """Say whom a node believes to be there: what it lists."""
        epoch = next(item["epoch"] for item in listed if item["self"])
        nodes = {item["id"]: [item["state"], item["epoch"]] for item in listed if not item["self"]}
        self._write("run", "members", node=node_id, value={"epoch": epoch, "nodes": nodes})

    def copy(self, key: str) -> None:
        """Say that the network delivers a request more than once."""
        self._write("run", "copy", key=key)

    def end(self, **more: Any) -> None:
        """Say how it ended."""
        lateness = self._desk.lateness
        value = {
            "civil_s": self._desk.environment.now,
            "departed": self._fleet.departed,
            "unfinished": self._fleet.size - self._fleet.departed,
            "late_ms_p99": lateness.percentile_ms(0.99),
            "late_ms_max": lateness.max_ms,
            "late_ms_p99_max": self._scenario.generator.late_ms_p99_max,
        }
        self._write("run", "end", value=value | more)

    def progress(self, phase: str) -> Progress:
        """Return how far the run is."""
        counts = self._desk.counts
        return Progress(
            phase=phase,
            civil_s=self._desk.environment.now,
            total_s=self._scenario.time.duration_s + self._scenario.time.drain_s,
            departed=self._fleet.departed,
            vehicles=self._fleet.size,
            requests=self._desk.requests,
            reserved=counts["reserve.ok"],
            refused=counts["reserve.fail"],
            unknown=sum(n for name, n in counts.items() if name.endswith(".info")),
        )

    def _write(self, process: str, f: str, **members: Any) -> None:
        self._desk.history.write(self._desk.bridge.elapsed_ns(), process, "info", f, **members)
