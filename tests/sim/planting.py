"""Runs of ``recarga`` whose node processes have a bug in them, and what those runs say of it."""

import json
import os
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PLANTED = Path(__file__).with_name("planted")
"""Goes on ``PYTHONPATH``: Python then imports ``sitecustomize`` from there at every start, and the catalogue from ROOT."""

_RUN_S = 240
"""A run takes ten seconds; on a machine that does much else, many times that."""
_RUNS_AT_ONCE = 3


def with_bug(bug: str | None) -> dict[str, str]:
    """Return the environment in which node processes have that bug of the catalogue (see ``planted/live_bugs.py``).

    None: all is in place to plant one, and none is.
    """
    return {"PYTHONPATH": os.pathsep.join((str(PLANTED), str(ROOT))), "RECARGA_PLANTED": bug or ""}


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario of ``planted/``, a bug in its nodes, and changes to the scenario (``path=value``)."""

    scenario: str
    bug: str | None = None
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Played:
    """What a command left: exit code, what it printed, and the run folder that it is about."""

    folder: Path
    code: int
    output: str

    def report(self) -> dict[str, Any]:
        """Return ``report.json``."""
        report: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return report

    def history(self) -> list[dict[str, Any]]:
        """Return the lines of the history."""
        return [json.loads(line) for line in (self.folder / "history.jsonl").read_bytes().splitlines()]


def play(case: Case, folder: Path) -> Played:
    """Play the case into that folder, with ``recarga run``."""
    scenario = PLANTED / f"{case.scenario}.yaml"
    changes = [part for change in case.changes for part in ("--set", change)]
    return _recarga(folder, case.bug, "run", str(scenario), "--mode", "local", "--out", str(folder), *changes)


def audit_again(folder: Path) -> Played:
    """Audit a run folder by itself, with ``recarga audit``."""
    return _recarga(folder, None, "audit", str(folder))


class Runs:
    """Plays each case once, a few at a time: most of a run is waiting. Those of ``ahead`` are begun at once."""

    def __init__(self, folder: Path, ahead: tuple[Case, ...]) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(_RUNS_AT_ONCE)
        self._runs: dict[Case, Future[Played]] = {}
        for case in ahead:
            self._begin(case)

    def of(self, case: Case) -> Played:
        """Return the run of the case."""
        return self._begin(case).result()

    def close(self) -> None:
        """Begin no more; wait for those under way."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, case: Case) -> Future[Played]:
        if case not in self._runs:
            folder = self._folder / f"{case.scenario}-{case.bug or 'sound'}"
            self._runs[case] = self._pool.submit(play, case, folder)
        return self._runs[case]


def _recarga(folder: Path, bug: str | None, *arguments: str) -> Played:
    done = subprocess.run(
        [sys.executable, "-m", "sim", *arguments],
        cwd=ROOT,
        env=os.environ | with_bug(bug),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_RUN_S,
    )
    return Played(folder, done.returncode, done.stdout)
