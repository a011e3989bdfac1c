"""Faults by rates: how often each kind breaks, how long, how badly. ``sim.faults.plan`` draws them."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from sim.scenario.distribution import Distribution, DurationMs, DurationS, ShareDrawn, within
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import NodeId, PerHour, Share

Factor = Annotated[Distribution, AfterValidator(within(1, 1_000_000))]
JumpS = Annotated[Distribution, AfterValidator(within(-86_400, 86_400))]
Ppm = Annotated[Distribution, AfterValidator(within(-100_000, 100_000))]
PerSecond = Annotated[Distribution, AfterValidator(within(0, 1_000))]
OldS = Annotated[Distribution, AfterValidator(within(0.001, 3_600))]
NodeIds = Annotated[list[NodeId], Field(min_length=1, max_length=50)]


class Rate(ScenarioModel):
    """How often something breaks, and how long."""

    per_hour: PerHour
    """Over the whole network, on average, in civil time."""
    for_s: DurationS = Distribution(lognormal=(60, 1))
    """How long, in civil time; cut where the safety phase ends."""


class NodeRate(Rate):
    """... of a node, drawn each time."""

    nodes: NodeIds | None = None
    """Which may be drawn; all, if left out."""


class ShareRate(Rate):
    """... of a share of the messages."""

    share: ShareDrawn = Distribution(uniform=(0.02, 0.3))


class DelayRate(Rate):
    """... of messages, by a delay."""

    delay_ms: DurationMs = Distribution(exponential=100)
    """As a distribution; it is that of every such fault."""


class ReorderRate(ShareRate):
    """... of messages held back."""

    delay_ms: DurationMs = Distribution(uniform=(1, 500))
    """As a distribution; it is that of every such fault."""


class SlowRate(NodeRate):
    """... of a node's disk."""

    factor: Factor = Distribution(lognormal=(30, 1), at_least=1, at_most=1_000)


class MoveRate(NodeRate):
    """... of a node that moves to another machine."""

    old_s: OldS = Distribution(uniform=(10, 120))
    paused_share: Share = 0.5
    """Of the moves, 0 to 1: the old process is stopped while it is cut off."""
    kept_share: Share = 0.5
    """Of the moves, 0 to 1: the address is a name that leads elsewhere from then on."""


class JumpRate(NodeRate):
    """... of a node's clock, at once."""

    by_s: JumpS = Distribution(uniform=(-120, 120))


class DriftRate(NodeRate):
    """... of a node's clock, slowly."""

    ppm: Ppm = Distribution(uniform=(-20_000, 20_000))


class ForgeRate(Rate):
    """... of gossip by a stranger."""

    per_s: PerSecond = Distribution(uniform=(0.1, 2))


class RandomFaults(ScenarioModel):
    """Kinds of faults that are left out do not happen, except those listed under ``faults``."""

    crash: NodeRate | None = None
    pause: NodeRate | None = None
    broker_crash: Rate | None = None
    broker_pause: Rate | None = None
    partition: Rate | None = None
    """Each draws two groups; nodes, broker and vehicles are dealt to them."""
    one_way: Rate | None = None
    """Each draws a host, and others that it cannot reach any more, or that cannot reach it."""
    loss: ShareRate | None = None
    delay: DelayRate | None = None
    duplicate: ShareRate | None = None
    reorder: ReorderRate | None = None
    disk_slow: SlowRate | None = None
    disk_full: NodeRate | None = None
    move: MoveRate | None = None
    clock_jump: JumpRate | None = None
    clock_drift: DriftRate | None = None
    gossip_loss: ShareRate | None = None
    gossip_repeat: ShareRate | None = None
    gossip_forge: ForgeRate | None = None

    def rates(self) -> Iterator[tuple[str, Rate]]:
        """Yield ``(kind, rate)`` of those that are given, in the order above."""
        for kind in type(self).model_fields:
            rate = getattr(self, kind)
            if rate is not None:
                yield kind, rate

    def named_nodes(self) -> Iterator[tuple[str, str]]:
        """Yield ``(path of the key, node)`` for every node that is named."""
        for kind, rate in self.rates():
            if isinstance(rate, NodeRate):
                for number, node in enumerate(rate.nodes or []):
                    yield f"{kind}.nodes[{number}]", node
