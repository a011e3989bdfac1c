"""uvicorn as a server that somebody else starts and stops."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp

from nodes.config import Limits
from nodes.errors import ConfigError
from nodes.http.bounded import BoundedHttp, look_after_connections
from nodes.http.security_headers import SECURITY_HEADERS, InsistsOnTls
from nodes.http.tls_listener import TlsListener
from nodes.tasks import end


def uvicorn_config(
    app: ASGIApp, host: str, port: int, limits: Limits, tls: tuple[Path, Path] | None = None
) -> uvicorn.Config:
    """Return the settings of the HTTP server."""
    cert, key = tls or (None, None)
    return uvicorn.Config(
        app if tls is None else InsistsOnTls(app),
        host=host,
        port=port,
        loop="none",
        http=BoundedHttp.with_limits(limits),
        headers=list(SECURITY_HEADERS),
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
        """See ``uvicorn.Server``; it counts a connection only once its TLS handshake is over, for which it lets it have a minute."""
        config, loop = self.config, asyncio.get_running_loop()
        http = cast("type[BoundedHttp]", config.http_protocol_class)
        make = partial(http, config=config, server_state=self.server_state, app_state={})
        servers: list[Any] = []
        for each in sockets or ():
            if config.ssl is None:
                servers.append(await loop.create_server(make, sock=each, backlog=config.backlog))
            else:
                servers.append(TlsListener(each, config.ssl, make, config.backlog))
        self.servers = servers
        self.started = True
        self.listening.set()

    async def main_loop(self) -> None:
        """See ``uvicorn.Server``. Meanwhile connections are looked after."""
        looking = asyncio.create_task(look_after_connections(self.server_state.connections))
        try:
            await super().main_loop()
        finally:
            await end(looking)


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


def url_of(host: str, port: int, *, is_tls: bool = False) -> str:
    """Return the URL of a server that listens there."""
    return f"{'https' if is_tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
