"""A contract's test is written once, and played in every world: on the stock loop with live adapters, or in virtual time."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Self

from simpy import Environment

from sim.engine.loop import VirtualLoop

Body = Coroutine[Any, Any, None]


class World:
    """Where a test is played: on the stock loop. What it makes is there within ``async with``, and ended by its end."""

    async def __aenter__(self) -> Self:
        self.build()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End what was made."""

    def build(self) -> None:
        """Make what takes a running loop."""

    def run(self, body: Body) -> None:
        """Run a test's body."""
        asyncio.run(body)


class InVirtualTime(World):
    """The same on the virtual loop."""

    def run(self, body: Body) -> None:
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
