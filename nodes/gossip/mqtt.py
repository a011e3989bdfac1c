"""The ``Bus`` port over MQTT 3.1.1, with aiomqtt."""

import asyncio
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiomqtt

from nodes.config import Limits
from nodes.errors import BusError, ConfigError
from nodes.ports import BusListener, Clock, Message, Rng
from nodes.tasks import end

_PORTS = {"mqtt": 1883, "mqtts": 8883}
"""By scheme, as registered with IANA."""
_KEEPALIVE_S = 10
"""A broker that says nothing for one and a half of these is gone."""
_INCOMING_MAX = 20_000
"""Messages waiting to be read; beyond, the client drops them, and digests show that something is missing."""
_UNDER_WAY_MAX = 8
"""QoS 1 publishes of one call that wait for their confirmation: enough to hide the round trip, few enough for the client,
which complains past ten."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where a broker is, from ``mqtt://[user[:password]@]host[:port]``, or ``mqtts://`` where it speaks TLS."""

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    is_tls: bool = False

    @classmethod
    def parse(cls, url: str) -> "BrokerAddress":
        """Read a broker's URL, or raise ``ConfigError``."""
        parts = urlsplit(url)
        try:
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise ConfigError(f"broker: {url!r}: {error}") from error
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/"):
            raise ConfigError(f"broker: expected mqtt://host:port or mqtts://host:port, got {url!r}")
        username = None if parts.username is None else unquote(parts.username)
        password = None if parts.password is None else unquote(parts.password)
        return cls(parts.hostname, port, username, password, is_tls=parts.scheme == "mqtts")

    def with_password_of(self, file: Path) -> "BrokerAddress":
        """Return the address with the password that a file holds, or raise ``ConfigError``."""
        try:
            return replace(self, password=file.read_text().strip())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"the broker's password: {file}: {error}") from error


class MqttBus:
    """One connection to a broker, tried again for ever when it fails or hangs."""

    def __init__(self, address: BrokerAddress, client_id: str, clock: Clock, rng: Rng, limits: Limits) -> None:
        self.connects = 0
        self._address = address
        self._client_id = client_id
        self._clock = clock
        self._rng = rng
        self._limits = limits
        self._client: aiomqtt.Client | None = None
        self._hung = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        """See ``Bus.start``."""
        self._task = asyncio.get_running_loop().create_task(self._run(listener, subscriptions))

    async def publish(self, *messages: Message) -> None:
        """See ``Bus.publish``. A broker that does not confirm in time counts as hung, and is left."""
        client = self._client
        if client is None:
            raise BusError("not connected")
        try:
            for start in range(0, len(messages), _UNDER_WAY_MAX):
                await _publish(client, messages[start : start + _UNDER_WAY_MAX])
        except aiomqtt.MqttError as error:
            if client is self._client:  # what an old connection left unconfirmed says nothing of the new one
                self._hung.set()
            raise BusError(str(error)) from error

    async def stop(self) -> None:
        """See ``Bus.stop``."""
        if self._task is not None:
            await end(self._task)

    async def _run(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        pause_ms, longest_ms = self._limits.broker_retry_ms
        while True:
            before = self.connects
            try:
                await self._serve(listener, subscriptions)
            except aiomqtt.MqttError as error:
                _log.info("broker %s:%d: %s", self._address.host, self._address.port, error)
            if self.connects > before:
                pause_ms = self._limits.broker_retry_ms[0]
            await self._clock.sleep_s(pause_ms * (0.5 + self._rng.random()) / 1000)
            pause_ms = min(2 * pause_ms, longest_ms)

    async def _serve(self, listener: BusListener, subscriptions: Sequence[str]) -> None:
        """Connect, and hand over messages until the connection ends. Raises ``MqttError`` then."""
        async with self._new_client(listener.will()) as client:
            await client.subscribe([(topic, 1) for topic in subscriptions])
            self.connects += 1
            self._hung.clear()
            self._client = client
            listener.on_connected()
            try:
                await self._read(client, listener)
            finally:
                self._client = None
                listener.on_disconnected()

    async def _read(self, client: aiomqtt.Client, listener: BusListener) -> None:
        hung = asyncio.ensure_future(self._hung.wait())
        reading = asyncio.ensure_future(self._hand_over(client, listener))
        try:
            await asyncio.wait((hung, reading), return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            raise aiomqtt.MqttError("the broker does not answer")
        finally:
            hung.cancel()
            reading.cancel()
            await asyncio.wait((hung, reading))

    async def _hand_over(self, client: aiomqtt.Client, listener: BusListener) -> None:
        async for message in client.messages:
            payload = message.payload
            if isinstance(payload, (bytes, bytearray)):
                listener.on_message(Message(message.topic.value, bytes(payload), bool(message.retain)))

    def _new_client(self, will: Message) -> aiomqtt.Client:
        return aiomqtt.Client(
            self._address.host,
            self._address.port,
            username=self._address.username,
            password=self._address.password,
            # whom to trust is OpenSSL's to know: the system's authorities, or those of SSL_CERT_FILE
            tls_params=aiomqtt.TLSParameters() if self._address.is_tls else None,
            identifier=self._client_id,
            protocol=aiomqtt.ProtocolVersion.V311,
            will=aiomqtt.Will(will.topic, will.payload, qos=1, retain=will.retain),
            clean_session=True,
            timeout=self._limits.broker_timeout_s,
            keepalive=_KEEPALIVE_S,
            max_queued_incoming_messages=_INCOMING_MAX,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],  # else Nagle holds a publish back for 40 ms
            logger=_quiet,
        )


async def _publish(client: aiomqtt.Client, messages: Sequence[Message]) -> None:
    """Hand over all messages, then wait for what confirms them. Raises ``MqttError``."""
    publishing = [client.publish(each.topic, each.payload, qos=1, retain=each.retain) for each in messages]
    if len(publishing) == 1:
        await publishing[0]
        return
    for outcome in await asyncio.gather(*publishing, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


_quiet = logging.getLogger(f"{__name__}.client")
_quiet.setLevel(logging.ERROR)
