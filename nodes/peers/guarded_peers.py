"""The ``Peers`` port with a circuit breaker for each peer, in front of any other adapter of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from nodes.config import Limits
from nodes.errors import PeerTimeout, PeerUnreachable
from nodes.peers.breaker import Breaker, BreakerState
from nodes.ports import Clock, Peers
from nodes.records import Answer
from nodes.request import Request


@dataclass(slots=True)
class _Guarded:
    """A peer that was asked."""

    url: str
    breaker: Breaker
    refused: int = 0


class GuardedPeers:
    """Asks other nodes; those that do not answer are left alone for a while, so that their callers need not wait.

    What counts against a peer is that no connection came about or no answer came. Any answer counts for it, whatever its
    status. What ended here (too much under way, a caller who left or was impatient) counts for nothing.
    """

    def __init__(self, peers: Peers, clock: Clock, limits: Limits) -> None:
        self._peers = peers
        self._clock = clock
        self._limits = limits
        self._guarded: dict[str, _Guarded] = {}

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """See ``Peers.ask``. While the peer's breaker is open it is unreachable at once, until the next trial."""
        guarded, breaker = self._take(node_id, url)
        wait_s = breaker.wait_s(self._clock.monotonic_s())
        if wait_s > 0:
            guarded.refused += 1
            raise PeerUnreachable(node_id, "it has not answered lately", retry_after_s=max(1, ceil(wait_s)))
        turn = breaker.begin()
        try:
            answer = await self._peers.ask(node_id, url, request, timeout_ms)
        except (PeerUnreachable, PeerTimeout) as error:
            if isinstance(error, PeerTimeout) and timeout_ms < self._limits.breaker_patience_ms:
                breaker.abandoned(turn)
            else:
                breaker.failed(turn, self._clock.monotonic_s())
            raise
        except BaseException:
            breaker.abandoned(turn)
            raise
        breaker.answered()
        return answer

    def hopeful(self, node_id: str) -> None:
        """Take somebody's word that a peer is back: it is tried again at once."""
        if (guarded := self._guarded.get(node_id)) is not None:
            guarded.breaker.hopeful()

    async def close(self) -> None:
        """See ``Peers.close``."""
        await self._peers.close()

    def states(self) -> Iterator[tuple[str, BreakerState, int, int]]:
        """Yield each peer that was asked, its breaker's state, how often that opened, and how many requests it refused."""
        now_s = self._clock.monotonic_s()
        for node_id, guarded in self._guarded.items():
            yield node_id, guarded.breaker.state(now_s), guarded.breaker.opened, guarded.refused

    def _take(self, node_id: str, url: str) -> tuple[_Guarded, Breaker]:
        """Return what is known of a peer. At another address it is another: it may have moved, or gossip has lied."""
        guarded = self._guarded.get(node_id)
        if guarded is None or guarded.url != url:
            guarded = self._guarded[node_id] = _Guarded(url, self._new_breaker())
            if len(self._guarded) > self._limits.peers_max:
                del self._guarded[next(iter(self._guarded))]
        return guarded, guarded.breaker

    def _new_breaker(self) -> Breaker:
        limits = self._limits
        return Breaker(limits.breaker_failures, limits.breaker_pause_ms / 1000, limits.breaker_pause_ms_max / 1000)
