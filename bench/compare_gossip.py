"""What does gossip cost a node as the network grows, and as requests do?

Constant points per node, a constant rate of requests per point. Virtual time: counts, not speeds, so the machine does
not matter; the rounds differ by their seeds.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from bench.gossip_run import POINTS_PER_NODE, Figures, measure
from bench.interleave import Ratio, ratio
from bench.result import Options, Result, Row

_PER_POINT_S = 20.0
"""Requests a second for each point: two in a flush, so that a point has news in nearly every flush, and more requests can
change nothing but what the messages hold."""
_RATES = (0.0, _PER_POINT_S, 2 * _PER_POINT_S)
_SECONDS = 3.0
_ROUNDS_MAX = 3

Key = tuple[int, float]


def run(options: Options) -> Result:
    """Play every size with no requests, with some, and with twice as many."""
    sizes, rounds = sorted(options.nodes), min(options.rounds, _ROUNDS_MAX)
    turns = {
        (nodes, rate): [measure(nodes, rate, _SECONDS, seed) for seed in range(1, rounds + 1)]
        for nodes in sizes
        for rate in _RATES
    }
    return Result(
        f"Gossip: {POINTS_PER_NODE} points a node, each asked {_PER_POINT_S:g} times a second",
        [_row(key, figures) for key, figures in turns.items()],
        [*_growth(turns, sizes), *_doubling(turns, sizes[-1])],
        [
            "sent, heard, asked: of one node, a second; heard is what the broker delivers, a node's own messages among it",
            "bytes are those of MQTT's PUBLISH packets, without acknowledgements, TCP and IP",
        ],
    )


def _growth(turns: dict[Key, list[Figures]], sizes: list[int]) -> list[Ratio]:
    """Compare the largest network with the smallest."""
    small, large = turns[sizes[0], _PER_POINT_S], turns[sizes[-1], _PER_POINT_S]

    def grown(what: str, read: Callable[[Figures], float]) -> Ratio:
        return ratio(f"{sizes[-1]} nodes / {sizes[0]}, {what} (aim 1)", list(map(read, large)), list(map(read, small)))

    return [
        grown("messages a node sends", lambda figures: figures.each(figures.traffic.sent)),
        grown("bytes a node sends", lambda figures: figures.each(figures.traffic.sent_bytes)),
        grown("messages a node hears of each point there is", lambda figures: figures.heard_of_a_point),
    ]


def _doubling(turns: dict[Key, list[Figures]], nodes: int) -> list[Ratio]:
    """Compare twice the requests with the requests."""
    once, twice = turns[nodes, _PER_POINT_S], turns[nodes, 2 * _PER_POINT_S]

    def doubled(what: str, read: Callable[[Figures], float]) -> Ratio:
        return ratio(f"twice the requests, {nodes} nodes: {what}", list(map(read, twice)), list(map(read, once)))

    return [
        doubled("changes", lambda figures: figures.traffic.changes),
        doubled("messages sent (aim 1)", lambda figures: figures.traffic.sent),
        doubled("bytes sent", lambda figures: figures.traffic.sent_bytes),
    ]


def _row(key: Key, turns: list[Figures]) -> Row:
    def middle(read: Callable[[Figures], float]) -> float:
        return median(map(read, turns))

    return {
        "nodes": key[0],
        "changes / point / s": round(middle(lambda one: one.each(one.traffic.changes) / POINTS_PER_NODE), 1),
        "messages sent": round(middle(lambda one: one.each(one.traffic.sent)), 1),
        "kB sent": round(middle(lambda one: one.each(one.traffic.sent_bytes) / 1000), 1),
        "sent / point / flush": round(middle(lambda one: one.per_point_and_flush(one.traffic.sent)), 2),
        "messages heard": round(middle(lambda one: one.each(one.traffic.heard))),
        "kB heard": round(middle(lambda one: one.each(one.traffic.heard_bytes) / 1000)),
        "peers asked": round(middle(lambda one: one.each(one.traffic.asked)), 2),
    }
