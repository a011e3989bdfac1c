"""What the vehicles asked, and what they were told: each invocation with its completion."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.audit.errors import AuditError
from sim.audit.rows import Witness
from sim.history import FUNCTIONS, HistoryError, Json, read_history

_NOT_A_PROCESS = ("run", "nemesis")
_COMPLETIONS = ("ok", "fail", "info")

_ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "reserve": (("driver_id", "start_ms", "end_ms"), ("driver_id", "duration_s")),
    "cancel": (("id",),),
    "start": (("reservation_id",), ("driver_id",)),
    "meter": (("id", "energy_wh"),),
    "stop": (("id",),),
}
"""What an invocation must say: one of these sets of members."""

TOLD: dict[str, dict[str, type]] = {
    "reserve": {"id": str, "driver_id": str, "start_ms": int, "end_ms": int, "price_per_kwh_minor": int},
    "cancel": {"id": str, "status": str},
    "start": {"id": str, "reservation_id": str, "started_ms": int},
    "meter": {"id": str, "energy_wh": int},
    "stop": {"id": str, "energy_wh": int, "cost_minor": int, "ended_ms": int},
}
"""What an ``ok`` must say."""


@dataclass(slots=True)
class Operation:
    """One attempt of one process. Without a completion its outcome is ``info``: nobody knows."""

    index: int
    """Line of the invocation."""
    time_ns: int
    process: int | str
    f: str
    asked: dict[str, Any]
    node: str | None
    point: str | None
    key: str | None
    outcome: str = "info"
    end_index: int | None = None
    """Line of the completion; None: it never completed."""
    end_ns: int | None = None
    told: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    status: int | None = None
    witness: Witness | None = None
    flaw: str | None = None
    """What an ``ok`` fails to say."""

    @property
    def is_ok(self) -> bool:
        """Whether it was acknowledged, and the acknowledgement says what."""
        return self.outcome == "ok" and self.flaw is None

    @property
    def may_have_acted(self) -> bool:
        """Whether it may have taken effect."""
        return self.outcome != "fail"

    @property
    def subject(self) -> str | None:
        """The reservation or session it was asked for; None where it was to make one."""
        found = self.asked.get("reservation_id") if self.f == "start" else self.asked.get("id")
        return found if isinstance(found, str) else None


@dataclass(frozen=True, slots=True)
class History:
    """All operations in order of invocation, and whether the run said that it had ended."""

    path: Path
    operations: list[Operation]
    ended: bool


def read_operations(path: Path) -> History:
    """Pair the lines of a history. Raises ``AuditError`` naming file and line when it is not well formed."""
    pairing = _Pairing(path)
    last_ns, ended = -1, False
    try:
        for line in read_history(path):
            if not _is_whole(line["time_ns"]) or line["time_ns"] < last_ns:
                raise pairing.error(line, f"time_ns {line['time_ns']!r} follows {last_ns}")
            last_ns = line["time_ns"]
            if line["process"] in _NOT_A_PROCESS:
                ended |= line["process"] == "run" and line["f"] == "end"
            else:
                pairing.take(line)
    except HistoryError as error:
        raise AuditError(str(error)) from error
    if last_ns < 0:
        raise AuditError(f"{path}: is empty")
    return History(path, pairing.operations, ended)


class _Pairing:
    """Finds the invocation of every completion, and what a history may not hold."""

    def __init__(self, path: Path) -> None:
        self.operations: list[Operation] = []
        self._path = path
        self._open: dict[int | str, Operation] = {}
        self._gone: set[int | str] = set()

    def error(self, line: Json, text: str) -> AuditError:
        return AuditError(f"{self._path}:{line['index'] + 1}: {text}")

    def take(self, line: Json) -> None:
        process, kind, f = line["process"], line["type"], line["f"]
        if not _is_whole(process):
            raise self.error(line, f"process {process!r}; expected a number, 'run' or 'nemesis'")
        if f not in FUNCTIONS:
            raise self.error(line, f"unknown f {f!r}; expected one of {', '.join(FUNCTIONS)}")
        if kind == "invoke":
            self._invoke(line)
        elif kind in _COMPLETIONS:
            self._complete(line)
        else:
            raise self.error(line, f"unknown type {kind!r}; expected invoke, ok, fail or info")

    def _invoke(self, line: Json) -> None:
        process, f, asked = line["process"], line["f"], line.get("value")
        if process in self._gone:
            raise self.error(line, f"process {process} invokes after an info; its last request may still be under way")
        if process in self._open:
            raise self.error(line, f"process {process} invokes while line {self._open[process].index + 1} is open")
        asked = asked if isinstance(asked, dict) else {}
        sets = _ASKED.get(f, ())
        if sets and not any(all(asked.get(name) is not None for name in names) for names in sets):
            raise self.error(line, f"{f} asks for {' or '.join(', '.join(names) for names in sets)}; found {asked}")
        for name, value in asked.items():
            if value is not None and not _is_right(name, value):
                raise self.error(line, f"{f} asks for {name} {value!r}")
        node, key = self._text(line, "node"), self._text(line, "key")
        point = self._text(line, "point") or _point_in(asked)
        operation = Operation(line["index"], line["time_ns"], process, f, asked, node, point, key)
        self._open[process] = operation
        self.operations.append(operation)

    def _complete(self, line: Json) -> None:
        process, told = line["process"], line.get("value")
        operation = self._open.pop(process, None)
        if operation is None:
            raise self.error(line, f"process {process} completes what it never invoked")
        for name, value in (("f", operation.f), ("key", operation.key), ("point", operation.point)):
            if value is not None and line.get(name) not in (value, None):
                raise self.error(line, f"{name} is {line[name]!r}, but {value!r} in line {operation.index + 1}")
        operation.outcome, operation.end_index, operation.end_ns = line["type"], line["index"], line["time_ns"]
        operation.told = told if isinstance(told, dict) else {}
        operation.error, operation.witness = self._text(line, "error"), self._witness(line)
        operation.point = operation.point or self._text(line, "point")
        operation.status = line.get("status")
        if operation.status is not None and not _is_whole(operation.status):
            raise self.error(line, f"status {operation.status!r} is no number")
        if operation.outcome == "ok":
            operation.flaw = _flaw(operation)
        elif operation.outcome == "info":
            self._gone.add(process)

    def _text(self, line: Json, name: str) -> str | None:
        value = line.get(name)
        if value is not None and not isinstance(value, str):
            raise self.error(line, f"{name} {value!r} is no text")
        return value

    def _witness(self, line: Json) -> Witness | None:
        found = line.get("witness")
        if found is None:
            return None
        if not (isinstance(found, list) and len(found) == 2 and all(map(_is_whole, found))):
            raise self.error(line, f"witness {found!r}; expected [epoch, seq]")
        return found[0], found[1]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_right(name: str, value: Any) -> bool:
    """Whether something asked is of the kind that its name says."""
    if name.endswith(("_ms", "_wh", "_s")):
        return _is_whole(value)
    return isinstance(value, str) or not name.endswith("id")


def _point_in(asked: dict[str, Any]) -> str | None:
    """Return the point that a reservation's or session's id names."""
    found = asked.get("reservation_id") or asked.get("id")
    return found.rpartition(".")[0] or None if isinstance(found, str) else None


def _flaw(operation: Operation) -> str | None:
    """Say what an acknowledgement lacks."""
    for name, kind in TOLD.get(operation.f, {}).items():
        if type(operation.told.get(name)) is not kind:
            return f"{name} is {operation.told.get(name)!r}"
    return None
