"""What a node process is made of, put together as its settings say."""

import os
import random
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

from nodes.api import request_log
from nodes.auth.authenticator import Authenticator
from nodes.auth.key_file import FixedKeys, KeyFile, KeySource
from nodes.errors import ConfigError
from nodes.gossip.mqtt import BrokerAddress, MqttBus
from nodes.http.server import url_of
from nodes.laboratory import LaboratoryTime
from nodes.live import LiveClock
from nodes.node import Node
from nodes.peers.http_peers import HttpPeers
from nodes.principal import Role
from nodes.settings import Settings
from nodes.store.sql_store import SqlStore

if TYPE_CHECKING:
    from nodes.traces import Traces  # needs an extra


def assemble(
    settings: Settings, address: BrokerAddress | None, port: int, traces: "Traces | None"
) -> tuple[Node, Authenticator | None]:
    """Return the node, not started, and who tells its callers apart. Raises ``RecargaError``."""
    rng = random.Random()  # noqa: S311 - jitter
    config = replace(settings.config, hears_addresses=not settings.has_keys)
    clock = LiveClock(None if settings.civil_time is None else LaboratoryTime(settings.civil_time))
    authenticator = _authenticator(settings, clock)
    url = settings.url or url_of(settings.host, port, is_tls=settings.tls is not None)
    holder = f"pid {os.getpid()}, node {config.node_id} at {url}"
    place = settings.data if settings.database is None else settings.database
    store = SqlStore(place, config.node_id, answer_retention_s=config.limits.answer_retention_s, holder=holder)
    bus = None if address is None else MqttBus(address, _client_id(config.node_id), clock, rng, config.limits)
    own_token = None if authenticator is None else authenticator.own_token
    carry = [request_log.carry] if settings.logs_requests else []
    if traces is not None:
        carry.append(traces.carry)
    peers = HttpPeers(config.node_id, requests_max=config.limits.peer_requests_max, own_token=own_token, carry=carry)
    node = Node(config, clock, store, bus, peers if traces is None else traces.peers(peers), url=url)
    store.watch(node.server.journal.fail)
    return node, authenticator


def _client_id(node_id: str) -> str:
    """Return an MQTT client id of this process: who connects with the same one throws it off, so nobody can guess it."""
    return f"recarga-{node_id}-{secrets.token_hex(8)}"


def traces_of(settings: Settings) -> "Traces | None":
    """Return the node's traces, where they are wanted. Raises ``ConfigError`` where they cannot be had."""
    if not settings.traces:
        return None
    try:
        from nodes.traces import Traces
    except ImportError as error:
        raise ConfigError("traces: OpenTelemetry is not here; install recarga[otel]") from error
    return Traces(settings.config.node_id)


def _authenticator(settings: Settings, clock: LiveClock) -> Authenticator | None:
    """Return who tells callers apart; None without keys. Raises ``ConfigError``."""
    source: KeySource
    config = settings.config
    signer = Role.NODE, config.node_id
    if settings.auth_keys is not None:
        source = KeyFile(settings.auth_keys, clock, signer)
    elif settings.auth_keys_json is not None:
        source = FixedKeys(settings.auth_keys_json, signer)
    else:
        return None
    return Authenticator(
        source,
        clock,
        node_id=config.node_id,
        cluster=config.cluster,
        remembered_max=config.limits.tokens_remembered_max,
    )


def broker_address(settings: Settings) -> BrokerAddress | None:
    """Return where the broker is, if there is one. Raises ``ConfigError``."""
    if settings.broker is None:
        return None
    address = BrokerAddress.parse(settings.broker)
    file = settings.broker_password_file
    return address if file is None else address.with_password_of(file)
