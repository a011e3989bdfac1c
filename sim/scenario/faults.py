"""What can break in a run, one model per kind.

``crash``, ``pause``, ``broker_crash`` and ``broker_pause`` work in every mode; ``partition`` and ``one_way`` in virtual runs and
in local ones where the machine has network namespaces; the others in virtual runs only. Hosts are nodes' ids, ``broker``, and
``vehicles`` for all vehicles together.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from sim.scenario.distribution import DurationMs
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import YEAR_S, Hosts, NodeId, Seconds, Share


class Breaking(ScenarioModel):
    """What all faults have: something breaks, and is mended."""

    at_s: Seconds
    """After the scenario's start, in civil time."""
    for_s: Annotated[float, Field(gt=0, le=YEAR_S, allow_inf_nan=False)] = 60
    """How long, in civil time."""

    @property
    def on_node(self) -> str | None:
        """The node that breaks; None where it is the broker or the network."""
        return None

    def named_hosts(self) -> Iterator[tuple[str, str]]:
        """Yield ``(path of the key, host)`` for every host that the fault names."""
        if self.on_node is not None:
            yield "node", self.on_node


class NodeFault(Breaking):
    """Something of one node breaks."""

    node: NodeId
    """Which one."""

    @property
    def on_node(self) -> str:
        """The node that breaks."""
        return self.node


class MessageFault(Breaking):
    """Messages between hosts fare badly."""

    hosts: Hosts | None = None
    """Only messages from or to one of these; all messages, if left out."""

    def named_hosts(self) -> Iterator[tuple[str, str]]:
        """See ``Breaking``."""
        yield from _each("hosts", self.hosts or [])


class Crash(NodeFault):
    """A node is killed (SIGKILL) and started again; in virtual runs its disk tears."""

    kind: Literal["crash"]


class Pause(NodeFault):
    """A node is stopped (SIGSTOP) and continued."""

    kind: Literal["pause"]


class BrokerCrash(Breaking):
    """The broker is killed and started again; it forgets what it retained."""

    kind: Literal["broker_crash"]


class BrokerPause(Breaking):
    """The broker hangs: connections stay, nothing moves."""

    kind: Literal["broker_pause"]


class Partition(Breaking):
    """Hosts of different groups cannot reach each other. Hosts that are not named are in the first group."""

    kind: Literal["partition"]
    groups: Annotated[list[Hosts], Field(min_length=2, max_length=52)]

    @model_validator(mode="after")
    def _are_apart(self) -> "Partition":
        seen: set[str] = set()
        for path, host in self.named_hosts():
            if host in seen:
                raise ValueError(f"{path}: {host} is in a group already")
            seen.add(host)
        return self

    def named_hosts(self) -> Iterator[tuple[str, str]]:
        """See ``Breaking``."""
        for number, group in enumerate(self.groups):
            yield from _each(f"groups[{number}]", group)

    def cuts(self, sender: str, receiver: str) -> bool:
        """Whether nothing gets from one to the other."""
        return self._group(sender) != self._group(receiver)

    def _group(self, host: str) -> int:
        return next((number for number, group in enumerate(self.groups) if host in group), 0)


class OneWay(Breaking):
    """Messages from some hosts to others are lost; the other way they pass."""

    kind: Literal["one_way"]
    from_: Hosts = Field(alias="from")
    to: Hosts

    @model_validator(mode="after")
    def _are_apart(self) -> "OneWay":
        for path, host in _each("to", self.to):
            if host in self.from_:
                raise ValueError(f"{path}: {host} is under 'from' already")
        return self

    def named_hosts(self) -> Iterator[tuple[str, str]]:
        """See ``Breaking``."""
        yield from _each("from", self.from_)
        yield from _each("to", self.to)

    def cuts(self, sender: str, receiver: str) -> bool:
        """Whether nothing gets from one to the other."""
        return sender in self.from_ and receiver in self.to


class Loss(MessageFault):
    """Messages are lost."""

    kind: Literal["loss"]
    share: Share
    """Of the messages, 0 to 1."""


class Delay(MessageFault):
    """Messages take longer."""

    kind: Literal["delay"]
    delay_ms: DurationMs
    """Added to each message's latency; messages between two hosts keep their order."""


