"""What a drawn fault hits, and how badly."""

from collections.abc import Sequence
from random import Random
from typing import Any

from sim.scenario.distribution import Distribution
from sim.scenario.quantities import NOT_NODES
from sim.scenario.random_faults import MoveRate, NodeRate, Rate

_LONELY_SHARE = 0.5
"""Partitions that cut off a single host: the commonest there are, and the ones that hit an owner or the broker."""

_DRAWN = {"share": 4, "old_s": 3, "factor": 2, "by_s": 3, "ppm": 1, "per_s": 3}
"""Parameters that are drawn from a distribution of the same name, and the decimals they keep."""


def draw_parameters(kind: str, rate: Rate, node_ids: Sequence[str], rng: Random) -> dict[str, Any]:
    """Return the parameters of a fault of that kind besides its time, as ``sim.scenario.faults`` calls them."""
    drawn: dict[str, Any] = {}
    if isinstance(rate, NodeRate):
        drawn["node"] = rng.choice(rate.nodes or node_ids)
    if kind == "partition":
        drawn["groups"] = _groups(node_ids, rng)
    if kind == "one_way":
        drawn["from"], drawn["to"] = rng.sample(_groups(node_ids, rng), 2)
    if isinstance(rate, MoveRate):
        drawn["paused"] = rng.random() < rate.paused_share
        drawn["address"] = "kept" if rng.random() < rate.kept_share else "new"
    for name, decimals in _DRAWN.items():
        distribution = getattr(rate, name, None)
        if isinstance(distribution, Distribution):
            drawn[name] = round(distribution.draw(rng), decimals)
    if hasattr(rate, "delay_ms"):
        drawn["delay_ms"] = rate.delay_ms
    return drawn


def _groups(node_ids: Sequence[str], rng: Random) -> list[list[str]]:
    """Return all hosts, dealt to two groups, neither of them empty."""
    hosts = [*node_ids, *NOT_NODES]
    alone = rng.choice(hosts)
    if rng.random() < _LONELY_SHARE:
        apart = [alone]
    else:
        apart = [host for host in hosts if host == alone or rng.random() < 0.5][: len(hosts) - 1]
    return [[host for host in hosts if host not in apart], apart]
