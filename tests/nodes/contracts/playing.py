"""A contract's test is written once, and played in every world: on the stock loop with live adapters, or in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from functools import wraps
from typing import Any, Protocol

from simpy import Environment

from sim.engine.loop import VirtualLoop

Body = Coroutine[Any, Any, None]


class World(AbstractAsyncContextManager[Any], Protocol):
    """Where a test is played. What it makes is there from ``async with`` on, and is ended by its end."""

    def run(self, body: Body) -> None:
        """Run a test's body on this world's loop."""


def on_the_stock_loop(body: Body) -> None:
    asyncio.run(body)


def in_virtual_time(body: Body) -> None:
    VirtualLoop(Environment()).run_until_complete(body)  # type: ignore[abstract]


def virtual_loop() -> VirtualLoop:
    """Return the virtual loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    return loop


def played(test: Callable[..., Body]) -> Callable[..., None]:
    """Let an ``async`` test run in the world that its fixture ``world`` offers."""

    @wraps(test)
    def play(world: World, **fixtures: Any) -> None:
        async def body() -> None:
            async with world:
                await test(world=world, **fixtures)

        world.run(body())

    return play


async def until(condition: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something is so; on a busy machine that may take a while, in virtual time it costs nothing."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