class Duplicate(MessageFault):
    """Messages come twice."""

    kind: Literal["duplicate"]
    share: Share
    """Of the messages, 0 to 1."""


class Reorder(MessageFault):
    """Messages are overtaken by later ones."""

    kind: Literal["reorder"]
    share: Share
    """Of the messages, 0 to 1."""
    delay_ms: DurationMs
    """How long such a message is held back."""


class DiskSlow(NodeFault):
    """A node's disk takes longer."""

    kind: Literal["disk_slow"]
    factor: Annotated[float, Field(ge=1, le=1_000_000, allow_inf_nan=False)]
    """How many times as long."""


class DiskFull(NodeFault):
    """A node's disk takes nothing more: writes fail, and the node stops until there is room."""

    kind: Literal["disk_full"]


class Restore(NodeFault):
    """A backup of a node's database is made; at the end the node's machine is lost, and it comes back with the backup.

    The operator notices after ``old_s`` and puts the right database back: what the node acknowledged meanwhile is lost.
    """

    kind: Literal["restore"]
    old_s: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)] = 60
    """How long the node runs on the old database."""


class Move(NodeFault):
    """A node moves to another machine: its database is taken along, its old machine is cut off, and its old process lives on.

    ``for_s`` later the old machine's network is back, but for vehicles, which know the new one, and for nodes that
    have not met the new process yet: those cannot know better. ``old_s`` later the old process is ended.
    """

    kind: Literal["move"]
    paused: bool = False
    """Whether the old process is stopped (SIGSTOP) while its machine is cut off."""
    address: Literal["new", "kept"] = "new"
    """``new``: no operator gave it to the others; they have found it, and find the new one. ``kept``: it is a name that
    operators gave, and it leads to the new machine; to the old one for half of the look-ups, until the old process ends.
    """
    old_s: Annotated[float, Field(gt=0, le=3_600, allow_inf_nan=False)] = 60
    """How long the old process has its network back."""


class ClockJump(NodeFault):
    """A node's civil clock is wrong, from one moment to the next, and right again at the end."""

    kind: Literal["clock_jump"]
    by_s: Annotated[float, Field(ge=-86_400, le=86_400, allow_inf_nan=False)]
    """Seconds ahead; below 0: behind."""


class ClockDrift(NodeFault):
    """A node's civil clock runs at a wrong speed, and is set right at the end."""

    kind: Literal["clock_drift"]
    ppm: Annotated[float, Field(ge=-100_000, le=100_000, allow_inf_nan=False)]
    """Millionths too fast; below 0: too slow. A quartz clock's error is below 100."""


class GossipLoss(Breaking):
    """The broker loses gossip messages, each for some of its readers."""

    kind: Literal["gossip_loss"]
    share: Share
    """Of the deliveries, 0 to 1."""


class GossipRepeat(Breaking):
    """The broker delivers old gossip messages again."""

    kind: Literal["gossip_repeat"]
    share: Share
    """Of the deliveries, 0 to 1: how many are followed by an old one."""


class GossipForge(Breaking):
    """A stranger on the broker publishes forged gossip."""

    kind: Literal["gossip_forge"]
    per_s: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)]
    """Messages per second of civil time, on average."""


Fault: TypeAlias = Annotated[
    Crash
    | Pause
    | BrokerCrash
    | BrokerPause
    | Partition
    | OneWay
    | Loss
    | Delay
    | Duplicate
    | Reorder
    | DiskSlow
    | DiskFull
    | Restore
    | Move
    | ClockJump
    | ClockDrift
    | GossipLoss
    | GossipRepeat
    | GossipForge,
    Field(discriminator="kind"),
]
"""Something that breaks. ``match`` on the classes, or read ``kind``."""

LOCAL_KINDS = ("crash", "pause", "broker_crash", "broker_pause", "partition", "one_way")
"""Kinds that real processes can suffer too; the last two need network namespaces."""


def plain_fault(fault: Fault) -> dict[str, Any]:
    """Return the fault as a scenario file says it."""
    plain = fault.model_dump(mode="json", by_alias=True, exclude_none=True)
    first = {key: plain.pop(key) for key in ("at_s", "kind", "for_s")}
    return first | plain


def _each(path: str, hosts: list[str]) -> Iterator[tuple[str, str]]:
    for number, host in enumerate(hosts):
        yield f"{path}[{number}]", host
