"""The ``Bus`` port to a simulated broker: it connects, notices silence, leaves a broker that hangs, comes back."""

import asyncio
from collections.abc import Callable, Sequence

from nodes.config import Limits
from nodes.errors import BusError
from nodes.ports import BusListener, Clock, Message, Rng
from nodes.tasks import end
from sim.worlds.virtual.broker import Session, VirtualBroker
from sim.worlds.virtual.network import BROKER, Network
from sim.worlds.virtual.stream import Stream


class VirtualBus:
    """One node's connection, tried again for ever when it fails or hangs, at the times of ``nodes.gossip.mqtt``."""

    def __init__(
        self,
        node_id: str,
        network: Network,
        broker: VirtualBroker,
        clock: Clock,
        rng: Rng,
        limits: Limits,
        enter: Callable[..., None],
        *,
        machine: str | None = None,
    ) -> None:
        """``enter`` calls a function as part of the node's life: what comes over the network comes from outside it.

        ``machine``: what it runs on, if that is not called as the node is.
        """
        self.connects = 0
        self._node_id = node_id
        self._machine = machine or node_id
        self._network = network
        self._broker = broker
        self._clock = clock
        self._rng = rng
        self._limits = limits
        self._enter = enter
        self._attempt: Session | None = None
        """The connection that is used, or is being made."""
        self._session: Session | None = None
        """The connection, once it can be used."""
        self._early: list[Message] = []
        """What came before ``on_connected`` was called."""
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        """See ``Bus.start``."""
        self._task = asyncio.get_running_loop().create_task(self._run(listener, subscriptions))

    async def publish(self, *messages: Message) -> None:
        """See ``Bus.publish``. A broker that does not confirm in time counts as hung, and is left."""
        session = self._session
        if session is None:
            raise BusError("not connected")
        confirmed = self._promise()
        session.to_broker.send("publish", self._broker.act, self._take, session, messages, confirmed)
        waiting = asyncio.get_running_loop().call_later(self._limits.broker_timeout_s, _fulfil, confirmed, False)
        try:
            if not await confirmed:
                session.closed()
                raise BusError("the broker does not answer")
        finally:
            waiting.cancel()

    def _take(self, session: Session, messages: Sequence[Message], confirmed: "asyncio.Future[bool]") -> None:
        """Do what the broker does with messages that have arrived."""
        if session.is_open:
            for message in messages:
                self._broker.publish(message)
            session.to_client.send("puback", _fulfil, confirmed)

    async def stop(self) -> None:
        """See ``Bus.stop``."""
        if self._task is not None:
            session, self._session = self._session, None
            if session is not None:
                self._attempt = None
                session.to_client.close()
                session.to_broker.send("disconnect", lambda: self._broker.act(lambda: self._broker.disconnect(session)))
            await end(self._task)
            self.die()

    def die(self) -> None:
        """Break the connection, or the attempt, as the kernel does when the process is gone: its will is published."""
        if self._attempt is not None:
            self._leave(self._attempt)

    async def _run(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        pause_ms, longest_ms = self._limits.broker_retry_ms
        while True:
            closed = self._promise()
            session = await self._connect(listener, subscriptions, closed)
            if session is not None:
                pause_ms = self._limits.broker_retry_ms[0]
                self.connects += 1
                self._session = session
                listener.on_connected()
                early, self._early = self._early, []
                for message in early:
                    listener.on_message(message)
                try:
                    await closed
                except asyncio.CancelledError:
                    listener.on_disconnected()
                    raise
                self._leave(session)
                listener.on_disconnected()
            await self._clock.sleep_s(pause_ms * (0.5 + self._rng.random()) / 1000)
            pause_ms = min(2 * pause_ms, longest_ms)

    async def _connect(
        self, listener: BusListener, subscriptions: Sequence[str], closed: "asyncio.Future[bool]"
    ) -> Session | None:
        """Return a session once the broker has confirmed it; None when there is no broker to be reached."""
        network, broker = self._network, self._broker
        session = Session(
            client=self._node_id,
            machine=self._machine,
            subscriptions=subscriptions,
            will=listener.will(),
            deliver=lambda message: self._enter(self._hand_over, session, listener, message),
            closed=lambda: _fulfil(closed),
            to_client=Stream(network, BROKER, self._machine),
            to_broker=Stream(network, self._machine, BROKER),
        )
        self._attempt = session
        connected = self._promise()

        def take() -> None:
            session.to_client.send("connack", lambda: _fulfil(connected))
            broker.connect(session)

        def knock() -> None:
            if broker.is_up:
                broker.act(take)
            else:
                session.to_client.send("refused", lambda: _fulfil(connected, False))

        session.to_broker.send("connect", knock)
        try:
            async with asyncio.timeout(self._limits.broker_timeout_s):
                if await connected:
                    return session
        except TimeoutError:
            pass
        self._leave(session)
        return None

    def _leave(self, session: Session) -> None:
        """Close the socket: the broker hears of it when it can, and publishes the will."""
        self._session = self._attempt = None
        self._early.clear()
        session.to_client.close()
        session.to_broker.send("reset", lambda: self._broker.act(lambda: self._broker.lose(session)))

    def _hand_over(self, session: Session, listener: BusListener, message: Message) -> None:
        if self._session is session:
            listener.on_message(message)
        elif self._attempt is session:
            self._early.append(message)

    def _promise(self) -> "asyncio.Future[bool]":
        return asyncio.get_running_loop().create_future()


def _fulfil(promise: "asyncio.Future[bool]", value: bool = True) -> None:
    if not promise.done():
        promise.set_result(value)
