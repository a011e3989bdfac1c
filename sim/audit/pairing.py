"""Finding the invocation of every completion, and what a history may not hold."""

from pathlib import Path
from typing import Any

from sim.audit.errors import AuditError
from sim.audit.operation import TOLD, Operation
from sim.audit.rows import Witness
from sim.history import FUNCTIONS, Json

_ASKED: dict[str, tuple[tuple[str, ...], ...]] = {
    "reserve": (("driver_id", "start_ms", "end_ms"), ("driver_id", "duration_s")),
    "cancel": (("id",),),
    "start": (("reservation_id",), ("driver_id",)),
    "meter": (("id", "energy_wh"),),
    "stop": (("id",),),
}
"""What an invocation must say: one of these sets of members."""
_KINDS: dict[str, type] = {
    "driver_id": str,
    "start_ms": int,
    "end_ms": int,
    "id": str,
    "reservation_id": str,
    "energy_wh": int,
    "max_energy_wh": int,
    "what": str,
}
"""What is nearly always asked, and of what kind it is."""
_OF_NO_POINT = frozenset({"trip", "cancel_trip"})


class Pairing:
    """Takes the lines of processes in their order."""

    def __init__(self, path: Path) -> None:
        self.operations: list[Operation] = []
        """All but reads of views, in order of invocation."""
        self.views: list[Operation] = []
        """Reads of what a node believes of another node's point: no reads of the point."""
        self._path = path
        self._open: dict[int, Operation] = {}
        self._gone: set[int] = set()

    def error(self, line: Json, text: str) -> AuditError:
        """Return an error that names the line."""
        return AuditError(f"{self._path}:{line['index'] + 1}: {text}")

    def take(self, line: Json) -> None:
        """Take in one line. Raises ``AuditError``."""
        process, kind, f = line["process"], line["type"], line["f"]
        if type(process) is not int:
            raise self.error(line, f"process {process!r}; expected a number, 'run' or 'nemesis'")
        if f not in FUNCTIONS:
            raise self.error(line, f"unknown f {f!r}; expected one of {', '.join(FUNCTIONS)}")
        if kind == "invoke":
            self._invoke(line, process, f)
        elif kind in ("ok", "fail", "info"):
            self._complete(line, process, kind, f)
        else:
            raise self.error(line, f"unknown type {kind!r}; expected invoke, ok, fail or info")

    def _invoke(self, line: Json, process: int, f: str) -> None:
        if process in self._gone:
            raise self.error(line, f"process {process} invokes after an info; its last request may still be under way")
        if process in self._open:
            raise self.error(line, f"process {process} invokes while line {self._open[process].index + 1} is open")
        asked = self._asked(line, f)
        node, point, key, trip = line.get("node"), line.get("point"), line.get("key"), line.get("trip")
        for name, text in (("node", node), ("point", point), ("key", key), ("trip", trip)):
            if text is not None and type(text) is not str:
                raise self.error(line, f"{name} {text!r} is no text")
        if point is None and f not in _OF_NO_POINT:
            point = _point_in(asked)
        operation = Operation(line["index"], line["time_ns"], process, f, asked, node, point, key)
        operation.trip = trip
        self._open[process] = operation
        (self.views if operation.is_view else self.operations).append(operation)

    def _asked(self, line: Json, f: str) -> dict[str, Any]:
        asked = line.get("value")
        if not isinstance(asked, dict):
            asked = {}
        if f in _ASKED:
            for names in _ASKED[f]:
                for name in names:
                    if asked.get(name) is None:
                        break
                else:
                    break
            else:
                sets = " or ".join(", ".join(names) for names in _ASKED[f])
                raise self.error(line, f"{f} asks for {sets}; found {asked}")
        for name, value in asked.items():
            if value is not None and type(value) is not _KINDS.get(name) and not _is_right(name, value):
                raise self.error(line, f"{f} asks for {name} {value!r}")
        return asked

    def _complete(self, line: Json, process: int, kind: str, f: str) -> None:
        operation = self._open.pop(process, None)
        if operation is None:
            raise self.error(line, f"process {process} completes what it never invoked")
        key, point = line.get("key"), line.get("point")
        if f != operation.f:
            raise self._differs(line, "f", operation.f, operation)
        if key is not None and key != operation.key and operation.key is not None:
            raise self._differs(line, "key", operation.key, operation)
        if point is not None and point != operation.point:
            if operation.point is not None:
                raise self._differs(line, "point", operation.point, operation)
            operation.point = self._text(line, "point")
        told = line.get("value")
        operation.outcome, operation.end_index, operation.end_ns = kind, line["index"], line["time_ns"]
        operation.told = told if isinstance(told, dict) else {}
        operation.error, operation.witness = self._text(line, "error"), self._witness(line)
        if "trip" in line:
            operation.trip = operation.trip or self._text(line, "trip")
        operation.retry_after_s = line.get("retry_after_s")
        operation.status = status = line.get("status")
        if status is not None and type(status) is not int:
            raise self.error(line, f"status {status!r} is no number")
        if kind == "ok":
            operation.flaw = _flaw(operation)
        elif kind == "info":
            self._gone.add(process)

    def _differs(self, line: Json, name: str, value: str, operation: Operation) -> AuditError:
        return self.error(line, f"{name} is {line[name]!r}, but {value!r} in line {operation.index + 1}")

    def _text(self, line: Json, name: str) -> str | None:
        value = line.get(name)
        if value is not None and not isinstance(value, str):
            raise self.error(line, f"{name} {value!r} is no text")
        return value

    def _witness(self, line: Json) -> Witness | None:
        found = line.get("witness")
        if found is None:
            return None
        if not (isinstance(found, list) and len(found) == 2 and type(found[0]) is int and type(found[1]) is int):
            raise self.error(line, f"witness {found!r}; expected [epoch, seq]")
        return found[0], found[1]


def _is_right(name: str, value: Any) -> bool:
    """Whether something asked is of the kind that its name says."""
    if name.endswith(("_ms", "_wh", "_s")):
        return type(value) is int
    return isinstance(value, str) or not name.endswith("id")


def _point_in(asked: dict[str, Any]) -> str | None:
    """Return the point that a reservation's or session's id names."""
    found = asked.get("reservation_id") or asked.get("id")
    return found.rpartition(".")[0] or None if isinstance(found, str) else None


def _flaw(operation: Operation) -> str | None:
    """Say what an acknowledgement lacks."""
    told = operation.told
    for name, kind in TOLD.get(operation.f, {}).items():
        if type(told.get(name)) is not kind:
            return f"{name} is {told.get(name)!r}"
    return None
