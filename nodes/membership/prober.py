"""Asks the others, one after the other, whether they are there; and through third ones whom it does not reach itself."""

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache
from zlib import crc32

from pydantic import ValidationError

from nodes.config import Limits
from nodes.errors import NotServing, RequestError, StaleEpoch
from nodes.gossip.node_view import NodeView
from nodes.membership.members import Members, Now
from nodes.membership.rounds import Rounds
from nodes.ports import Clock, Peers, Timer
from nodes.records import Answer
from nodes.request import Ping, Request
from nodes.tasks import end
from nodes.tidings import TIDINGS, Claim, NodeState, Tidings

_ASKED_IN_TURN = (NodeState.UNKNOWN, NodeState.ALIVE, NodeState.SUSPECT, NodeState.DEAD)
"""A node that is dead may only have been cut off, and so may everybody else: somebody has to ask first."""


class Prober:
    """Probes one peer per interval, and at once whom there is doubt about. ``start`` begins, ``stop`` ends all tasks."""

    def __init__(
        self,
        members: Members,
        nodes: Mapping[str, NodeView],
        clock: Clock,
        peers: Peers,
        limits: Limits,
        *,
        write: Callable[[str, str | None], Tidings],
        read: Callable[[Tidings, str | None], None],
    ) -> None:
        """``write`` returns what to tell a peer (and which node it is asked about); ``read`` hears what one answers, and where."""
        self.probes = 0
        self._members = members
        self._nodes = nodes
        self._clock = clock
        self._peers = peers
        self._limits = limits
        self._write = write
        self._read = read
        self._node_id = members.claim.node
        self._rounds = Rounds(self._node_id)
        self._timer: Timer | None = None
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._doubted: dict[str, None] = {}
        self._verifying: dict[str, asyncio.Task[None]] = {}
        self._is_running = False
        self._ticks = 0

    def start(self) -> None:
        """Ask everybody that is known, and then go round."""
        self._is_running = True
        for node_id in self._everybody():
            self.doubt(node_id)
        self._arm()

    def fall_silent(self) -> None:
        """Begin no more."""
        self._is_running = False
        if self._timer is not None:
            self._timer.cancel()

    async def stop(self) -> None:
        """Ask nobody any more."""
        self.fall_silent()
        for task in [*self._under_way.values(), *self._verifying.values()]:
            await end(task)

    def doubt(self, node_id: str) -> None:
        """Ask a node at once, or as soon as there is room."""
        node = self._nodes.get(node_id)
        if not self._is_running or node is None or node.url is None or node.state is NodeState.REMOVED:
            return
        if node_id in self._under_way or len(self._under_way) >= self._limits.probes_at_once:
            self._doubted[node_id] = None  # what was doubted while a probe was under way may not have been in it
        else:
            self._begin(node_id)

    def verify(self, claim: Claim) -> None:
        """Ask somebody who says that it is that node, where it says it is; what it answers is read as any answer is."""
        is_full = len(self._verifying) >= self._limits.probes_at_once
        if self._is_running and claim.url is not None and claim.node not in self._verifying and not is_full:
            verifying = self._verify(claim.node, claim.url)
            self._verifying[claim.node] = asyncio.get_running_loop().create_task(verifying)

    async def say_farewell(self) -> None:
        """Tell those who are there that this node leaves. They tell the others."""
        self._members.depart()
        there = [node.node_id for node in self._nodes.values() if node.state is NodeState.ALIVE]
        told = there[: self._limits.news_max]
        timeout_ms = self._limits.farewell_ms
        await asyncio.gather(*(self._ask(node_id, None, timeout_ms) for node_id in told))

    async def reach(self, node_id: str) -> bool:
        """Ask a node whether it is there."""
        return await self._ask(node_id, None, self._limits.probe_timeout_ms) is not None

    def _arm(self) -> None:
        """Come again after an interval, a tenth of it more or less, so that nodes that start together do not stay so."""
        self._ticks += 1
        jitter = crc32(f"{self._node_id} {self._members.claim.epoch} {self._ticks}".encode()) / 2**32
        self._timer = self._clock.call_later_s(self._limits.probe_interval_ms / 1000 * (0.9 + 0.2 * jitter), self._tick)

    def _tick(self) -> None:
        now = self._now()
        self._members.bury(now)
        for node in list(self._nodes.values()):
            if node.state is NodeState.SUSPECT:
                self.doubt(node.node_id)
        silent_s = now.s - self._limits.probe_interval_ms / 1000
        target = self._rounds.next(self._everybody, lambda node_id: self._members.watch(node_id).heard_s <= silent_s)
        if target is not None:
            self.doubt(target)
        self._arm()

    def _everybody(self) -> list[str]:
        return [node.node_id for node in self._nodes.values() if node.url is not None and node.state in _ASKED_IN_TURN]

    def _begin(self, node_id: str) -> None:
        self._under_way[node_id] = asyncio.get_running_loop().create_task(self._probe(node_id))

    async def _probe(self, node_id: str) -> None:
        try:
            await self._find_out(node_id)
        finally:
            self._under_way.pop(node_id, None)
        self._go_on()  # not when this was cancelled: nothing begins then

    async def _find_out(self, node_id: str) -> None:
        """Ask a node; when it does not answer, ask others whether they reach it."""
        self.probes += 1
        if await self.reach(node_id):
            return
        vain = 0
        if self._members.state(node_id) in (NodeState.ALIVE, NodeState.SUSPECT):
            answers = await asyncio.gather(*(self._ask_through(each, node_id) for each in self._others(node_id)))
            if any(answers):
                self._members.watch(node_id).answered(self._clock.monotonic_s())
                return
            vain = sum(1 for reached in answers if reached is False)
        self._members.fail(node_id, vain, self._now())

    async def _verify(self, node_id: str, url: str) -> None:
        try:
            await self._ask_at(url, node_id, None, self._limits.probe_timeout_ms)
        finally:
            self._verifying.pop(node_id, None)

    def _go_on(self) -> None:
        """Begin what waited for room."""
        waiting, self._doubted = self._doubted, {}
        for node_id in waiting:
            self.doubt(node_id)

    def _others(self, node_id: str) -> list[str]:
        """Return some that may reach a node which this one does not, others each time."""
        there = [node.node_id for node in self._nodes.values() if node.state is NodeState.ALIVE]
        others = sorted(each for each in there if each != node_id)
        start = self._ticks % len(others) if others else 0
        return [*others[start:], *others[:start]][: self._limits.indirect_probes]

    async def _ask_through(self, helper: str, node_id: str) -> bool | None:
        """Return whether the helper reaches the node; None when it does not say."""
        answer = await self._ask(helper, node_id, 2 * self._limits.probe_timeout_ms)
        return None if answer is None else answer.reached

    async def _ask(self, node_id: str, reach: str | None, timeout_ms: int) -> Tidings | None:
        """Return what a node answers for itself; None when it does not."""
        node = self._nodes.get(node_id)
        return None if node is None or node.url is None else await self._ask_at(node.url, node_id, reach, timeout_ms)

    async def _ask_at(self, url: str, node_id: str, reach: str | None, timeout_ms: int) -> Tidings | None:
        ping = Ping(self._write(node_id, reach), reach)
        try:
            answer = await self._peers.ask(node_id, url, Request(node_id, ping), timeout_ms)
        except RequestError:
            return None
        tidings = _told(answer, node_id)
        if tidings is not None:
            try:
                self._read(tidings, url)
            except (StaleEpoch, NotServing):
                return None  # its past answers, from where it was; or this node is past
        return tidings

    def _now(self) -> Now:
        return Now(self._clock.monotonic_s(), self._clock.now_ms())


def _told(answer: Answer, node_id: str) -> Tidings | None:
    """Return what an answer tells, if it is that node's."""
    tidings = _read(answer.body) if answer.status == 200 else None
    return tidings if tidings is not None and tidings.sender.node == node_id else None


@lru_cache(maxsize=64)
def _read(body: bytes) -> Tidings | None:
    """Return the tidings that a text holds. While nothing happens a node says the same again and again."""
    try:
        return TIDINGS.validate_json(body)
    except ValidationError:
        return None
