"""One direction of a TCP connection: what is sent arrives in order, late rather than never, until it is closed."""

from collections.abc import Callable

from sim.worlds.virtual.network import Network

Arrive = Callable[[], None]


class Stream:
    """While hosts are cut off from each other, what is sent waits; ``flush`` sends it when they no longer are."""

    def __init__(self, network: Network, sender: str, receiver: str) -> None:
        self.is_closed = False
        self._network = network
        self._sender = sender
        self._receiver = receiver
        self._sent = 0
        self._next = 0
        self._arrived: dict[int, Arrive] = {}
        self._parked: list[tuple[str, Arrive]] = []

    @property
    def is_cut(self) -> bool:
        """Whether the two cannot talk now, one way or the other: TCP needs both."""
        network = self._network
        return network.is_cut(self._sender, self._receiver) or network.is_cut(self._receiver, self._sender)

    def send(self, label: str, arrive: Arrive) -> None:
        """Send something."""
        if self.is_closed:
            return
        if self._parked or self.is_cut:
            self._parked.append((label, arrive))
            return
        number = self._sent
        self._sent += 1
        self._network.carry(
            self._sender, self._receiver, f"{label} {number}", lambda: self._arrive(number, arrive), reliable=True
        )

    def flush(self) -> None:
        """Send what waited, if it can be sent now."""
        if self._parked and not self.is_cut:
            parked, self._parked = self._parked, []
            for label, arrive in parked:
                self.send(label, arrive)

    def close(self) -> None:
        """Let nothing arrive any more."""
        self.is_closed = True
        self._parked.clear()
        self._arrived.clear()

    def _arrive(self, number: int, arrive: Arrive) -> None:
        self._arrived[number] = arrive
        while not self.is_closed and (following := self._arrived.pop(self._next, None)) is not None:
            self._next += 1
            following()
