"""Limits that can be drawn into a percentile curve."""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.measure.limits import LimitVerdict
from sim.scenario.limit_syntax import Figure, Number, parse_limit
from sim.scenario.metrics import FUNCTIONS

_LATENCIES = frozenset({"latency_ms", "sent_latency_ms"})


@dataclass(frozen=True, slots=True)
class LimitMark:
    """A percentile that must stay below a bound."""

    limit: str
    share: float
    """0 to 1."""
    bound_ms: float
    holds: bool


def limit_marks(limits: Iterable[LimitVerdict], kind: str) -> list[LimitMark]:
    """Return the limits on percentiles of the latency of that kind of request, or of all kinds."""
    found = []
    for verdict in limits:
        comparison = parse_limit(verdict.limit)
        figure, bound = comparison.left, comparison.right
        if not isinstance(figure, Figure) or not isinstance(bound, Number) or comparison.relation not in ("<", "<="):
            continue
        share = FUNCTIONS.get(figure.function or "mean")
        if figure.name in _LATENCIES and figure.kind in (kind, None) and share is not None and bound.value > 0:
            found.append(LimitMark(verdict.limit, share, bound.value, verdict.verdict == "PASS"))
    return found
