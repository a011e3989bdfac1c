"""No request body is larger than a bound, whether its length was told or not."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware: whoever reads more than ``bytes_max`` of a body gets an ``HTTPException`` with status 413."""

    def __init__(self, app: ASGIApp, bytes_max: int) -> None:
        self._app = app
        self._bytes_max = bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http" or scope["method"] == "GET":
            await self._app(scope, receive, send)
            return
        told = next((value for name, value in scope["headers"] if name == b"content-length"), None)
        if told is not None and told.isdigit() and int(told) <= self._bytes_max:
            await self._app(scope, receive, send)  # the HTTP server reads no more than that
            return
        seen = 0 if told is None else self._bytes_max + 1

        async def limited() -> Message:
            nonlocal seen
            if seen > self._bytes_max:
                raise HTTPException(413, f"the body is larger than {self._bytes_max} bytes")
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._bytes_max:
                raise HTTPException(413, f"the body is larger than {self._bytes_max} bytes")
            return message

        await self._app(scope, limited, send)
