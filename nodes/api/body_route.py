"""The short way for requests whose only input is a JSON body."""

from collections.abc import Awaitable, Callable
from typing import Any, get_type_hints

import orjson
from fastapi import Request as HttpRequest
from fastapi import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

_JSON = (b"content-type", b"application/json")


class BodyRoute(APIRoute):
    """A route that reads the body itself if its endpoint is ``endpoint(body, http)``: FastAPI takes 100 us to do so.

    Other endpoints, and whatever is not a flawless JSON body, go FastAPI's way, so that every error is the same.
    """

    def __init__(self, path: str, endpoint: Callable[..., Awaitable[Response]], **settings: Any) -> None:
        super().__init__(path, endpoint, **settings)
        hints = get_type_hints(endpoint)
        takes_body = list(hints) == ["body", "http", "return"] and issubclass(hints["body"], BaseModel)
        self._validate = hints["body"].__pydantic_validator__.validate_python if takes_body else None

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ``starlette.routing.BaseRoute.handle``."""
        if self._validate is None or _JSON not in scope["headers"] or scope["method"] not in (self.methods or ()):
            await super().handle(scope, receive, send)
            return
        request = HttpRequest(scope, receive, send)
        try:
            content = await request.body()
        except ClientDisconnect:
            return  # nobody waits for an answer
        try:
            body = self._validate(orjson.loads(content))
        except (orjson.JSONDecodeError, ValidationError):
            await super().handle(scope, _again(content, receive), send)
            return
        response = await self.endpoint(body, request)
        await response(scope, receive, send)


def _again(content: bytes, receive: Receive) -> Receive:
    """Return what gives the body once more, and then what ``receive`` gives."""
    left: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive_again() -> Message:
        return left.pop() if left else await receive()

    return receive_again
