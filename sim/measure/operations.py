"""The requests of a run in columns: about 60 bytes each, so that millions of them fit into memory."""

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sim.history import FUNCTIONS
from sim.measure.outcomes import Outcome
from sim.measure.stops import Stops, Wishes, fates_of

NO_COMPLETION = "no-completion"
"""The error of a request that was still open when the history ended."""
TIMEOUTS = frozenset({"timeout", "owner-timeout"})
"""Errors that say that nobody waited any longer."""
BOOKINGS = ("reserve", "trip")
"""Requests to reserve: a point's window, or those of all stops of a trip."""
_OPEN = -1
_UNTOLD = -1
Way = tuple[int, int, int, int]
"""What a node says of a request's way, in microseconds: in the mailbox, being decided, being written, at another node."""


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

    ``function``, ``node``, ``point``, ``error`` and ``vehicle_class`` hold numbers of names; 0 is the empty name of the last
    three. Class 0 is the laboratory itself, which also asks: it is counted, but how long it waits is nobody's latency. The four columns of a request's way are -1 where the node did not tell it.
    """

    functions: Names = field(default_factory=Names)
    nodes: Names = field(default_factory=Names)
    points: Names = field(default_factory=Names)
    errors: Names = field(default_factory=Names)
    classes: Names = field(default_factory=Names)
    function: "array[int]" = field(default_factory=lambda: array("B"))
    node: "array[int]" = field(default_factory=lambda: array("I"))
    point: "array[int]" = field(default_factory=lambda: array("I"))
    error: "array[int]" = field(default_factory=lambda: array("I"))
    outcome: "array[int]" = field(default_factory=lambda: array("B"))
    intended_ns: "array[int]" = field(default_factory=lambda: array("q"))
    sent_ns: "array[int]" = field(default_factory=lambda: array("q"))
    done_ns: "array[int]" = field(default_factory=lambda: array("q"))
    """When the outcome was known; -1: never."""
    vehicle_class: "array[int]" = field(default_factory=lambda: array("H"))
    retried: "array[int]" = field(default_factory=lambda: array("B"))
    """1: it repeats its vehicle's last request, under the same key."""
    queue_us: "array[int]" = field(default_factory=lambda: array("i"))
    decide_us: "array[int]" = field(default_factory=lambda: array("i"))
    write_us: "array[int]" = field(default_factory=lambda: array("i"))
    forward_us: "array[int]" = field(default_factory=lambda: array("i"))
    stops: Stops = field(default_factory=Stops)
    """Of the trips."""

    def __post_init__(self) -> None:
        self.classes.number("")
        self.points.number("")
        self.errors.number("")

    def __len__(self) -> int:
        return len(self.function)

    def send(
        self,
        function: str,
        node: str,
        point: str,
        intended_ns: int,
        sent_ns: int,
        class_name: str = "",
        *,
        retried: bool = False,
    ) -> int:
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
        self.vehicle_class.append(self.classes.number(class_name))
        self.retried.append(retried)
        for column in self._ways:
            column.append(_UNTOLD)
        return row

    def complete(self, row: int, outcome: Outcome, error: str, done_ns: int, way: Way | None = None) -> None:
        """Say what became of a request, and what the node told of its way."""
        self.outcome[row] = outcome
        self.error[row] = self.errors.number(error)
        self.done_ns[row] = done_ns
        if way is not None:
            for column, us in zip(self._ways, way, strict=True):
                column[row] = us

    def stop_at(self, wishes: Wishes) -> int:
        """Add the stops of a trip; return the row of the first."""
        return self.stops.ask(self.points.number(points[0]) for points in wishes)

    def settle_stops(self, first: int, wishes: Wishes, outcome: Outcome, told: Mapping[str, Any]) -> None:
        """Say what became of the stops of a trip; ``told`` is what the history keeps of the answer."""
        fates = ((self.points.number(point), fate) for point, fate in fates_of(wishes, outcome, told))
        self.stops.settle(first, len(wishes), fates)

    @property
    def _ways(self) -> "tuple[array[int], array[int], array[int], array[int]]":
        return self.queue_us, self.decide_us, self.write_us, self.forward_us

    @property
    def kinds(self) -> dict[str, int]:
        """The kinds of request there were, with their numbers, in the order in which a vehicle's trip has them."""
        order = {name: place for place, name in enumerate(FUNCTIONS)}
        numbers = {name: number for number, name in enumerate(self.functions)}
        return dict(sorted(numbers.items(), key=lambda item: order.get(item[0], len(order))))

    def rows_of(self, *functions: str) -> Iterator[int]:
        """Yield the rows of one kind of request, or of several."""
        wanted = {number for name, number in self.kinds.items() if name in functions}
        return (row for row, number in enumerate(self.function) if number in wanted)
