"""Calls to other nodes that carry this start's epoch and the asked one's, and heed who knows of a later start of this node."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

import orjson

from nodes.errors import NotServing
from nodes.ports import Peers
from nodes.problems import STALE_EPOCH, is_problem
from nodes.records import Answer
from nodes.request import Request


class Fence(Protocol):
    """Knows the epochs: ``nodes.membership.membership``."""

    @property
    def epoch(self) -> int:
        """This start's."""

    def met(self, node_id: str) -> int:
        """Return the highest epoch at which a peer was met; 0: it never was."""

    def supersede(self, peer: str, url: str, epoch: int, vouched: bool) -> NotServing:
        """Take note that a peer, asked at that address, has met this node at a higher epoch. Returns what to say of it.

        ``vouched``: it has met it where its operator had said that it is.
        """


class FencedPeers:
    """The ``Peers`` port, with the epochs of both sides in every request."""

    def __init__(self, peers: Peers, fence: "Callable[[], Fence]") -> None:
        """``fence`` returns who knows the epochs; it is not asked before the first call."""
        self._peers = peers
        self._fence = fence

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Peers.ask``. Raises ``NotServing`` when the peer refuses because this process is its node's past."""
        fence = self._fence()
        epoch = fence.epoch
        fenced = replace(request, from_epoch=epoch, met_epoch=fence.met(node_id) or None)
        answer = await self._peers.ask(node_id, url, fenced, timeout_ms)
        if is_problem(answer, STALE_EPOCH):
            told = orjson.loads(answer.body)
            met = told.get("epoch")
            if type(met) is int and met > epoch:
                raise fence.supersede(node_id, url, met, told.get("vouched") is True)
        return answer

    async def close(self) -> None:
        """See ``Peers.close``."""
        await self._peers.close()
