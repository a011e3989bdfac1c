"""A node as a process: it starts in order, serves until it is told to stop or cannot go on, and stops in order."""

import asyncio
import contextlib
import gc
import ipaddress
import logging
import os
import resource
import signal
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from sqlalchemy import URL
from starlette.types import ASGIApp

from nodes.access.retelling import tell_new_points_again
from nodes.api.app import create_app
from nodes.api.bounded_http import BoundedHttp, look_after_connections
from nodes.api.request_log import RequestLog
from nodes.api.security_headers import security_headers
from nodes.assembly import assemble, broker_address, traces_of
from nodes.auth.permissions import SeedContract
from nodes.config import Limits, NodeConfig
from nodes.errors import ConfigError
from nodes.node import Node
from nodes.points_file import read_points
from nodes.tasks import end

_GC_THRESHOLD = 50_000
"""Allocations between two collections of the young generation: kept answers are many and never garbage, and walking
them again and again was the longest pause there was."""
_OTHER_FILES = 1_024
"""Open files beside clients' connections: those to other nodes, to the broker and to the database."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a node process is told."""

    config: NodeConfig
    host: str = "127.0.0.1"
    port: int = 9000
    """0: any free port."""
    data: Path = Path("data")
    database: URL | None = None
    """A PostgreSQL database, instead of SQLite in ``data``."""
    broker: str | None = None
    broker_password_file: Path | None = None
    tls: tuple[Path, Path] | None = None
    """Certificate chain and private key (PEM); None: HTTP without TLS."""
    points: Path | None = None
    peers: dict[str, str] = field(default_factory=dict)
    """URLs by node id, for nodes that gossip has not told of yet."""
    url: str | None = None
    """Where other nodes reach this one; by default the address it listens on."""
    civil_time: Path | None = None
    """A laboratory's civil time (``nodes.laboratory``)."""
    auth_keys: Path | None = None
    """A JWK Set: callers are told apart. Without keys everybody may do all, and the node listens on loopback only."""
    auth_keys_json: str | None = None
    """The same as text."""
    seed_contract: SeedContract = SeedContract.TOKEN
    logs_requests: bool = False
    """Whether each request has an id and a line in the log."""
    traces: bool = False
    """Whether OpenTelemetry is told of each request."""

    @property
    def has_keys(self) -> bool:
        """Whether callers are told apart."""
        return self.auth_keys is not None or self.auth_keys_json is not None


def uvicorn_config(
    app: ASGIApp, host: str, port: int, limits: Limits, tls: tuple[Path, Path] | None = None
) -> uvicorn.Config:
    """Return the settings of the HTTP server."""
    cert, key = tls or (None, None)
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="none",
        http=BoundedHttp.with_limits(limits),
        headers=security_headers(is_tls=tls is not None),
        proxy_headers=False,  # whoever connects is who is counted, whatever they say of themselves
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=60,
        ssl_certfile=cert,
        ssl_keyfile=key,
    )


async def serve(settings: Settings, ready: Callable[[Node], None]) -> int:
    """Serve until SIGTERM or SIGINT (returns 0) or until the node cannot go on (returns 1).

    Raises ``RecargaError`` when it cannot start; then nothing is left behind.
    """
    _allow_connections(settings.config.limits.connections_max)
    async with running(settings) as node:
        _settle_memory()
        with stop_signals() as told_to_stop:
            ready(node)
            waiting = asyncio.ensure_future(told_to_stop.wait())
            await asyncio.wait((waiting, node.failed), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
    return 1 if node.failed.done() else 0


@contextlib.asynccontextmanager
async def running(settings: Settings) -> AsyncGenerator[Node, None]:
    """Have a node that listens, from entry to exit. Raises ``RecargaError`` when it cannot start."""
    refuse_to_be_exposed(settings.host, has_keys=settings.has_keys)
    address = broker_address(settings)
    entries = [] if settings.points is None else read_points(settings.points)
    listener = listen(settings.host, settings.port)
    try:
        with _no_collections():
            traces = traces_of(settings)
            node, authenticator = assemble(settings, address, listener.getsockname()[1], traces)
    except BaseException:
        listener.close()
        raise
    app: ASGIApp = create_app(node, authenticator, settings.seed_contract)
    if traces is not None:
        app = traces.app(app)
    if settings.logs_requests:
        app = RequestLog(app)
    server = HttpServer(uvicorn_config(app, settings.host, settings.port, settings.config.limits, settings.tls))
    serving: asyncio.Task[None] | None = None
    retelling: asyncio.Task[None] | None = None
    try:
        for peer_id, url in settings.peers.items():
            node.view.configure(peer_id, url)
        await node.past.check()
        await node.enter((entry.slug, entry.spec) for entry in entries)
        await node.start()
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.listening.wait()
        node.greet()
        if address is not None and address.password is not None:
            retelling = asyncio.create_task(tell_new_points_again(node))
        yield node
    finally:
        if retelling is not None:
            await end(retelling)
        await _stop(node, server, serving)
        listener.close()
        if traces is not None:
            await asyncio.to_thread(traces.close)


class HttpServer(uvicorn.Server):
    """uvicorn without its signal handlers: who runs it decides when it stops."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """See ``uvicorn.Server``."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """See ``uvicorn.Server``."""
        await super().startup(sockets)
        self.listening.set()

    async def main_loop(self) -> None:
        """See ``uvicorn.Server``. Meanwhile connections are looked after."""
        looking = asyncio.create_task(look_after_connections(self.server_state.connections))
        try:
            await super().main_loop()
        finally:
            await end(looking)


async def _stop(node: Node, server: HttpServer, serving: asyncio.Task[None] | None) -> None:
    """Refuse what is new, finish what is under way, make it durable, then close the connections and leave."""
    await node.stop()
    server.should_exit = True
    if serving is not None:
        await asyncio.wait([serving], timeout=node.config.limits.drain_s)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises ``ConfigError``. Port 0: any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sets TCP_NODELAY only where the protocol is named; without, an answer on a kept connection waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}") from error
    return listener


def refuse_to_be_exposed(host: str, *, has_keys: bool) -> None:
    """Raise ``ConfigError`` for what is no address, and without keys for any but a loopback one.

    A node that cannot tell who asks is for this machine only.
    """
    if host == "localhost":
        return
    try:
        address = ipaddress.ip_address(host)
    except ValueError as error:
        raise ConfigError(f"host: expected an IP address, got {host!r}") from error
    if not address.is_loopback and not has_keys:
        raise ConfigError(
            f"host: {host} can be reached from other machines, and without keys everybody may do all:"
            " make some ('recarga keys new FILE') and name them (--auth-keys FILE)"
        )


@contextlib.contextmanager
def _no_collections() -> Generator[None, None, None]:
    """Hold the garbage collector while all is read that a node holds: nothing of it is garbage."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _allow_connections(connections_max: int) -> None:
    """Let the process have as many files open as connections take, as far as its machine lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections_max + _OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))


def _settle_memory() -> None:
    """What is there now stays: keep the garbage collector from walking it for ever."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_GC_THRESHOLD, 50, 100)


@contextlib.contextmanager
def stop_signals() -> Generator[asyncio.Event, None, None]:
    """Give an event that SIGTERM and SIGINT set. A second signal ends the process at once."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()

    def on_signal() -> None:
        if told.is_set():
            logging.getLogger(__name__).warning("told to stop twice: leaving at once")
            os._exit(130)
        told.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, on_signal)
    try:
        yield told
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
