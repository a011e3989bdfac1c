"""One direction of a TCP connection: what is sent arrives in order, late rather than never, until it is closed."""

from collections.abc import Callable
from typing import Any, TypeVarTuple, Unpack

from sim.worlds.virtual.network import Network

Ts = TypeVarTuple("Ts")
_Arrivals = list[tuple[Callable[..., None], tuple[Any, ...]]]


class Stream:
    """While hosts are cut off from each other, what is sent waits; ``flush`` sends it when they no longer are.

    What is sent at one moment travels together, as one segment.
    """

    def __init__(self, network: Network, sender: str, receiver: str) -> None:
        self.is_closed = False
        self._network = network
        self._sender = sender
        self._receiver = receiver
        self._pair = network.pair(sender, receiver)
        self._segment: _Arrivals = []
        """What was sent last, at ``_segment_s``."""
        self._segment_s = -1e9
        self._sent = 0
        self._next = 0
        self._arrived: dict[int, _Arrivals] = {}
        """Segments that overtook another one, by number."""
        self._parked: list[tuple[str, Callable[..., None], tuple[Any, ...]]] = []

    @property
    def is_cut(self) -> bool:
        """Whether the two cannot talk now, one way or the other: TCP needs both."""
        network = self._network
        return network.is_cut(self._sender, self._receiver) or network.is_cut(self._receiver, self._sender)

    def send(self, label: str, arrive: Callable[[Unpack[Ts]], None], *arguments: *Ts) -> None:
        """Send something; ``arrive`` is called with the arguments when it is there."""
        if self.is_closed:
            return
        network = self._network
        now_s: float = network.loop.environment._now  # noqa: SLF001 - asked for every message
        if self._parked or (not network.is_plain and self.is_cut):
            self._parked.append((label, arrive, arguments))
        elif self._segment_s == now_s:
            self._segment.append((arrive, arguments))
        else:
            self._segment, self._segment_s = [(arrive, arguments)], now_s
            self._send_segment(label)

    def flush(self) -> None:
        """Send what waited, if it can be sent now."""
        if self._parked and not self.is_cut:
            parked, self._parked = self._parked, []
            for label, arrive, arguments in parked:
                self.send(label, arrive, *arguments)

    def close(self) -> None:
        """Let nothing arrive any more."""
        self.is_closed = True
        self._parked.clear()
        self._arrived.clear()

    def _send_segment(self, label: str) -> None:
        network, number = self._network, self._sent
        self._sent += 1
        if network.is_plain:
            network.messages += 1
            network.loop.schedule(network.usual_s(self._pair, number), self._arrive, number, self._segment)
        else:
            label = f"{label} {number}"
            network.carry(self._sender, self._receiver, label, self._arrive, number, self._segment, reliable=True)

    def _arrive(self, number: int, segment: _Arrivals) -> None:
        if number != self._next:
            self._arrived[number] = segment
            return
        following: _Arrivals | None = segment
        while following is not None:
            self._next += 1
            for arrive, arguments in following:
                if self.is_closed:
                    return
                arrive(*arguments)
            following = self._arrived.pop(self._next, None) if self._arrived else None
