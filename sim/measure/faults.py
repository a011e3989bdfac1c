"""What was broken during a run: when, for how long, and what became of the requests meanwhile."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.measure.fault_words import details, named
from sim.measure.operations import Operations
from sim.measure.outcomes import Outcome, Tally
from sim.measure.views import Staleness

_REQUEST_S_MAX = 120
"""No request is under way longer than that: clients give up after 60 s at most."""
_CONVERGING_MS = 60_000
"""How long after a fault views are looked at: several rounds of anti-entropy."""
_REASONS_MAX = 4
_MEMBERS = frozenset({"kind", "node", "at_s", "for_s"})
"""What a scenario says of a fault, and the figures have elsewhere."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a run."""

    at_s: float
    """In the history's time, since the run began."""
    civil_ms: int
    """In the scenario's time."""


@dataclass(frozen=True, slots=True)
class ViewsMeanwhile:
    """Views that were told from when it broke until shortly after all was back."""

    looked: int
    behind: int
    """Views that lacked something."""
    worst_ms: float
    """How far the worst of them was behind, in the history's time."""
    fresh_after_s: float | None
    """From when all was back to the last view that was behind, in the scenario's time; 0: none was. None: it never came back."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that broke."""

    kind: str
    node: str | None
    """None: the broker, or the network between them."""
    for_s: float | None
    """How long the scenario wanted it broken, in the scenario's time."""
    broken: Moment
    mending: Moment | None
    """When it was continued, or started again; None: it never was."""
    mended: Moment | None
    """When it was back: of a node, when it was ready."""
    meanwhile: Tally
    """Requests of all kinds that were under way between ``broken`` and ``mended``."""

    reasons: dict[str, int] = field(default_factory=dict)
    """Of these, why those were not done that the network did not do: errors of unavailable and unknown ones."""
    views: "ViewsMeanwhile | None" = None
    """How far behind views were; None: nobody looked."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """How it was broken, as the scenario says it: ``share``, ``groups``, …"""

    @property
    def recovery_s(self) -> float | None:
        """How long it took to be back, from when it was mended; None: it never was."""
        return None if self.mending is None or self.mended is None else self.mended.at_s - self.mending.at_s

    @property
    def words(self) -> str:
        """What broke and how: ``crash of server2``, ``pause of the broker``, ``lost messages``."""
        return named(self.kind, self.node)

    @property
    def details(self) -> str:
        """How badly: ``20 % of all messages``; nothing where there is no more to say."""
        return details(self.kind, self.parameters)

    def touches(self, node_id: str) -> bool:
        """Whether it breaks something of that node, or of what all nodes share."""
        if self.node is not None:
            return self.node == node_id
        lists = [self.parameters.get(name) for name in ("hosts", "from", "to")]
        hosts = [host for each in lists if isinstance(each, list) for host in each]
        return not hosts or node_id in hosts


class Faults:
    """Collects faults, line by line."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []

    def add(self, kind: str, node: str | None, at_ns: int, civil_ms: int, value: Mapping[str, Any]) -> None:
        """Take a line of the nemesis. Raises ``ValueError`` if it mends what is not broken."""
        state, moment = value["state"], Moment(at_ns / 1e9, civil_ms)
        parameters = {name: each for name, each in value.items() if name != "state"}
        if state == "broken":
            fault = {"kind": kind, "node": node, "for_s": value.get("for_s"), "mending": None, "mended": None}
            self._found.append(fault | {"broken": moment, "parameters": parameters})
            return
        if state not in {"mending", "mended"}:
            raise ValueError(f"a fault's state is broken, mending or mended, not {state!r}")
        for fault in self._found:
            same = (fault["kind"], fault["node"], fault["parameters"]) == (kind, node, parameters)
            if same and fault[state] is None:
                fault[state] = moment
                return
        raise ValueError(f"{named(kind, node)}: is {state}, but was not broken")

    def longest_recovery_s(self) -> float | None:
        """Return the longest time from a mending to being back; None if nothing was broken, or something never came back."""
        if any(fault["mending"] is None or fault["mended"] is None for fault in self._found):
            return None
        return max((fault["mended"].at_s - fault["mending"].at_s for fault in self._found), default=None)

    def with_requests(self, operations: Operations, told: Staleness | None = None) -> list[Fault]:
        """Return the faults in order of time, each with what became of the requests and the views meanwhile."""
        return [
            Fault(
                **fault | {"parameters": _more(fault)},
                meanwhile=_meanwhile(fault, operations),
                reasons=_reasons(fault, operations),
                views=None if told is None else _views(fault, told),
            )
            for fault in self._found
        ]


def _more(fault: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that have no member of their own."""
    return {name: each for name, each in fault["parameters"].items() if name not in _MEMBERS}


def _reasons(fault: Mapping[str, Any], operations: Operations) -> dict[str, int]:
    names, counts = list(operations.errors), Counter[int]()
    for row in _rows_meanwhile(fault, operations):
        if operations.outcome[row] in (Outcome.UNAVAILABLE, Outcome.UNKNOWN):
            counts[operations.error[row]] += 1
    return {names[error] or "no error named": count for error, count in counts.most_common(_REASONS_MAX)}


def _views(fault: Mapping[str, Any], told: Staleness) -> ViewsMeanwhile | None:
    mended: Moment | None = fault["mended"]
    begin = bisect_left(told.at_ms, fault["broken"].civil_ms)
    end = len(told.at_ms) if mended is None else bisect_right(told.at_ms, mended.civil_ms + _CONVERGING_MS)
    if begin == end:
        return None
    behind = [row for row in range(begin, end) if told.behind_ms[row]]
    fresh_after_s = None
    if mended is not None:
        last_ms = told.at_ms[behind[-1]] if behind else mended.civil_ms
        fresh_after_s = max(0, last_ms - mended.civil_ms) / 1000
    worst_ms = max(told.behind_ms[row] for row in range(begin, end))
    return ViewsMeanwhile(end - begin, len(behind), worst_ms, fresh_after_s)


def _rows_meanwhile(fault: Mapping[str, Any], operations: Operations) -> Iterator[int]:
    """Yield the requests that were sent before the fault was mended, and not done when it began."""
    begin_ns = round(fault["broken"].at_s * 1e9)
    sent_ns, done_ns = operations.sent_ns, operations.done_ns
    first = bisect_right(sent_ns, begin_ns - _REQUEST_S_MAX * 10**9)
    mended: Moment | None = fault["mended"]
    last = len(operations) if mended is None else bisect_right(sent_ns, round(mended.at_s * 1e9))
    return (row for row in range(first, last) if done_ns[row] < 0 or done_ns[row] >= begin_ns)


def _meanwhile(fault: Mapping[str, Any], operations: Operations) -> Tally:
    counts = [0, 0, 0, 0]
    for row in _rows_meanwhile(fault, operations):
        counts[operations.outcome[row]] += 1
    return Tally.of(counts)
