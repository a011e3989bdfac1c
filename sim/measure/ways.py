"""Where the time of requests went: waiting for the point, being served, on the way; and the slowest of them one by one."""

from array import array
from collections import defaultdict
from dataclasses import dataclass
from heapq import nlargest

from sim.measure.operations import Operations
from sim.measure.outcomes import Outcome
from sim.measure.percentiles import percentile

SLOWEST_MAX = 10


@dataclass(frozen=True, slots=True)
class Spread:
    """A part of the time, in milliseconds."""

    mean_ms: float
    p50_ms: float
    p99_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class WaySpread:
    """The requests of one kind of which the nodes said where their time went. Means add up to that of the whole time."""

    kind: str
    count: int
    late: Spread
    """From when it should have been sent until it was."""
    queue: Spread
    """At the point's owner, of a trip at its coordinator, until it was taken up."""
    decide: Spread
    write: Spread
    """Until it was on disk."""
    forward: Spread
    """Between the node that was asked and the owner; of a trip also waiting for the owners of its stops."""
    network: Spread
    """The rest: between the vehicle and the node that was asked, and in their machines."""


@dataclass(frozen=True, slots=True)
class SlowRequest:
    """One of the slowest. Parts are milliseconds; None: the node did not say."""

    kind: str
    node: str
    point: str
    outcome: str
    error: str
    at_s: float
    """When it should have been sent, in the history's time."""
    took_ms: float
    """From then."""
    late_ms: float
    queue_ms: float | None
    decide_ms: float | None
    write_ms: float | None
    forward_ms: float | None
    network_ms: float | None


def way_spreads(operations: Operations) -> list[WaySpread]:
    """Return where time went, by kind of request; kinds of which no node told are left out."""
    names = list(operations.functions)
    parts: defaultdict[int, list[array[float]]] = defaultdict(lambda: [array("d") for _ in range(6)])
    for row in range(len(operations)):
        if operations.queue_us[row] >= 0 and operations.done_ns[row] >= 0 and operations.vehicle_class[row]:
            for column, value in zip(parts[operations.function[row]], _parts_ms(operations, row), strict=True):
                column.append(value)
    order = {number: place for place, number in enumerate(operations.kinds.values())}
    return [
        WaySpread(names[number], len(columns[0]), *(_spread(column) for column in columns))
        for number, columns in sorted(parts.items(), key=lambda item: order[item[0]])
    ]


def slowest(operations: Operations) -> list[SlowRequest]:
    """Return the slowest completed requests of vehicles."""
    done = (row for row in range(len(operations)) if operations.done_ns[row] >= 0 and operations.vehicle_class[row])
    rows = nlargest(SLOWEST_MAX, done, key=lambda row: operations.done_ns[row] - operations.intended_ns[row])
    functions, nodes = list(operations.functions), list(operations.nodes)
    points, errors = list(operations.points), list(operations.errors)
    return [
        _slow_request(
            operations,
            row,
            functions[operations.function[row]],
            nodes[operations.node[row]],
            points[operations.point[row]],
            errors[operations.error[row]],
        )
        for row in rows
    ]


def _slow_request(operations: Operations, row: int, kind: str, node: str, point: str, error: str) -> SlowRequest:
    late_ms, *way = _parts_ms(operations, row)
    told = operations.queue_us[row] >= 0
    took_ms = (operations.done_ns[row] - operations.intended_ns[row]) / 1e6
    at_s, outcome = operations.intended_ns[row] / 1e9, Outcome(operations.outcome[row]).word
    queue_ms, decide_ms, write_ms, forward_ms, network_ms = way if told else (None,) * 5
    return SlowRequest(
        kind, node, point, outcome, error, at_s, took_ms, late_ms, queue_ms, decide_ms, write_ms, forward_ms, network_ms
    )


def _parts_ms(operations: Operations, row: int) -> tuple[float, float, float, float, float, float]:
    """Return how late it was sent, its four told parts, and what is left of its time."""
    sent_ns = operations.sent_ns[row]
    told_us = (
        operations.queue_us[row],
        operations.decide_us[row],
        operations.write_us[row],
        operations.forward_us[row],
    )
    rest_ms = max(0.0, (operations.done_ns[row] - sent_ns) / 1e6 - sum(told_us) / 1000)
    queue_ms, decide_ms, write_ms, forward_ms = (us / 1000 for us in told_us)
    return (sent_ns - operations.intended_ns[row]) / 1e6, queue_ms, decide_ms, write_ms, forward_ms, rest_ms


def _spread(values: "array[float]") -> Spread:
    ordered = sorted(values)
    mean_ms = sum(ordered) / len(ordered)
    return Spread(mean_ms, percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1])
