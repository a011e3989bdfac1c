"""The simulated network: every message takes its time, and may be lost, repeated, overtaken or cut off."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextvars import Context, copy_context
from functools import partial
from random import Random
from struct import Struct
from typing import Protocol, TypeVarTuple, Unpack
from zlib import crc32

from sim.engine.loop import VirtualLoop
from sim.scenario.faults import Delay, Duplicate, Loss, OneWay, Partition, Reorder
from sim.scenario.virtual import Link, Virtual
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.machine_name import node_on

Ts = TypeVarTuple("Ts")

BROKER, VEHICLES = "broker", "vehicles"
"""Hosts that are no nodes."""


class Cut(Protocol):
    """Something between two machines, of which a node may have had several."""

    def cuts(self, sender: str, receiver: str) -> bool:
        """Whether nothing gets from one to the other."""


Disturbance = Partition | OneWay | Loss | Delay | Duplicate | Reorder

_RESENT_S = (0.2, 3.0)
"""TCP sends a lost segment again after about this time."""
_DRAWN_BITS = 11
_HOP_S = 0.00005
"""Between processes of one host."""
_when_and_which = Struct("<dI").pack
_MIXING = 0x9E3779B97F4A7C15
"""2**64 divided by the golden ratio (Knuth, The Art of Computer Programming, 6.4): spreads what differs in few bits."""


class Network:
    """Carries messages between hosts. ``faults`` are the disturbances at work now, ``cuts`` what keeps single machines apart.

    Faults and links are about nodes: they concern every machine that a node has had.

    What is carried arrives in a context of the network's own, so that it outlives who sent it.
    """

    def __init__(self, loop: VirtualLoop, virtual: Virtual, chance: Chance) -> None:
        self.loop = loop
        self.context: Context = copy_context()
        self.counts: Counter[str] = Counter()
        self.messages = 0
        self.faults: list[Disturbance] = []
        self.cuts: list[Cut] = []
        self.is_healed = False
        """Whether links are as they should be from now on: slow, but loss-free."""
        self._latency = virtual.latency_ms
        drawing = chance.of("usual latencies")
        self._usual_s = [max(0.0, virtual.latency_ms.draw(drawing)) / 1000 for _ in range(1 << _DRAWN_BITS)]
        """Latencies drawn beforehand: a message takes one of them, which is four times as fast as drawing."""
        self._pairs: dict[tuple[str, str], int] = {}
        self._links: dict[tuple[str, str], Link] = {
            (sender, receiver): link
            for link in reversed(virtual.links)  # the first that fits counts
            for sender in link.from_
            for receiver in link.to
        }
        self.chance = chance

    def carry(
        self,
        sender: str,
        receiver: str,
        label: str,
        arrive: Callable[[Unpack[Ts]], None],
        *arguments: *Ts,
        reliable: bool = False,
        on_copy: Callable[[], None] | None = None,
    ) -> None:
        """Carry a message; ``arrive`` is called with the arguments when it is there. ``label`` says which; its luck follows from that, and from the time.

        A reliable one (part of a stream) is late where another is lost, is never repeated, and dies only of a cut.
        ``on_copy`` is called when it will arrive twice.
        """
        self.messages += 1
        if sender == receiver:
            self.loop.schedule(_HOP_S, arrive, *arguments)
        elif self.is_plain:
            self.loop.schedule(self.usual_s(self.pair(sender, receiver), crc32(label.encode())), arrive, *arguments)
        else:
            now_s: float = self.loop.environment._now  # noqa: SLF001 - asked for every message
            luck = f"{now_s!r} {sender}>{receiver} {label}"
            self._carry_in_trouble(sender, receiver, luck, partial(arrive, *arguments), reliable, on_copy)

    @property
    def is_plain(self) -> bool:
        """Whether all links are alike and nothing disturbs them now: then a message only takes its time."""
        return not self.faults and not self._links and not self.cuts

    def pair(self, sender: str, receiver: str) -> int:
        """Return a number for a pair of hosts, from which the luck of its messages follows."""
        number = self._pairs.get((sender, receiver))
        if number is None:
            number = self.chance.number(f"{sender}>{receiver}") & 0xFFFF_FFFF
            self._pairs[sender, receiver] = number
        return number

    def usual_s(self, pair: int, which: int) -> float:
        """Return how long a message takes that a pair sends now while all is plain; ``which`` (below 2**32) tells it from others."""
        now_s: float = self.loop.environment._now  # noqa: SLF001 - asked for every message
        mixed = crc32(_when_and_which(now_s, which), pair) * _MIXING
        return self._usual_s[mixed >> (64 - _DRAWN_BITS) & (1 << _DRAWN_BITS) - 1]

    def is_cut(self, sender: str, receiver: str) -> bool:
        """Whether nothing gets from one host to the other now."""
        if any(cut.cuts(sender, receiver) for cut in self.cuts):
            return True
        nodes = node_on(sender), node_on(receiver)
        return any(isinstance(fault, Partition | OneWay) and fault.cuts(*nodes) for fault in self.faults)

    def _carry_in_trouble(
        self,
        sender: str,
        receiver: str,
        luck: str,
        arrive: Callable[[], None],
        reliable: bool,
        on_copy: Callable[[], None] | None,
    ) -> None:
        if self.is_cut(sender, receiver):
            self.counts["cut"] += 1
            return
        rng = self.chance.of(luck)
        sender, receiver = node_on(sender), node_on(receiver)
        link = self._links.get((sender, receiver))
        delay_s = self._delay_s(link, sender, receiver, rng)
        if rng.random() < self._share(Loss, link.loss_share if link else 0.0, sender, receiver):
            self.counts["lost"] += 1
            if not reliable:
                return
            delay_s += rng.uniform(*_RESENT_S)
        self.loop.schedule(delay_s, arrive)
        if not reliable and rng.random() < self._share(
            Duplicate, link.duplicate_share if link else 0.0, sender, receiver
        ):
            self.counts["duplicated"] += 1
            if on_copy is not None:
                on_copy()
            self.loop.schedule(delay_s + self._delay_s(link, sender, receiver, rng), arrive)

    def _delay_s(self, link: Link | None, sender: str, receiver: str, rng: Random) -> float:
        latency = self._latency if link is None or link.latency_ms is None else link.latency_ms
        delay_ms = max(0.0, latency.draw(rng))
        for fault in self.faults:
            if isinstance(fault, Delay) and _concerns(fault.hosts, sender, receiver):
                delay_ms += max(0.0, fault.delay_ms.draw(rng))
            elif isinstance(fault, Reorder) and _concerns(fault.hosts, sender, receiver) and rng.random() < fault.share:
                delay_ms += max(0.0, fault.delay_ms.draw(rng))
                self.counts["reordered"] += 1
        return delay_ms / 1000

    def _share(self, kind: type[Loss] | type[Duplicate], share: float, sender: str, receiver: str) -> float:
        if self.is_healed:
            return 0.0
        for fault in self.faults:
            if isinstance(fault, kind) and _concerns(fault.hosts, sender, receiver):
                share = 1 - (1 - share) * (1 - fault.share)
        return share


def _concerns(hosts: Sequence[str] | None, sender: str, receiver: str) -> bool:
    return not hosts or sender in hosts or receiver in hosts
