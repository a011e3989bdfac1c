"""How long requests waited in the mailboxes of each node's points, and how many of them at a time.

Whole trips and searches are about no point: they wait in no mailbox of their own.

How many wait on average follows from how long each waits (Little, 1961): the sum of all waits, divided by the time.
"""

from array import array
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sim.measure.gauges import Gauge
from sim.measure.operations import Operations
from sim.measure.percentiles import percentile

_DEPTH = "mailbox_depth"


@dataclass(frozen=True, slots=True)
class Queue:
    """The mailboxes of one node's points."""

    node: str
    requests: int
    """Of which their owner said how long they waited."""
    p50_ms: float
    p99_ms: float
    max_ms: float
    service_p50_ms: float
    """Being decided and written, of the same requests."""
    service_p99_ms: float
    mean_waiting: float
    """Requests that waited at a time, on average over the run."""
    deepest: int | None
    """The most that a newcomer found waiting in one mailbox. None: only virtual runs say."""
    bound: int | None
    """A mailbox takes no more than that."""


@dataclass(frozen=True, slots=True)
class Queues:
    """All mailboxes."""

    nodes: list[Queue]
    waiting: list[float]
    """Requests that waited at a time, on average over a bucket of the timeline."""


def queues(operations: Operations, gauges: Sequence[Gauge], duration_s: float, bucket_s: float, buckets: int) -> Queues:
    """Return the queues of every node whose points were asked for something."""
    waited: defaultdict[str, tuple[array[int], array[int]]] = defaultdict(lambda: (array("i"), array("i")))
    owners = [point.partition(".")[0] for point in operations.points]
    waiting = [0.0] * buckets
    bucket_ns = bucket_s * 1e9
    for row, queue_us in enumerate(operations.queue_us):
        if queue_us >= 0 and operations.point[row]:
            queue, service = waited[owners[operations.point[row]]]
            queue.append(queue_us)
            service.append(operations.decide_us[row] + operations.write_us[row])
            bucket = min(buckets - 1, int(max(0, operations.sent_ns[row]) / bucket_ns))
            waiting[bucket] += queue_us / 1e6 / bucket_s
    depths = {gauge.node: gauge for gauge in gauges if gauge.name == _DEPTH}
    nodes = [_queue(node, *both, duration_s, depths.get(node)) for node, both in sorted(waited.items())]
    return Queues(nodes, [round(each, 5) for each in waiting])


def _queue(node: str, queue: "array[int]", service: "array[int]", duration_s: float, depth: Gauge | None) -> Queue:
    ordered, served = sorted(queue), sorted(service)
    return Queue(
        node=node,
        requests=len(ordered),
        p50_ms=percentile(ordered, 0.5) / 1000,
        p99_ms=percentile(ordered, 0.99) / 1000,
        max_ms=ordered[-1] / 1000,
        service_p50_ms=percentile(served, 0.5) / 1000,
        service_p99_ms=percentile(served, 0.99) / 1000,
        mean_waiting=sum(ordered) / 1e6 / max(1e-9, duration_s),
        deepest=None if depth is None else depth.highest,
        bound=None if depth is None else depth.bound,
    )
