"""Looking things up by their ids, several at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from nodes.clients.errors import ClientError, NotFound, Passing, Unreachable
from nodes.clients.network import Listed
from nodes.clients.objects import Identified

_AT_ONCE = 8
"""Requests under way at one time."""


async def look_up(ask: Callable[[str], Awaitable[Identified]], ids: Iterable[str]) -> Listed:
    """Return what these ids name, once each. What is not there is left out: it may be gone."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(identifier: str) -> Identified | ClientError | None:
        async with gate:
            try:
                return await ask(identifier)
            except NotFound:
                return None
            except (Passing, Unreachable) as error:
                return error

    told = await asyncio.gather(*(one(identifier) for identifier in dict.fromkeys(ids)))
    items = [each for each in told if isinstance(each, Identified)]
    return Listed(items, [each for each in told if isinstance(each, ClientError)])
