"""Calls to other nodes that carry this start's epoch, and heed who knows of a later one."""

from collections.abc import Callable

import orjson

from nodes.errors import NotServing
from nodes.ports import Peers
from nodes.problems import STALE_EPOCH, is_problem
from nodes.records import Answer
from nodes.request import Request


class FencedPeers:
    """The ``Peers`` port, with the epoch in every request."""

    def __init__(self, peers: Peers, epoch: Callable[[], int], supersede: Callable[[int], NotServing]) -> None:
        """``supersede`` is told of the higher epoch at which a peer has met this node, and returns what to say of it."""
        self._peers = peers
        self._epoch = epoch
        self._supersede = supersede

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Peers.ask``. Raises ``NotServing`` when the peer refuses because this process is its node's past."""
        epoch = self._epoch()
        fenced = Request(request.point_id, request.action, request.key, request.if_match, request.timeout_ms, epoch)
        answer = await self._peers.ask(node_id, url, fenced, timeout_ms)
        if is_problem(answer, STALE_EPOCH):
            met = orjson.loads(answer.body).get("epoch")
            if type(met) is int and met > epoch:
                raise self._supersede(met)
        return answer

    async def close(self) -> None:
        """See ``Peers.close``."""
        await self._peers.close()
