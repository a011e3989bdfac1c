"""Following one thing: told now, and each time it has changed, by events and by looking now and then."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

from nodes.clients.errors import ClientError, Passing, Unreachable
from nodes.clients.events import Away, EventStream
from nodes.clients.objects import Told

T = TypeVar("T", bound=Told)

_LOOK_EVERY_S = 10.0
"""A node without a broker hears nothing of others' points; then this is how late one is told."""


async def follow(
    stream: EventStream, look: Callable[[], Awaitable[T]], away: Callable[[ClientError], None]
) -> AsyncGenerator[T]:
    """Yield what ``look`` returns, now and whenever it has changed, without end. Close it with ``aclosing``.

    ``away`` is told when no node answers; it is tried again. Raises what ``look`` raises otherwise.
    """
    news = asyncio.Event()
    reading = asyncio.create_task(_read(stream, news, away))
    before: T | None = None
    try:
        while True:
            try:
                found = await look()
            except (Passing, Unreachable) as error:
                away(error)
            else:
                if before is None or found.told != before.told:
                    before = found
                    yield found
            if reading.done():
                reading.result()
            with suppress(TimeoutError):
                await asyncio.wait_for(news.wait(), _LOOK_EVERY_S)
            news.clear()
    finally:
        reading.cancel()
        await asyncio.wait([reading])


async def _read(stream: EventStream, news: asyncio.Event, away: Callable[[ClientError], None]) -> None:
    try:
        async with aclosing(stream.read()) as items:
            async for item in items:
                if isinstance(item, Away):
                    away(item.error)
                else:
                    news.set()
    finally:
        news.set()
