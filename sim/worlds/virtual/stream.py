"""One direction of a TCP connection: what is sent arrives in order, late rather than never, until it is closed."""

from collections.abc import Callable
from typing import Any, TypeVarTuple, Unpack

from sim.worlds.virtual.network import Network

Ts = TypeVarTuple("Ts")
_Arrival = tuple[Callable[..., None], tuple[Any, ...]]


class Stream:
    """While hosts are cut off from each other, what is sent waits; ``flush`` sends it when they no longer are."""

    def __init__(self, network: Network, sender: str, receiver: str) -> None:
        self.is_closed = False
        self._network = network
        self._sender = sender
        self._receiver = receiver
        self._pair = network.pair(sender, receiver)
        self._sent = 0
        self._next = 0
        self._arrived: dict[int, _Arrival] = {}
        """What overtook something else, by number."""
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
        network, number = self._network, self._sent
        if network.is_plain and not self._parked:
            self._sent += 1
            network.messages += 1
            network.loop.schedule(network.usual_s(self._pair, number), self._arrive, number, arrive, arguments)
        elif self._parked or self.is_cut:
            self._parked.append((label, arrive, arguments))
        else:
            self._sent += 1
            label = f"{label} {number}"
            network.carry(self._sender, self._receiver, label, self._arrive, number, arrive, arguments, reliable=True)

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

    def _arrive(self, number: int, arrive: Callable[..., None], arguments: tuple[Any, ...]) -> None:
        if number != self._next:
            self._arrived[number] = (arrive, arguments)
            return
        following: _Arrival | None = (arrive, arguments)
        while following is not None and not self.is_closed:
            self._next += 1
            following[0](*following[1])
            following = self._arrived.pop(self._next, None) if self._arrived else None
