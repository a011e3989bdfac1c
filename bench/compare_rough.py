"""How do bookings go on while broker, nodes and links of a real network fail, one after the other?"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.result import Options, Result, Row
from bench.rough_phases import Booking, Phase, RoughHistory, read_rough_history
from sim.audit import audit
from sim.measure.percentiles import percentile
from sim.scenario.faults import OneWay, Partition, plain_fault
from sim.scenario.load import load_scenario
from sim.worlds.mosquitto import find_mosquitto
from sim.worlds.namespaces import why_no_namespaces

SCENARIO = Path(__file__).parents[1] / "scenarios" / "rough_day_live.yaml"


def run(options: Options) -> Result:
    """Play the rough day once on real processes; its length is the scenario's, not an option's."""
    del options
    words, notes = _what_this_machine_can()
    with tempfile.TemporaryDirectory(prefix="recarga-rough-") as folder:
        run_dir = Path(folder) / "run"
        argv = [sys.executable, "-m", "sim", "run", str(SCENARIO), "--mode", "local", "--out", str(run_dir), *words]
        played = subprocess.run(argv, check=False, stdout=subprocess.DEVNULL)
        history = read_rough_history(run_dir / "history.jsonl")
        return Result(
            "A rough day", phase_rows(history), notes=[*notes, *_verdicts(run_dir, history, played.returncode)]
        )


def phase_rows(history: RoughHistory) -> list[Row]:
    """Return a row for the undisturbed time, then one for each phase; a share kept is next to the undisturbed one's."""
    quiet, mended = history.quiet(_MENDED_S), history.just_mended(_MENDED_S)
    quiet_s, mended_s = history.quiet_s(_MENDED_S)
    share = _share_in_time(quiet)
    rows = [_row("nothing", quiet_s, quiet, quiet, share)]
    for phase in history.phases:
        asked = [each for each in history.bookings if phase.covers(each)]
        could = [each for each in asked if history.could_be_made(each)]
        rows.append(_row(phase.name, (phase.end_ns - phase.begin_ns) / 1e9, asked, could, share))
    if mended:
        rows.append(_row(f"nothing, for less than {_MENDED_S:g} s", mended_s, mended, mended, share))
    return rows


_MENDED_S = 8.0
"""Whoever found an owner away does not ask it again for some seconds: what was just mended is not yet all well."""
_IN_TIME_MS = 10_000.0
"""A decision that takes longer is none to a driver: twice the time for which a vehicle waits for one answer."""


def _row(name: str, length_s: float, asked: Sequence[Booking], could: Sequence[Booking], quiet_share: float) -> Row:
    took_ms = sorted(each.took_ms for each in could if each.took_ms is not None)
    trips = [each for each in could if each.f == "trip"]
    return {
        "broken": name,
        "s": round(length_s, 1),
        "bookings": len(asked),
        "could be made": len(could),
        "decided/s": round(len([one for one in could if _in_time(one)]) / length_s, 1),
        "kept %": round(100 * _share_in_time(could) / quiet_share, 1),
        "trips in time %": round(100 * _share_in_time(trips), 1) if trips else "",
        "p50 ms": round(median(took_ms)) if took_ms else "",
        "p99 ms": round(percentile(took_ms, 0.99)) if took_ms else "",
    }


def _in_time(booking: Booking) -> bool:
    return booking.took_ms is not None and booking.took_ms <= _IN_TIME_MS


def _share_in_time(bookings: Sequence[Booking]) -> float:
    return sum(map(_in_time, bookings)) / len(bookings) if bookings else 1.0


def _what_this_machine_can() -> tuple[list[str], list[str]]:
    """Return options for the run, and what they leave out and why."""
    words, notes = ["--broker", "mosquitto"], ["broker: mosquitto"]
    if find_mosquitto() is None:
        words, notes = [], ["broker: the embedded one; mosquitto is not installed"]
    reason = why_no_namespaces()
    if reason is not None:
        faults = load_scenario(SCENARIO).scenario.faults
        kept = [plain_fault(fault) for fault in faults if not isinstance(fault, Partition | OneWay)]
        words += ["--set", f"faults={json.dumps(kept)}"]
        notes.append(f"no partitions: {reason}")
    return words, notes


def _verdicts(run_dir: Path, history: RoughHistory, code: int) -> list[str]:
    promises = audit(run_dir).promises
    lost, half = (promises[name].violation_count for name in ("P2", "P3"))
    verdicts = ", ".join(f"{name} {promise.verdict.value}" for name, promise in promises.items())
    return [
        f"{history.acknowledged} acknowledgements, {lost} lost; {promises['P3'].checked} stops and trips compared, {half} half",
        f"audit: {verdicts}; exit code of the run: {code}",
        _at_rest(history.calm),
        *(_came_back(phase) for phase in history.phases if phase.faults[0].kind == "crash"),
    ]


def _at_rest(calm: dict[str, Any]) -> str:
    doubt = f"{calm['in_doubt']} stops in doubt ({_after(calm['decided_ms'])})"
    return f"at rest: {doubt}, {len(calm['late'])} of {calm['views']} views not as their owners' ({_after(calm['agreed_ms'])})"


def _after(passed_ms: int | None) -> str:
    return "for good" if passed_ms is None else f"after {passed_ms} ms"


def _came_back(phase: Phase) -> str:
    return f"{phase.name}: took requests again {(phase.end_ns - phase.mending_ns) / 1e9:.1f} s after it was started"
