"""A simulated MQTT broker: retained messages, wills, keep-alives; it can die, and hang."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import TypeVarTuple, Unpack

from nodes.ports import Message
from sim.worlds.virtual.network import Network
from sim.worlds.virtual.stream import Stream

Ts = TypeVarTuple("Ts")

KEEPALIVE_S = 15.0
"""After this much silence either side takes the other for gone: one and a half times what ``nodes.gossip.mqtt`` asks."""
_OLD_KEPT = 256
"""Messages kept, to be repeated by a fault."""


@dataclass(eq=False, slots=True)
class Session:
    """One client's connection, as both sides see it. ``client`` is its node, whatever machine that runs on."""

    client: str
    machine: str
    subscriptions: Sequence[str]
    will: Message
    deliver: Callable[[Message], None]
    closed: Callable[[], None]
    """Called at the client when the connection ends and the client can know."""
    to_client: Stream
    to_broker: Stream
    is_open: bool = field(default=False, init=False)
    """Whether the broker counts the client among its own."""


class VirtualBroker:
    """The broker. ``loss_share`` and ``repeat_share`` are the shares of deliveries that faults touch now."""

    def __init__(self, network: Network) -> None:
        self.is_up = True
        self.loss_share = 0.0
        self.repeat_share = 0.0
        self._is_hung = False
        self._hangs = 0
        self._network = network
        self._sessions: list[Session] = []
        self._readers_of: dict[str, list[Session]] = {}
        """Who wants a topic, found once for as long as the sessions are the same."""
        self._retained: dict[str, Message] = {}
        self._old: list[Message] = []
        self._held: list[Callable[[], None]] = []
        self._serial = 0

    def act(self, action: Callable[[Unpack[Ts]], None], *arguments: *Ts) -> None:
        """Do something as the broker: now, or when it no longer hangs; never, when it is down."""
        if self._is_hung:
            self._held.append(partial(action, *arguments))
        elif self.is_up:
            action(*arguments)

    def connect(self, session: Session) -> None:
        """Take a client in, and tell it what is retained. An older connection of the same client ends."""
        for other in [each for each in self._sessions if each.client == session.client]:
            self.lose(other)
        session.is_open = True
        self._sessions.append(session)
        self._readers_of.clear()
        for message in [each for topic, each in self._retained.items() if _wants(session, topic)]:
            self._deliver(session, message)

    def disconnect(self, session: Session) -> None:
        """Let a client go that says farewell: its will is not published."""
        if session.is_open:
            session.is_open = False
            self._sessions.remove(session)
            self._readers_of.clear()
            session.to_client.close()

    def lose(self, session: Session) -> None:
        """End a connection in disorder: the client died, or fell silent. Its will is published."""
        if session.is_open:
            session.is_open = False
            self._sessions.remove(session)
            self._readers_of.clear()
            self._hang_up(session)
            self.publish(session.will)

    def publish(self, message: Message) -> None:
        """Take a message and hand it to everybody who wants it."""
        if message.retain and message.payload:
            self._retained[message.topic] = message
        elif message.retain:
            self._retained.pop(message.topic, None)
        plain = Message(message.topic, message.payload)
        for session in self._readers(message.topic):
            self._deliver(session, plain)
            if self.repeat_share:
                self._maybe_repeat(session)
        self._old.append(plain)
        if len(self._old) > _OLD_KEPT:
            del self._old[: _OLD_KEPT // 2]

    def crash(self) -> None:
        """Die: connections break, and what was retained is gone."""
        self.is_up = self._is_hung = False
        self._held.clear()
        self._retained.clear()
        self._old.clear()
        sessions, self._sessions = self._sessions, []
        self._readers_of.clear()
        for session in sessions:
            session.is_open = False
            self._hang_up(session)

    def start(self) -> None:
        """Come back, empty."""
        self.is_up = True

    def hang(self) -> None:
        """Keep all connections and do nothing. Clients whose pings stay unanswered leave."""
        self._is_hung = True
        self._hangs += 1
        for session in self._sessions:
            self._after_silence(self._leave_hung, session, self._hangs)

    def wake(self) -> None:
        """Do what came in the meantime."""
        self._is_hung = False
        held, self._held = self._held, []
        for action in held:
            self.act(action)

    def cut(self) -> None:
        """Take note that a partition has begun: whoever is cut off for long enough is taken for gone, on both sides."""
        for session in self._sessions:
            if session.to_client.is_cut:
                self._after_silence(self._check, session)

    def miss(self, machine: str, is_silent: Callable[[], bool]) -> None:
        """Take note that the client on a machine says nothing any more: if it still ``is_silent`` later, it is taken for gone."""
        for session in self._sessions:
            if session.machine == machine:
                self._after_silence(self._lose_silent, session, is_silent)

    def uncut(self) -> None:
        """Take note that a partition has ended: what TCP held back goes on its way."""
        for session in list(self._sessions):
            session.to_client.flush()
            session.to_broker.flush()

    def _hang_up(self, session: Session) -> None:
        """Close a connection at the broker's end. Who cannot be told finds that its pings are not answered."""
        if session.to_client.is_cut:
            self._after_silence(session.closed)
        session.to_client.send("reset", session.closed)

    def _readers(self, topic: str) -> list[Session]:
        found = self._readers_of.get(topic)
        if found is None:
            found = self._readers_of[topic] = [each for each in self._sessions if _wants(each, topic)]
        return found

    def _after_silence(self, check: Callable[[Unpack[Ts]], None], *arguments: *Ts) -> None:
        self._network.loop.call_later(KEEPALIVE_S, check, *arguments, context=self._network.context)

    def _leave_hung(self, session: Session, hang: int) -> None:
        if session.is_open and self._is_hung and hang == self._hangs:
            session.closed()

    def _lose_silent(self, session: Session, is_silent: Callable[[], bool]) -> None:
        if session.is_open and is_silent():
            self.act(self.lose, session)

    def _check(self, session: Session) -> None:
        if session.is_open and session.to_client.is_cut:
            session.closed()
            self.act(lambda: self.lose(session))

    def _deliver(self, session: Session, message: Message) -> None:
        if self.loss_share and self._draw(session, "lose") < self.loss_share:
            self._network.counts["gossip_lost"] += 1
            return
        session.to_client.send(message.topic, session.deliver, message)

    def _maybe_repeat(self, session: Session) -> None:
        if not self._old or self._draw(session, "repeat") >= self.repeat_share:
            return
        old = self._old[int(self._draw(session, "which") * len(self._old))]
        if _wants(session, old.topic):
            self._network.counts["gossip_repeated"] += 1
            session.to_client.send(old.topic, session.deliver, old)

    def _draw(self, session: Session, what: str) -> float:
        self._serial += 1
        return self._network.chance.number(f"{what} {session.client} {self._serial}") / 2**64


def _wants(session: Session, topic: str) -> bool:
    return any(_matches(pattern, topic) for pattern in session.subscriptions)


@lru_cache(maxsize=100_000)
def _matches(pattern: str, topic: str) -> bool:
    """Whether a topic is among those that an MQTT 3.1.1 filter names (its section 4.7)."""
    wanted, found = pattern.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        found = found[: len(wanted)]
    return len(wanted) == len(found) and all(each in ("+", level) for each, level in zip(wanted, found, strict=True))
