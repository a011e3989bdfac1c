"""What limits can speak of: every figure that a run is measured by, under the name that a scenario gives it."""

from collections.abc import Iterator

KINDS = ("reserve", "cancel", "start", "meter", "stop", "trip", "cancel_trip", "operate", "read")
"""Kinds of request, as histories name them."""
OUTCOMES = ("accepted", "refused", "unavailable", "unknown")

COUNTS: dict[str, str] = {
    "offered": "requests that vehicles sent",
    "accepted": "of these, done",
    "refused": "of these, decided against by the point's owner",
    "unavailable": "of these, decided by nobody",
    "unknown": "of these, without an answer that says whether they were done",
    "timed_out": "of the unknown ones, those whose wait ended without an answer",
    "retried": "of the offered ones, those that repeat one under the same key",
    "goodput": "accepted and refused: the network gave a decision",
}
"""Numbers of requests, of all kinds or of one: ``offered``, ``reserve.offered``."""
DISTRIBUTIONS: dict[str, str] = {
    "latency_ms": "from when a request should have been sent to its answer",
    "sent_latency_ms": "from when a request was sent to its answer",
    "queue_ms": "of that, in the mailbox of the point; of a trip, until its coordinator takes it up",
    "service_ms": "of that, being decided and written to disk by the point's owner, of a trip by its coordinator",
    "staleness_ms": "how far a node's view of another's point was behind its owner when it was told",
    "waited_s": "of served vehicles, from the wished start to plugging in",
}
"""Of these a limit asks for a percentile, the mean or an extreme."""
OF_REQUESTS = frozenset({"latency_ms", "sent_latency_ms", "queue_ms", "service_ms"})
"""Distributions that may be asked for by kind of request, and by outcome: ``reserve.accepted.latency_ms``."""
SCALARS: dict[str, str] = {
    "jain_fairness": "Jain's index of the shares of each class's vehicles that got a charger; 1: all classes alike",
    "gini": "how unevenly the windows asked for fell on points: 0: all alike, 1: one point had all",
    "attempts_per_intent": "reservations or points that a vehicle tried, mean over vehicles",
    "served_share": "of the vehicles that are done, the share that charged",
    "no_show_share": "of the vehicles that are done, the share that reserved and did not come",
    "energy_share": "of the energy that vehicles wanted, the share that they got",
    "utilisation": "of the points' time, the share in which they were reserved or charging",
    "recovery_s": "the longest time from a fault's mending until all was back, by the history's clock",
}
"""One figure for the whole run."""
LIVE_SCALARS = frozenset({"jain_fairness", "attempts_per_intent", "served_share", "no_show_share", "recovery_s"})
"""Those that a run knows while it goes on: the others are read from the nodes' databases when it is over."""
LIVE_DISTRIBUTIONS = OF_REQUESTS | {"waited_s"}

_PERCENTILES = {f"p{name}": float(name) / 100 for name in ("1", "5", "10", "25", "50", "75", "90", "95", "99")}
FUNCTIONS: dict[str, float | None] = {
    **_PERCENTILES,
    "p99_9": 0.999,
    "p99_99": 0.9999,
    "mean": None,
    "min": 0.0,
    "max": 1.0,
}
"""What can be asked of a distribution: a share of it (0 the least, 1 the greatest), or None for the mean."""


def words_of_metrics() -> Iterator[str]:
    """Yield what a limit may name, for who misspelt it."""
    yield from COUNTS
    yield from DISTRIBUTIONS
    yield from SCALARS
