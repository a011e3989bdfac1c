"""Asking the servers at the ports that they are published at."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

_TIMEOUT = aiohttp.ClientTimeout(total=60)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: Any


class Server:
    """A server on this machine's loopback, asked with a token or without."""

    def __init__(self, session: aiohttp.ClientSession, port: int, token: str | None = None) -> None:
        self.url = f"http://localhost:{port}"
        self._session = session
        self._headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    async def send(self, method: str, path: str, json: Any = None, **headers: str) -> Reply:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self._session.request(method, self.url + path, json=json, headers=self._headers | named) as response:
            is_json = "json" in response.headers.get("Content-Type", "")
            return Reply(response.status, await (response.json(content_type=None) if is_json else response.text()))

    async def get(self, path: str) -> Reply:
        return await self.send("GET", path)

    async def post(self, path: str, json: Any = None, **headers: str) -> Reply:
        return await self.send("POST", path, json, **headers)


@asynccontextmanager
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """Have an HTTP session in which a request is sent once, and no proxy is asked."""
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=False) as made:
        yield made
