"""The requests of a run in columns: about 40 bytes each, so that millions of them fit into memory."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from sim.history import FUNCTIONS
from sim.measure.outcomes import Outcome

NO_COMPLETION = "no-completion"
"""The error of a request that was still open when the history ended."""
_OPEN = -1


@dataclass(slots=True)
class Names:
    """Names with numbers, from 0 in order of appearance."""

    _numbers: dict[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def number(self, name: str) -> int:
        """Return the name's number; a new name gets the next one."""
        return self._numbers.setdefault(name, len(self._numbers))


@dataclass(slots=True)
class Operations:
    """One row per request, in the order in which they were sent; rows of all columns correspond.

    ``function``, ``node``, ``point`` and ``error`` hold numbers of names; point and error 0 are the empty name.
    """

    functions: Names = field(default_factory=Names)
    nodes: Names = field(default_factory=Names)
    points: Names = field(default_factory=Names)
    errors: Names = field(default_factory=Names)
    function: "array[int]" = field(default_factory=lambda: array("B"))
    node: "array[int]" = field(default_factory=lambda: array("I"))
    point: "array[int]" = field(default_factory=lambda: array("I"))
    error: "array[int]" = field(default_factory=lambda: array("I"))
    outcome: "array[int]" = field(default_factory=lambda: array("B"))
    intended_ns: "array[int]" = field(default_factory=lambda: array("q"))
    sent_ns: "array[int]" = field(default_factory=lambda: array("q"))
    done_ns: "array[int]" = field(default_factory=lambda: array("q"))
    """When the outcome was known; -1: never."""

    def __post_init__(self) -> None:
        self.points.number("")
        self.errors.number("")

    def __len__(self) -> int:
        return len(self.function)

    def send(self, function: str, node: str, point: str, intended_ns: int, sent_ns: int) -> int:
        """Add a request whose outcome is open; return its row."""
        row = len(self.function)
        self.function.append(self.functions.number(function))
        self.node.append(self.nodes.number(node))
        self.point.append(self.points.number(point))
        self.error.append(self.errors.number(NO_COMPLETION))
        self.outcome.append(Outcome.UNKNOWN)
        self.intended_ns.append(min(intended_ns, sent_ns))
        self.sent_ns.append(sent_ns)
        self.done_ns.append(_OPEN)
        return row

    def complete(self, row: int, outcome: Outcome, error: str, done_ns: int) -> None:
        """Say what became of a request."""
        self.outcome[row] = outcome
        self.error[row] = self.errors.number(error)
        self.done_ns[row] = done_ns

    @property
    def kinds(self) -> dict[str, int]:
        """The kinds of request there were, with their numbers, in the order in which a vehicle's trip has them."""
        order = {name: place for place, name in enumerate(FUNCTIONS)}
        numbers = {name: number for number, name in enumerate(self.functions)}
        return dict(sorted(numbers.items(), key=lambda item: order.get(item[0], len(order))))

    def rows_of(self, function: str) -> Iterator[int]:
        """Yield the rows of one kind of request."""
        wanted = self.kinds.get(function)
        return (row for row, number in enumerate(self.function) if number == wanted)
