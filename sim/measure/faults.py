"""What was broken during a run: when, for how long, and what became of the requests meanwhile."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sim.measure.operations import Operations
from sim.measure.outcomes import Tally

_REQUEST_S_MAX = 120
"""No request is under way longer than that: clients give up after 60 s at most."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a run."""

    at_s: float
    """In the history's time, since the run began."""
    civil_ms: int
    """In the scenario's time."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that broke."""

    kind: str
    node: str | None
    """None: the broker."""
    for_s: float | None
    """How long the scenario wanted it broken, in the scenario's time."""
    broken: Moment
    mending: Moment | None
    """When it was continued, or started again; None: it never was."""
    mended: Moment | None
    """When it was back: of a node, when it was ready."""
    meanwhile: Tally
    """Requests of all kinds that were under way between ``broken`` and ``mended``."""

    @property
    def words(self) -> str:
        """What broke and how: ``crash of server2``, ``pause of the broker``."""
        how = self.kind.removeprefix("broker_") if self.node is None else self.kind
        return f"{how.replace('_', ' ')} of {self.node or 'the broker'}"


class Faults:
    """Collects faults, line by line."""

    def __init__(self) -> None:
        self._found: list[dict[str, Any]] = []

    def add(self, kind: str, node: str | None, at_ns: int, civil_ms: int, value: Mapping[str, Any]) -> None:
        """Take a line of the nemesis. Raises ``ValueError`` if it mends what is not broken."""
        state, moment = value["state"], Moment(at_ns / 1e9, civil_ms)
        if state == "broken":
            fault = {"kind": kind, "node": node, "for_s": value.get("for_s"), "mending": None, "mended": None}
            self._found.append(fault | {"broken": moment})
            return
        if state not in {"mending", "mended"}:
            raise ValueError(f"a fault's state is broken, mending or mended, not {state!r}")
        for fault in self._found:
            if (fault["kind"], fault["node"]) == (kind, node) and fault[state] is None:
                fault[state] = moment
                return
        raise ValueError(f"{kind} of {node or 'the broker'} is {state}, but was not broken")

    def with_requests(self, operations: Operations) -> list[Fault]:
        """Return the faults in order of time, each with what became of the requests meanwhile."""
        return [Fault(**fault, meanwhile=_meanwhile(fault, operations)) for fault in self._found]


def _meanwhile(fault: Mapping[str, Any], operations: Operations) -> Tally:
    """Count the requests that were sent before the fault was mended, and not done when it began."""
    begin_ns = round(fault["broken"].at_s * 1e9)
    sent_ns, done_ns = operations.sent_ns, operations.done_ns
    first = bisect_right(sent_ns, begin_ns - _REQUEST_S_MAX * 10**9)
    mended: Moment | None = fault["mended"]
    last = len(operations) if mended is None else bisect_right(sent_ns, round(mended.at_s * 1e9))
    counts = [0, 0, 0, 0]
    for row in range(first, last):
        if done_ns[row] < 0 or done_ns[row] >= begin_ns:
            counts[operations.outcome[row]] += 1
    return Tally.of(counts)
