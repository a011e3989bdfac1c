"""The virtual world of a run: its network, disks, clocks, and what is driven to extremes in it."""

from dataclasses import fields
from typing import Annotated, Any

from pydantic import Field, model_validator

from nodes.buggify import PLACES
from nodes.config import Limits
from nodes.documents.wording import suggestion
from sim.scenario.distribution import Distribution, DurationMs, DurationS
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import Hosts, PerHour, Seconds, Share

_NUMBERS: dict[str, type] = {
    field.name: type(field.default) for field in fields(Limits) if isinstance(field.default, (int, float))
}
"""The limits that are one number, and whether it is whole."""


class Link(ScenarioModel):
    """Messages from some hosts to others that fare differently from the rest, for the whole run."""

    from_: Hosts = Field(alias="from")
    """Nodes' ids, ``broker``, or ``vehicles`` for all vehicles together."""
    to: Hosts
    latency_ms: DurationMs | None = None
    """One way; that of ``virtual.latency_ms``, if left out."""
    loss_share: Share = 0.0
    """Of the messages, how many are lost."""
    duplicate_share: Share = 0.0
    """Of the messages, how many come twice."""


class Virtual(ScenarioModel):
    """What a virtual run plays in. Local runs, in the real world, ignore it."""

    latency_ms: DurationMs = Distribution(lognormal=(2, 0.5))
    """Of a message, one way. The median within a data centre's region; the tail is what networks have."""
    links: Annotated[list[Link], Field(max_length=1_000)] = []
    """Exceptions; the first that fits a message counts."""
    fsync_ms: DurationMs = Distribution(uniform=(0.3, 3))
    """Of one commit: from a data centre's NVMe disk to a rented server's."""
    read_ms: DurationMs = Distribution(uniform=(0.02, 0.3))
    """Of one look into the store."""
    boot_s: DurationS = Distribution(uniform=(0.5, 3))
    """From a process's start until it opens its store, in civil time."""
    clock_skew_ms: Distribution = Distribution(constant=0)
    """How far a node's clock is ahead for the whole run, drawn once per node; below 0: behind."""
    shuffle: bool = False
    """Whether callbacks that are ready at the same time run in an order drawn by the seed."""
    buggify: Annotated[list[str], Field(max_length=len(PLACES))] = []
    """Places in the node code that misbehave within their contract (``nodes/buggify.py``)."""
    limits: dict[str, int | float] = {}
    """Bounds of all nodes that differ from the defaults (``nodes/config.py``)."""
    through_api: bool = False
    """Whether requests go through the nodes' HTTP API (in-process) instead of straight to the nodes: slower."""
    crash_at_commit_share: Share = 0.0
    """Of the commits, during how many the node is killed (and started again): aimed at what is on its way to disk.

    So it is, five times as often, right after an answer that leaves during a commit: aimed at what it tells of.
    """
    repeat_share: Share = 0.0
    """Of the vehicles' requests, how many are sent twice at once, as a network that duplicates does."""
    crowds_per_hour: PerHour = 0
    """How often many drivers want a point in the same moment, the same window or one after the other; whoever gets one
    gives it back."""
    crowd_size: Annotated[int, Field(ge=2, le=1_000)] = 8
    """How many they are."""
    operator_acts_per_hour: PerHour = 0
    """How often the operator changes a price, or takes a point out of service for a while (maintenance, a fault)."""
    nuisance_per_hour: PerHour = 0
    """How often somebody asks what no well-behaved client does: from now on, under a used key, another's, on old news."""
    view_reads_per_hour: PerHour = 120
    """How often somebody asks a node for a point of another node; over all nodes."""
    point_reads_per_hour: PerHour = 0
    """How often somebody asks a node for a point, its own or another's, just when a change of it is asked for."""
    settle_s: Seconds = 120
    """After the faults are mended: how long the network has to make progress and agree (the liveness phase)."""

    @model_validator(mode="after")
    def _is_known(self) -> "Virtual":
        for number, place in enumerate(self.buggify):
            if place not in PLACES:
                raise ValueError(f"buggify[{number}]: there is no place {place!r}{_or(place, PLACES)}")
            if place in self.buggify[:number]:
                raise ValueError(f"buggify[{number}]: {place} is in the list already")
        for name, value in self.limits.items():
            _check_limit(name, value)
        return self

    def node_limits(self) -> Limits:
        """Return the bounds of the run's nodes."""
        chosen: dict[str, Any] = dict(self.limits)
        return Limits(**chosen)


def _check_limit(name: str, value: float) -> None:
    if name not in _NUMBERS:
        raise ValueError(f"limits: there is no limit {name!r}{_or(name, _NUMBERS)}")
    whole = _NUMBERS[name] is int
    if value <= 0 or (whole and not isinstance(value, int)):
        raise ValueError(f"limits.{name}: expected a {'whole ' if whole else ''}number above 0, found {value}")


def _or(word: str, known: "dict[str, Any]") -> str:
    return suggestion(word, known) or f"; there are {', '.join(known)}"
