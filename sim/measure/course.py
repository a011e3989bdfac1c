"""What a run says of itself, in the ``begin`` and the ``end`` line of its history."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

VIRTUAL = "virtual"
"""The mode in which nothing is late, and milliseconds are simulated ones."""

FactsT = TypeVar("FactsT", "RunBegin", "RunEnd")


@dataclass(frozen=True, slots=True)
class RunBegin:
    """What was started."""

    name: str
    seed: int
    mode: str
    scenario_hash: str
    command: str
    started_ms: int
    """Wall-clock time, Unix epoch."""
    civil_start_ms: int
    """The scenario's time at which it begins."""
    scale: float
    """Seconds of the scenario's time per second of the history's."""
    vehicles: int
    points: int
    run_id: str = ""
    through_api: bool = False
    """Of virtual runs: whether requests went through the nodes' HTTP API."""
    planted: str | None = None
    """The bug that was planted in the nodes' code."""
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunEnd:
    """How it ended."""

    civil_s: float
    """Scenario's time that has passed."""
    departed: int
    """Vehicles that are done."""
    unfinished: int
    late_ms_p99: float
    """Of all requests, how much later than intended they were sent; 99th percentile."""
    late_ms_max: float
    late_ms_p99_max: float
    """The scenario's limit."""
    trace_hash: str | None = None
    """Of virtual runs: the same scenario gives the same one."""
    callbacks: int | None = None
    """Of virtual runs: steps of the nodes' code."""
    figures: dict[str, int] = field(default_factory=dict)
    """Of virtual runs: what its world has counted, by name."""
    aborted_by: str | None = None
    """The limit that ended the run before its time."""


def facts_from(kind: type[FactsT], value: Any) -> FactsT:
    """Read the ``value`` of a line; members that are not known here are ignored. Raises ``ValueError`` in one line."""
    members = {name: value[name] for name in kind.__dataclass_fields__ if name in value} if _is_json(value) else value
    try:
        return TypeAdapter(kind).validate_python(members)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from error


def _is_json(value: Any) -> bool:
    return isinstance(value, Mapping)
