"""The embedded broker: amqtt, for one machine and for trying things out. A deployment uses Mosquitto or another."""

import logging

from amqtt.broker import Broker
from amqtt.errors import BrokerError

from nodes.errors import ConfigError


class EmbeddedBroker:
    """An MQTT 3.1.1 broker in this process that lets everybody in; therefore on a loopback address only."""

    def __init__(self, host: str, port: int) -> None:
        logging.getLogger("amqtt").setLevel(logging.ERROR)
        logging.getLogger("transitions").setLevel(logging.ERROR)
        self._broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}", "max_connections": 1_000}},
                "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
            }
        )
        self._where = f"{host}:{port}"

    async def start(self) -> None:
        """Listen. Raises ``ConfigError`` when the port cannot be had."""
        try:
            await self._broker.start()
        except (BrokerError, OSError) as error:
            raise ConfigError(f"broker: cannot listen on {self._where}: {error}") from error

    async def stop(self) -> None:
        """Close all connections and stop."""
        await self._broker.shutdown()
