"""When what breaks: a scenario's own faults, and those that its rates make happen.

A run has a safety phase, in which things break, and a liveness phase, in which nothing is broken. The first ends at
``time.duration_s``: no fault begins then or later, and all that are on are mended.
"""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from sim.engine.randomness import Randomness
from sim.faults.parameters import draw_parameters
from sim.scenario.faults import Fault
from sim.scenario.random_faults import Rate
from sim.scenario.schema import Scenario

FAULTS_MAX = 10_000
"""Of one run, as in a scenario's list: rates far above that are a mistake, and are cut."""

_FOR_S_MIN = 0.001
_AT_PLACES = 3
"""Decimals of drawn numbers: enough for the clock, few enough to be read, and the same on every machine."""

_EXCLUSIVE = {"crash": "process", "pause": "process", "disk_full": "process", "restore": "process",
              "move": "process",
              "clock_jump": "clock", "clock_drift": "clock",
              "broker_crash": "broker", "broker_pause": "broker"}  # fmt: skip
"""Kinds that would get in each other's way: what is down cannot be paused."""

_ANY_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)


def plan_faults(scenario: Scenario) -> list[Fault]:
    """Return all faults of a run in order of time: the scenario's own, and those drawn, by its seed, from its rates.

    Those that would begin after the safety phase are left out; those that would last longer end with it.
    """
    end_s = scenario.time.duration_s
    own = [_ending(fault, end_s) for fault in scenario.faults if fault.at_s < end_s]
    return sorted([*own, *draw_faults(scenario)], key=_when)[:FAULTS_MAX]


def draw_faults(scenario: Scenario) -> list[Fault]:
    """Return the faults that a scenario's rates make happen, in order of time.

    Each kind draws from its own random stream: another rate, or another kind, moves no fault of this one. What would
    hit something of the same kind that is broken at that moment is left out.
    """
    both = [(fault, False) for fault in scenario.faults]
    for kind, rate in scenario.random_faults.rates():
        both += [(fault, True) for fault in _draw_kind(kind, rate, scenario)]
    kept: list[Fault] = []
    broken_until_s: dict[str, float] = {}
    for fault, is_drawn in sorted(both, key=lambda each: _when(each[0])):
        target = _target(fault)
        if is_drawn:
            if fault.at_s < broken_until_s.get(target, 0.0):
                continue
            kept.append(fault)
        broken_until_s[target] = max(broken_until_s.get(target, 0.0), fault.at_s + fault.for_s)
    return kept[:FAULTS_MAX]


def _draw_kind(kind: str, rate: Rate, scenario: Scenario) -> Iterator[Fault]:
    rng = Randomness(scenario.seed).stream("faults", kind)
    at_s, end_s = 0.0, scenario.time.duration_s
    for _ in range(FAULTS_MAX if rate.per_hour else 0):
        at_s = round(at_s + rng.expovariate(rate.per_hour / 3_600), _AT_PLACES)
        for_s = max(_FOR_S_MIN, round(rate.for_s.draw(rng), _AT_PLACES))
        parameters = draw_parameters(kind, rate, scenario.network.node_ids, rng)
        if at_s >= end_s:
            return
        data: dict[str, Any] = {"kind": kind, "at_s": at_s, "for_s": for_s, **parameters}
        yield _ending(_ANY_FAULT.validate_python(data), end_s)


def _ending(fault: Fault, end_s: float) -> Fault:
    """Return the fault, mended at ``end_s`` at the latest."""
    if fault.at_s + fault.for_s <= end_s:
        return fault
    return fault.model_copy(update={"for_s": max(_FOR_S_MIN, round(end_s - fault.at_s, 6))})


def _when(fault: Fault) -> tuple[float, str, str]:
    return fault.at_s, fault.kind, fault.on_node or ""


def _target(fault: Fault) -> str:
    """Return what the fault breaks: two faults of one target do not overlap, unless the scenario says so."""
    return f"{_EXCLUSIVE.get(fault.kind, fault.kind)} {fault.on_node or ''}"
