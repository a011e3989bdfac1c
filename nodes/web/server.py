"""``recarga web`` as a process: it serves until it is told to stop."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from nodes.config import Limits
from nodes.errors import ConfigError
from nodes.exposure import is_loopback
from nodes.http.server import HttpServer, listen, url_of, uvicorn_config
from nodes.stop_signals import stop_signals
from nodes.web.proxy import Proxy, create_proxy
from nodes.web.upstream import Upstream

_DRAIN_S = 5
"""How long requests under way may go on while it stops; no node takes longer unless it was asked to."""


async def serve_web(
    nodes: Sequence[str],
    host: str,
    port: int,
    ready: Callable[[str], None],
    broker: str | None = None,
    tls: tuple[Path, Path] | None = None,
) -> int:
    """Serve until SIGTERM or SIGINT. ``port`` 0: any free one; ``ready`` is told the URL; ``broker``: where browsers may
    hear the public feed themselves; ``tls``: certificate chain and key (PEM), None: without. Raises ``ConfigError``.
    """
    for url in nodes:
        _check_url(url)
    listener = listen(host, port)
    upstream = Upstream(nodes, only_guarded=not is_loopback(host))
    proxy = Proxy(upstream)
    config = uvicorn_config(create_proxy(proxy, broker), host, port, Limits(), tls)
    config.timeout_graceful_shutdown = _DRAIN_S
    server = HttpServer(config)
    await upstream.start()
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await server.listening.wait()
        with stop_signals() as told_to_stop:
            ready(url_of(host, listener.getsockname()[1], is_tls=tls is not None))
            waiting = asyncio.ensure_future(told_to_stop.wait())
            await asyncio.wait((waiting, serving), return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
    finally:
        proxy.close()
        server.should_exit = True
        await asyncio.wait([serving])
        await upstream.stop()
        listener.close()
    return 0


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ConfigError(f"--node: expected http://host:port, got {url[:100]!r}")
