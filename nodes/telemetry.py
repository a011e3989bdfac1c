"""What a node measures of itself, for Prometheus."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from nodes.domain.point import PointStatus
from nodes.peers.breaker import BreakerState

if TYPE_CHECKING:
    from nodes.node import Node

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Telemetry:
    """The node's metrics. What can be read off the node is read when asked for; only requests are counted as they come."""

    def __init__(self, node: "Node") -> None:
        self._answers = _Answers()
        self.answered = self._answers.add
        """Count an answer by operation (one of a fixed set of names), status and seconds."""
        self._refusals = _Refusals()
        self.refused = self._refusals.add
        """Count a request that was refused at the gate, by reason (one of a fixed set of names)."""
        self._registry = CollectorRegistry()
        self._registry.register(_State(node))
        self._registry.register(self._answers)
        self._registry.register(self._refusals)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class _Answers(Collector):
    """Counts of answers and their times. Plain numbers until Prometheus asks: they are counted on the hot path."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()
        self._times: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_SECONDS) + 1))
        self._sums_s: defaultdict[str, float] = defaultdict(float)

    def add(self, operation: str, status: int, seconds: float) -> None:
        self._counts[operation, status] += 1
        self._times[operation][bisect_left(_SECONDS, seconds)] += 1
        self._sums_s[operation] += seconds

    def collect(self) -> Iterable[Metric]:
        answers = CounterMetricFamily(
            "recarga_answers", "Answers given, by operation and status", labels=["operation", "status"]
        )
        for (operation, status), count in sorted(self._counts.items()):
            answers.add_metric([operation, str(status)], count)
        yield answers
        seconds = HistogramMetricFamily("recarga_answer_seconds", "Time to answer", labels=["operation"])
        for operation, times in sorted(self._times.items()):
            bounds = [*map(str, _SECONDS), "+Inf"]
            seconds.add_metric([operation], list(zip(bounds, accumulate(times), strict=True)), self._sums_s[operation])
        yield seconds


class _Refusals(Collector):
    """Counts of requests that came no further than the gate."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, reason: str) -> None:
        self._counts[reason] += 1

    def collect(self) -> Iterable[Metric]:
        refused = CounterMetricFamily(
            "recarga_refused", "Requests refused for who asks, or how often", labels=["reason"]
        )
        for reason, count in sorted(self._counts.items()):
            refused.add_metric([reason], count)
        yield refused


class _State(Collector):
    """Reads the node's own counters when Prometheus asks."""

    def __init__(self, node: "Node") -> None:
        self._node = node

    def collect(self) -> Iterable[Metric]:
        node, server, journal = self._node, self._node.server, self._node.server.journal
        yield _gauge("recarga_epoch", "This start's epoch", server.epoch)
        yield _gauge("recarga_requests_in_flight", "Requests accepted and not answered", server.in_flight)
        yield _gauge("recarga_journal_pending_records", "Records not yet durable", journal.depth)
        yield _gauge("recarga_alarms", "Points that time will change", len(server.alarms))
        yield _gauge("recarga_answers_in_memory", "Kept answers in memory", len(server.answers))
        yield _gauge("recarga_trips_under_way", "Trips not decided, or not told to all", len(node.trips.coordinator))
        yield _gauge(
            "recarga_stops_in_doubt", "Promises whose trip is not known to be decided", len(node.trips.in_doubt)
        )
        yield _gauge("recarga_streams", "Open event streams", len(node.feed))
        yield _gauge("recarga_broker_connected", "Whether gossip flows", int(node.catalogue.connected))
        yield _counter("recarga_journal_commits", "Group commits", journal.commits)
        yield _counter("recarga_journal_records", "Records made durable", journal.records)
        yield self._points()
        gossip = CounterMetricFamily(
            "recarga_gossip_heard", "Messages heard, by what became of them", labels=["outcome"]
        )
        for outcome, count in sorted(node.view.counts.items()):
            gossip.add_metric([outcome], count)
        yield gossip
        yield from self._breakers()
        yield _gauge(
            "recarga_history_forked", "Whether this is an old copy of the node's history", int(bool(node.forked))
        )
        yield _counter(
            "recarga_pulls", "Times that another node was asked what the view lacks", node.anti_entropy.questions
        )
        yield _counter("recarga_pulls_failed", "Times that no answer came", node.anti_entropy.failures)
        yield _counter("recarga_pulled_points", "Points told in answer", node.anti_entropy.points)
        if node.gossiper is not None:
            yield _counter("recarga_gossip_published", "Messages the broker has taken", node.gossiper.published)
            yield _counter(
                "recarga_gossip_failed", "Times the broker did not take what it was given", node.gossiper.failed
            )

    def _breakers(self) -> Iterable[Metric]:
        state = GaugeMetricFamily("recarga_peer_breaker", "1 at the state of each breaker", labels=["peer", "state"])
        opened = CounterMetricFamily("recarga_peer_breaker_opened", "Times that it opened", labels=["peer"])
        refused = CounterMetricFamily("recarga_peer_breaker_refused", "Requests that it let wait", labels=["peer"])
        for peer, its_state, its_openings, its_refusals in self._node.peers.states():
            for each in BreakerState:
                state.add_metric([peer, each], int(each is its_state))
            opened.add_metric([peer], its_openings)
            refused.add_metric([peer], its_refusals)
        return state, opened, refused

    def _points(self) -> Metric:
        counts = dict.fromkeys(PointStatus, 0)
        now_ms = self._node.clock.now_ms()
        for point in self._node.server.points():
            counts[point.status(now_ms)] += 1
        family = GaugeMetricFamily("recarga_points", "Own points, by status", labels=["status"])
        for status, count in counts.items():
            family.add_metric([status], count)
        return family


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)
