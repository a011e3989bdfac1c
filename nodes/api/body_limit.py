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
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        seen = int(told) if told.isdigit() else 0

        async def limited() -> Message:
            nonlocal seen
            if seen > self._bytes_max:
                raise HTTPException(413, f"the body is larger than {self._bytes_max} bytes")
            message = await receive()
            if told == b"0":
                seen += len(message.get("body", b""))
                if seen > self._bytes_max:
                    raise HTTPException(413, f"the body is larger than {self._bytes_max} bytes")
            return message

        await self._app(scope, limited, send)
