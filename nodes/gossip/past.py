"""Whether others have seen more of this node than it has itself: then it runs on an old copy of its history.

A database that was put back from a backup, or the old process of a node that has moved, knows nothing of what was
acknowledged since. Would it serve, there would be two histories. Others know: they have asked this node how far it had
come (``NodeView.attested``). It asks them before it serves, and whenever gossip claims more of it than it has done.

Gossip alone stops nobody: anybody may forge it. What counts is what a peer says over HTTP of what this node itself told it
over HTTP; how many must say so, ``nodes.gossip.trust`` knows.
"""

import asyncio
from collections.abc import Callable

from pydantic import ValidationError

from nodes.config import Limits
from nodes.errors import RequestError
from nodes.gossip.node_view import NodeView
from nodes.gossip.trust import WEIGHT_NEEDED, weight
from nodes.gossip.view import View
from nodes.gossip.word import Attested
from nodes.ports import Clock, Peers, Timer
from nodes.records import Witness
from nodes.request import ReadAttested, Request
from nodes.tasks import end

_ASKED_MAX = 16
"""Peers asked at a time, those first whose addresses the operator gave."""


class Past:
    """Asks peers how far this node had come. ``on_forked`` hears once that it was further than it is now, and why."""

    def __init__(
        self,
        node_id: str,
        clock: Clock,
        peers: Peers,
        view: View,
        limits: Limits,
        own: Callable[[], Witness],
        on_forked: Callable[[str], None],
    ) -> None:
        self.checks = 0
        self._node_id = node_id
        self._clock = clock
        self._peers = peers
        self._view = view
        self._limits = limits
        self._own = own
        self._on_forked = on_forked
        self._checked_s: float | None = None
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None

    async def check(self) -> None:
        """Ask every peer once. Who does not answer within ``fork_check_ms`` has nothing to say."""
        self.checks += 1
        self._checked_s = self._clock.monotonic_s()
        known = [node for node in self._view.nodes.values() if node.url is not None]
        known.sort(key=lambda node: (not node.is_configured, node.node_id))
        words = await asyncio.gather(*map(self._ask, known[:_ASKED_MAX]))
        epoch, ver = self._own()
        said_by_all, said = 0, []
        for node, word in zip(known, words, strict=False):
            if word is not None and (word.epoch > epoch or word.ver > ver):
                said_by_all += weight(node, word.vouched)
                said.append(f"{node.node_id} has seen epoch {word.epoch}, ver {word.ver}")
        if said_by_all >= WEIGHT_NEEDED:
            self._on_forked(f"it is at epoch {epoch}, ver {ver}, and {', '.join(said)}")

    def suspect(self) -> None:
        """Ask soon: gossip claims more of this node than it has done. At most once in ``fork_check_pause_ms``."""
        if self._timer is not None:
            return
        now_s, pause_s = self._clock.monotonic_s(), self._limits.fork_check_pause_ms / 1000
        due_s = now_s if self._checked_s is None else max(now_s, self._checked_s + pause_s)
        self._timer = self._clock.call_later_s(due_s - now_s, self._begin)

    async def stop(self) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await end(self._task)

    def _begin(self) -> None:
        self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self.check())

    async def _ask(self, node: NodeView) -> Attested | None:
        assert node.url is not None
        request = Request(node.node_id, ReadAttested(self._node_id))
        try:
            answer = await self._peers.ask(node.node_id, node.url, request, self._limits.fork_check_ms)
            return Attested.model_validate_json(answer.body) if answer.status == 200 else None
        except (RequestError, ValidationError):
            return None
