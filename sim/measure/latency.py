"""How long requests took, from when they should have been sent and from when they were.

A generator that waits for slow answers before it sends the next request hides their slowness (coordinated omission); time
counted from the intended moment does not.
"""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sim.measure.operations import Operations
from sim.measure.outcomes import Outcome
from sim.measure.percentiles import curve, percentile

ALL = "all"
"""In place of an outcome: all completed requests."""
_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Latency:
    """A distribution in milliseconds; percentiles are exact, by nearest rank."""

    mean: float
    p50: float
    p90: float
    p99: float
    p99_9: float
    max: float
    curve: list[tuple[float, float]]
    """(share of requests, at most this long), denser towards share 1."""


@dataclass(frozen=True, slots=True)
class LatencyPair:
    """The requests of one kind with one outcome."""

    count: int
    """Completed requests; those without a completion have no latency."""
    from_intended: Latency
    from_sent: Latency


def latencies(operations: Operations) -> dict[str, dict[str, LatencyPair]]:
    """Return vehicles' latencies by kind of request, and within it by outcome and for ``all`` outcomes together."""
    groups: defaultdict[tuple[int, int], tuple[array[int], array[int]]]
    groups = defaultdict(lambda: (array("q"), array("q")))
    columns = (
        operations.vehicle_class,
        operations.function,
        operations.outcome,
        operations.intended_ns,
        operations.sent_ns,
        operations.done_ns,
    )
    for vehicle_class, function, outcome, intended_ns, sent_ns, done_ns in zip(*columns, strict=True):
        if done_ns >= 0 and vehicle_class:
            from_intended, from_sent = groups[function, outcome]
            from_intended.append(done_ns - intended_ns)
            from_sent.append(done_ns - sent_ns)
    found: dict[str, dict[str, LatencyPair]] = {}
    for name, number in operations.kinds.items():
        pairs = {outcome: groups[number, outcome] for outcome in Outcome if (number, outcome) in groups}
        if pairs:
            found[name] = {ALL: _pair(*_joined(pairs.values()))}
            found[name] |= {outcome.word: _pair(*both) for outcome, both in pairs.items()}
    return found


def _joined(pairs: Iterable[tuple["array[int]", "array[int]"]]) -> tuple["array[int]", "array[int]"]:
    """Return the durations of several outcomes; percentiles come from raw durations, never from percentiles."""
    from_intended, from_sent = array("q"), array("q")
    for one_intended, one_sent in pairs:
        from_intended.extend(one_intended)
        from_sent.extend(one_sent)
    return from_intended, from_sent


def _pair(intended_ns: "array[int]", sent_ns: "array[int]") -> LatencyPair:
    return LatencyPair(len(intended_ns), latency_of(intended_ns), latency_of(sent_ns))


def latency_of(durations_ns: Sequence[int]) -> Latency:
    """Return the distribution of durations, of which there is at least one."""
    ordered = sorted(durations_ns)

    def at(share: float) -> float:
        return percentile(ordered, share) / _NS_PER_MS

    return Latency(
        mean=sum(ordered) / len(ordered) / _NS_PER_MS,
        p50=at(0.5),
        p90=at(0.9),
        p99=at(0.99),
        p99_9=at(0.999),
        max=ordered[-1] / _NS_PER_MS,
        curve=[(round(share, 7), value / _NS_PER_MS) for share, value in curve(ordered)],
    )
