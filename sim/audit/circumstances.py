"""What the run says of itself, and what was done to it: lines of the history that are no requests."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sim.audit.errors import AuditError
from sim.history import Json


class Fault(NamedTuple):
    """A line of the nemesis: something was broken or mended."""

    line: int
    """Its place in the history, from 0."""
    time_ns: int
    kind: str
    node: str | None
    state: str | None = None
    """``broken``, ``mending`` or ``mended``."""


class Members(NamedTuple):
    """Whom a node believed to be there when it was asked."""

    time_ns: int
    node: str
    epoch: int
    """In which it ran itself."""
    nodes: dict[str, tuple[str, int]]
    """State and epoch of each of the others."""


class LateView(NamedTuple):
    """A view that did not agree with its owner in time, after the network was left alone."""

    node: str
    point: str
    after_ms: int | None
    """When it did; None: it never did."""
    within_ms: int


class Gauge(NamedTuple):
    """The highest value that something bounded had in one life of a node."""

    line: int
    """Its place in the history, from 0."""
    node: str
    name: str
    value: float
    bound: float


@dataclass(slots=True)
class Circumstances:
    """How the run was played."""

    mode: str | None = None
    """``local``, ``remote`` or ``virtual``; None: it does not say."""
    civil_start_ms: int | None = None
    scale: float = 1.0
    """Civil time per time of the history."""
    faults: list[Fault] = field(default_factory=list)
    gauges: list[Gauge] = field(default_factory=list)
    late_views: list[LateView] = field(default_factory=list)
    agreed_views: int = 0
    """Views of which the laboratory noted when they agreed with their owners."""
    members: list[Members] = field(default_factory=list)
    heal_ns: int | None = None
    """When all faults were mended and the liveness phase began; None: there was none."""
    heal_line: int | None = None
    end_ns: int = 0
    """When the last line was written."""
    clocks_ms: dict[str, int] = field(default_factory=dict)
    """Where each node's clock stood at the end, as far as the run says so."""
    ended: bool = False
    """Whether the run said that it had ended."""
    copied: dict[str, None] = field(default_factory=dict)
    """Keys of the requests that the network delivered more than once; a copy's answer may never have been told."""

    def civil_ms(self, time_ns: int) -> int | None:
        """Return the scenario's time at a time of the history, if that is known."""
        if self.civil_start_ms is None:
            return None
        return self.civil_start_ms + int(time_ns / 1_000_000 * self.scale)

    def kinds(self) -> frozenset[str]:
        """Return the kinds of faults there were."""
        return frozenset(fault.kind for fault in self.faults)

    def bent_clocks(self) -> frozenset[str | None]:
        """Return the nodes whose clocks were made to jump or to run wrong."""
        return frozenset(fault.node for fault in self.faults if fault.kind.startswith("clock_"))

    def take(self, path: Path, line: Json) -> None:
        """Take in a line of ``run`` or ``nemesis``. Raises ``AuditError`` naming file and line."""
        process, f = line["process"], line["f"]
        if process == "nemesis":
            state = _value(line).get("state")
            known = state if isinstance(state, str) else None
            self.faults.append(Fault(line["index"], line["time_ns"], f, _text(path, line, "node"), known))
        elif f == "begin":
            self._begin(path, line)
        elif f == "heal":
            self.heal_ns, self.heal_line = line["time_ns"], line["index"]
        elif f == "gauges":
            self.gauges += _gauges(path, line)
        elif f == "agreement":
            self.late_views += _late_views(path, line)
            self.agreed_views = len(_value(line).get("after_ms") or ())
        elif f == "members":
            self.members.append(_members(path, line))
        elif f == "copy":
            self.copied[_text(path, line, "key") or ""] = None
        elif f == "end":
            self.ended = True
            clocks_ms = _value(line).get("clocks_ms") or {}
            if not isinstance(clocks_ms, dict) or not all(type(time_ms) is int for time_ms in clocks_ms.values()):
                raise _error(path, line, f"clocks_ms {clocks_ms!r}; expected a time for each node")
            self.clocks_ms = clocks_ms

    def _begin(self, path: Path, line: Json) -> None:
        value = _value(line)
        mode, civil_start_ms, scale = value.get("mode"), value.get("civil_start_ms"), value.get("scale", 1.0)
        if mode is not None and not isinstance(mode, str):
            raise _error(path, line, f"mode {mode!r} is no text")
        if civil_start_ms is not None and type(civil_start_ms) is not int:
            raise _error(path, line, f"civil_start_ms {civil_start_ms!r} is no number")
        if not _is_number(scale) or scale <= 0:
            raise _error(path, line, f"scale {scale!r} is no positive number")
        self.mode, self.civil_start_ms, self.scale = mode, civil_start_ms, scale


def _gauges(path: Path, line: Json) -> list[Gauge]:
    node, told = _text(path, line, "node"), _value(line).get("gauges")
    if node is None or not isinstance(told, list):
        raise _error(path, line, "gauges: expected a node and a list of gauges")
    found = []
    for gauge in told:
        whole = isinstance(gauge, dict) and isinstance(gauge.get("name"), str)
        if not whole or not (_is_number(gauge.get("value")) and _is_number(gauge.get("bound"))):
            raise _error(path, line, f"gauges: expected name, value and bound; found {gauge!r}")
        found.append(Gauge(line["index"], node, gauge["name"], gauge["value"], gauge["bound"]))
    return found


def _late_views(path: Path, line: Json) -> list[LateView]:
    value = _value(line)
    within_ms, late = value.get("within_ms"), value.get("late")
    if type(within_ms) is not int or not isinstance(late, list):
        raise _error(path, line, "agreement: expected within_ms and a list of those that were late")
    found = []
    for view in late:
        whole = isinstance(view, dict) and isinstance(view.get("node"), str) and isinstance(view.get("point"), str)
        if not whole or not isinstance(view.get("after_ms"), int | None):
            raise _error(path, line, f"agreement: expected node, point and after_ms; found {view!r}")
        found.append(LateView(view["node"], view["point"], view["after_ms"], within_ms))
    return found


def _members(path: Path, line: Json) -> Members:
    node, told = _text(path, line, "node"), _value(line)
    epoch, nodes = told.get("epoch"), told.get("nodes")
    if node is None or type(epoch) is not int or not isinstance(nodes, dict):
        raise _error(path, line, "members: expected a node, its epoch, and what it believes of others")
    for name, believed in nodes.items():
        whole = isinstance(believed, list) and len(believed) == 2
        if not whole or not isinstance(believed[0], str) or type(believed[1]) is not int:
            raise _error(path, line, f"members: expected state and epoch of {name}; found {believed!r}")
    return Members(line["time_ns"], node, epoch, {name: (state, at) for name, (state, at) in nodes.items()})


def _value(line: Json) -> dict[str, Any]:
    value = line.get("value")
    return value if isinstance(value, dict) else {}


def _text(path: Path, line: Json, name: str) -> str | None:
    value = line.get(name)
    if value is not None and not isinstance(value, str):
        raise _error(path, line, f"{name} {value!r} is no text")
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _error(path: Path, line: Json, text: str) -> AuditError:
    return AuditError(f"{path}:{line['index'] + 1}: {text}")
