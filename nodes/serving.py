"""A node as a process: it starts in order, serves until it is told to stop or cannot go on, and stops in order."""

import asyncio
import contextlib
import gc
import resource
from collections.abc import AsyncGenerator, Callable, Generator

from starlette.types import ASGIApp

from nodes.access.retelling import tell_new_points_again
from nodes.api.app import create_app
from nodes.api.request_log import RequestLog
from nodes.assembly import assemble, broker_address, traces_of
from nodes.exposure import refuse_to_be_exposed
from nodes.http.server import HttpServer, listen, uvicorn_config
from nodes.node import Node
from nodes.points_file import read_points
from nodes.settings import Settings
from nodes.stop_signals import stop_signals
from nodes.tasks import end

_GC_THRESHOLD = 50_000
"""Allocations between two collections of the young generation: kept answers are many and never garbage, and walking
them again and again was the longest pause there was."""
_OTHER_FILES = 1_024
"""Open files beside clients' connections: those to other nodes, to the broker and to the database."""


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
    advice = "make keys ('recarga keys new FILE') and name them (--auth-keys FILE)"
    refuse_to_be_exposed(settings.host, advice, is_guarded=settings.has_keys)
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
    app: ASGIApp = create_app(node, authenticator, settings.seed_contract, settings.web_broker)
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


async def _stop(node: Node, server: HttpServer, serving: asyncio.Task[None] | None) -> None:
    """Refuse what is new, finish what is under way, make it durable, then close the connections and leave."""
    await node.stop()
    server.should_exit = True
    if serving is not None:
        await asyncio.wait([serving], timeout=node.config.limits.drain_s)


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
