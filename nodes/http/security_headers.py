"""What every answer says of how a browser is to take it. Pages say more (``nodes.api.docs_page``, ``nodes.web``)."""

from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SECURITY_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
]
"""An answer is what it says it is, is shown in no other page, and tells no other site of this one."""
_INSIST = (b"strict-transport-security", b"max-age=31536000")
"""A year. Without TLS it would mean nothing; where it is switched on, a browser that was here insists on it."""


class InsistsOnTls:
    """ASGI middleware: tells browsers to insist on TLS with this host, unless they call it ``localhost``.

    That name is every program's on their machine, at any port, and a browser that insists (RFC 6797 knows no ports) reaches
    none of those that speak no TLS. Of IP addresses browsers remember nothing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""

        async def insist(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), _INSIST]}
            await send(message)

        is_told = scope["type"] == "http" and not _is_localhost(scope)
        await self._app(scope, receive, insist if is_told else send)


def _is_localhost(scope: Scope) -> bool:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:  # no address at all
        return False
    return name.rstrip(".") == "localhost" or name.rstrip(".").endswith(".localhost")
