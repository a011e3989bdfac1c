"""What a node needs of the world. Nothing below these calls ``time``, ``random``, ``sleep``, a socket or a file.

Each port has a live adapter (``nodes.live``, ``nodes.store``, ``nodes.gossip.mqtt``, ``nodes.peers``); the
laboratory has virtual ones. One contract suite (``tests/nodes/contracts``) runs over every adapter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nodes.domain.reservation import Reservation
from nodes.domain.session import Session
from nodes.domain.trip import Trip
from nodes.records import Answer, Batch, Held, Kept, Recovered, Stamped
from nodes.request import ReadHeld, Request


class Timer(Protocol):
    """A call that will happen."""

    def cancel(self) -> None:
        """Prevent the call. Does nothing when it has happened."""


class Clock(Protocol):
    """Two kinds of time: *civil* time, in which windows are reserved, and *process* time, in which waits are timed.

    A laboratory may run civil time faster than process time; live they run alike.
    """

    def now_ms(self) -> int:
        """Return the civil time in milliseconds since the Unix epoch. It may jump, in either direction."""

    def call_at_ms(self, when_ms: int, callback: Callable[[], None]) -> Timer:
        """Call back when civil time reaches ``when_ms``, or earlier: who is called looks at the clock."""

    def monotonic_s(self) -> float:
        """Return the process time in seconds; it never goes back."""

    def stopwatch_s(self) -> float:
        """Return what to measure short times with: as fine as the machine has it, from an arbitrary beginning."""

    def call_later_s(self, delay_s: float, callback: Callable[[], None]) -> Timer:
        """Call back after that much process time."""

    async def sleep_s(self, delay_s: float) -> None:
        """Wait for that much process time."""


class Rng(Protocol):
    """Randomness, used for jitter only: nothing that is decided or named depends on it."""

    def random(self) -> float:
        """Return a number from [0, 1)."""


class Buggify(Protocol):
    """Says where to misbehave, within the contract (``nodes.buggify`` names the places). Live nobody misbehaves."""

    def __call__(self, place: str, /) -> bool:
        """Whether what is marked so shall happen this time."""


class Store(Protocol):
    """What survives. One process uses a store at a time. Text comes back as it was given; it holds no NUL."""

    def open(self, now_ms: int) -> Recovered:
        """Open or create the store, raise the epoch durably, and return what was in force.

        Raises a ``StoreError`` when that cannot be done completely; then nothing is left open or locked.
        """

    async def append(self, batch: Batch) -> None:
        """Make the batch durable: all of it or, on any error, none of it that a later ``open`` would return.

        One at a time: who calls waits for the end of the last one. Raises ``StoreError``; afterwards the store must not
        be used again. Cancelling the wait does not undo the write.
        """

    async def find_answer(self, key: str) -> Kept | None:
        """Return the answer that was kept under an idempotency key, once it is durable."""

    async def find_reservation(self, reservation_id: str) -> Reservation | None:
        """Return a reservation as it was last made durable."""

    async def find_in_force(self, point_id: str) -> tuple[int, list[Reservation]]:
        """Return a point's ``seq`` and its reservations in force, in order of time, as they were last made durable; 0 and
        none for a point that is not there.
        """

    async def find_session(self, session_id: str) -> Session | None:
        """Return a session as it was last made durable."""

    async def find_trip(self, trip_id: str) -> Trip | None:
        """Return a trip that this node coordinates, as it was last made durable."""

    async def find_stops(self, trip_id: str) -> list[Reservation]:
        """Return the stops of a trip, wherever it is coordinated, that are on this node's points, as last made durable."""

    async def list_held(self, query: ReadHeld) -> list[Held]:
        """Return what drivers have here, as last made durable: the newest first, of the same age the highest id first."""

    async def read_journal(self, after_ver: int, limit: int) -> list[Stamped]:
        """Return up to ``limit`` events with ``ver`` above ``after_ver``, in order."""

    async def close(self) -> None:
        """Finish what is under way and let another process open the store. Other calls raise ``StoreError`` from then on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One gossip message."""

    topic: str
    payload: bytes
    retain: bool = False


class BusListener(Protocol):
    """Who hears of the bus. Calls come one at a time, on the loop."""

    def will(self) -> Message:
        """Return what the broker shall publish when the connection that is now tried ends in disorder."""

    def on_connected(self) -> None:
        """The bus can be used; what was retained will follow as messages."""

    def on_disconnected(self) -> None:
        """The bus cannot be used. Messages may have been lost."""

    def on_message(self, message: Message) -> None:
        """A message came: anybody's, in any order, once or more often."""


class Bus(Protocol):
    """The gossip's carrier: a hint, at least once while it works, nothing while it does not."""

    async def start(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        """Begin to connect, and to reconnect for ever. Does not wait for the broker."""

    async def publish(self, *messages: Message) -> None:
        """Hand messages to the broker (QoS 1), in that order.

        Raises ``BusError`` when it cannot be said that the broker has all of them.
        """

    async def stop(self) -> None:
        """Disconnect in good order; the will is not published. Once it returns nothing is called any more."""


class Peers(Protocol):
    """Calls to other nodes."""

    async def ask(self, node_id: str, url: str, request: Request, timeout_ms: int) -> Answer:
        """Hand a request to the node that owns its point, and return that node's answer, whatever its status.

        Waits for ``timeout_ms``; the owner is told a little less, so that its own word on that still comes in time.

        Raises ``PeerUnreachable`` when it is certain that the peer did not act, ``PeerTimeout`` when it may have.
        """

    async def close(self) -> None:
        """Close all connections."""
