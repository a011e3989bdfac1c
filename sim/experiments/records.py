"""One replication's vehicles and requests, from its folder."""

from dataclasses import dataclass
from pathlib import Path

import orjson

from sim.measure.databases import NodeDatabase, read_databases
from sim.measure.fates import SERVED
from sim.measure.recording import Recording, read_recording
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

_FATE = b'"f":"fate"'
"""Of a hundred lines one tells what a vehicle came to; the others are not read for it."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One vehicle. Times in the scenario's seconds since its start."""

    decided_s: float
    ended_s: float
    waited_s: float | None
    """None: it did not charge."""


@dataclass(frozen=True, slots=True)
class Records:
    """What a run has left, as far as figures need it."""

    scenario: Scenario
    recording: Recording
    databases: list[NodeDatabase]
    visits: list[Visit]

    @property
    def start_ms(self) -> int:
        """The scenario's time at which it begins."""
        return self.recording.begin.civil_start_ms


def read_records(run_dir: Path) -> Records:
    """Read a run's folder. Raises ``MeasureError``, ``DocumentError`` and ``OSError`` for what is missing or damaged."""
    folder = RunFolder(run_dir)
    scenario = load_scenario(folder.scenario).scenario
    recording = read_recording(folder.history)
    databases = read_databases(folder.nodes, scenario.network.node_ids)
    return Records(scenario, recording, databases, _visits(folder.history, recording.begin.civil_start_ms))


def _visits(history: Path, start_ms: int) -> list[Visit]:
    visits: list[Visit] = []
    with history.open("rb") as file:
        for text in file:
            if _FATE in text:
                line = orjson.loads(text)
                value = line["value"]
                ended_s = (line["civil_ms"] - start_ms) / 1000
                decided_s = (value.get("decided_ms", line["civil_ms"]) - start_ms) / 1000
                waited_s = value.get("waited_s") if value["fate"] == SERVED else None
                visits.append(Visit(decided_s, ended_s, waited_s))
    return visits
