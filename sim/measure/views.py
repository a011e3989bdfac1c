"""How far behind their owners were the views that drivers chose by, and whether that is why they were refused.

A view is what a node shows of another node's point. It is measured against the owner's journal: the first event that it
lacks tells since when it was behind. Moments are the scenario's, by the owner's clock; how far behind is told in the
history's time, in which gossip travels.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sim.measure.databases import NodeDatabase, PointLog
from sim.measure.operations import Names
from sim.measure.percentiles import percentile

Seen = tuple[int, int]
"""Sequence number of the point's last event that was shown, and the scenario's time at which."""


@dataclass(slots=True)
class Views:
    """Views that were told, in columns; and of every refusal, what its driver had seen."""

    points: Names = field(default_factory=Names)
    nodes: Names = field(default_factory=Names)
    point: "array[int]" = field(default_factory=lambda: array("I"))
    node: "array[int]" = field(default_factory=lambda: array("I"))
    seq: "array[int]" = field(default_factory=lambda: array("q"))
    at_ms: "array[int]" = field(default_factory=lambda: array("q"))
    refused_point: "array[int]" = field(default_factory=lambda: array("I"))
    refused_seen: "array[int]" = field(default_factory=lambda: array("q"))
    """Sequence number that the driver had seen; -1: none, the driver had not looked."""
    refused_seen_ms: "array[int]" = field(default_factory=lambda: array("q"))
    refused_told: "array[int]" = field(default_factory=lambda: array("q"))
    """Sequence number by which the owner decided."""

    def shown(self, point: str, node: str, seen: Seen) -> None:
        """Take a view that a node told of a point."""
        self.point.append(self.points.number(point))
        self.node.append(self.nodes.number(node))
        self.seq.append(seen[0])
        self.at_ms.append(seen[1])

    def refused(self, point: str, seen: Seen | None, told_seq: int) -> None:
        """Take a refusal for want of a free window."""
        self.refused_point.append(self.points.number(point))
        self.refused_seen.append(-1 if seen is None else seen[0])
        self.refused_seen_ms.append(0 if seen is None else seen[1])
        self.refused_told.append(told_seq)


@dataclass(frozen=True, slots=True)
class RefusedByView:
    """Refusals for want of a free window, by what the driver had seen of the point. They add up to ``refused``."""

    refused: int
    fresh: int
    """What was seen was still so: the driver asked in spite of it, for want of anything better."""
    overtaken: int
    """It was right when it was shown; somebody else came first."""
    stale: int
    """It was old when it was shown: gossip had not brought the news yet."""
    unseen: int
    """The driver had not looked: it wants that point and no other, or found nothing free."""


@dataclass(frozen=True, slots=True)
class Staleness:
    """How far behind views were, in columns, in order of telling."""

    at_ms: "array[int]" = field(default_factory=lambda: array("q"))
    behind_ms: "array[float]" = field(default_factory=lambda: array("d"))
    """0: it lacked nothing."""


@dataclass(frozen=True, slots=True)
class StalenessFigures:
    """How far behind their owners views of other nodes' points were when they were told."""

    looked: int
    """Views that were told."""
    behind: int
    """Of these, those that lacked something."""
    p50_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    worst_ms: list[float]
    """By bucket of the timeline; -1: nobody looked."""


def staleness_figures(told: Staleness, start_ms: int, bucket_ms: int, buckets: int) -> StalenessFigures:
    """Return the figures of views that were told."""
    ordered = sorted(told.behind_ms)
    worst_ms = [-1.0] * buckets
    for at_ms, behind_ms in zip(told.at_ms, told.behind_ms, strict=True):
        bucket = min(buckets - 1, max(0, (at_ms - start_ms) // max(1, bucket_ms)))
        worst_ms[bucket] = max(worst_ms[bucket], behind_ms)
    behind = sum(each > 0 for each in ordered)
    if not ordered:
        return StalenessFigures(0, 0, None, None, None, worst_ms)
    p50_ms, p99_ms = percentile(ordered, 0.5), percentile(ordered, 0.99)
    return StalenessFigures(len(ordered), behind, p50_ms, p99_ms, ordered[-1], worst_ms)


def refused_by_view(views: Views, databases: Sequence[NodeDatabase]) -> RefusedByView:
    """Sort the refusals by what the driver had seen."""
    logs, names = _logs(databases), list(views.points)
    counts = {"fresh": 0, "overtaken": 0, "stale": 0, "unseen": 0}
    columns = views.refused_point, views.refused_seen, views.refused_seen_ms, views.refused_told
    for point, seen, seen_ms, told in zip(*columns, strict=True):
        counts[_kind(logs.get(names[point]), seen, seen_ms, told)] += 1
    return RefusedByView(len(views.refused_point), **counts)


def staleness(views: Views, databases: Sequence[NodeDatabase], scale: float) -> Staleness:
    """Return how far behind each view was of a point of another node than the one that told it, in order of telling.

    ``scale``: the scenario's seconds per second of the history.
    """
    logs, points, nodes = _logs(databases), list(views.points), list(views.nodes)
    told = Staleness()
    for row in sorted(range(len(views.at_ms)), key=views.at_ms.__getitem__):
        name, at_ms = points[views.point[row]], views.at_ms[row]
        log = logs.get(name)
        if log is not None and name.partition(".")[0] != nodes[views.node[row]]:
            told.at_ms.append(at_ms)
            told.behind_ms.append(round(_behind_ms(log, views.seq[row], at_ms) / scale, 3))
    return told


def _kind(log: PointLog | None, seen: int, seen_ms: int, told: int) -> str:
    if seen < 0:
        return "unseen"
    if seen >= told:
        return "fresh"
    return "stale" if log is not None and _behind_ms(log, seen, seen_ms) > 0 else "overtaken"


def _behind_ms(log: PointLog, seq: int, at_ms: int) -> int:
    """Return how long ago the first event after ``seq`` had happened at ``at_ms``."""
    following = bisect_right(log.seqs, seq)
    if following == len(log.seqs):
        return 0
    return max(0, at_ms - log.at_ms[following])


def _logs(databases: Sequence[NodeDatabase]) -> Mapping[str, PointLog]:
    return {point: log for database in databases for point, log in database.logs.items()}
