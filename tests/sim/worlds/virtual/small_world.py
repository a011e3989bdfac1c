"""Two simulated machines with a few points each, in virtual time, for tests of what happens to machines."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from simpy import Environment

from sim.engine.loop import VirtualLoop
from sim.fleet.city import City
from sim.fleet.fleet import Fleet
from sim.scenario.load import load_scenario
from sim.worlds.virtual.world import VirtualWorld

SMOKE = Path("scenarios/smoke.yaml")


class SmallWorld:
    """A world, and what it told of its nodes' lives."""

    def __init__(self, folder: Path, *settings: str) -> None:
        loaded = load_scenario(SMOKE.absolute(), list(settings))
        self.loop = VirtualLoop(Environment())  # type: ignore[abstract]
        self.told: list[tuple[str, list[dict[str, Any]]]] = []
        """Gauges, by node, at the end of each life."""
        self.copies: list[str] = []
        scenario = loaded.scenario
        city: City = Fleet(scenario).city
        (folder / "nodes").mkdir(parents=True, exist_ok=True)
        self.world = VirtualWorld(
            scenario, city, folder / "nodes", self.loop, lambda *told: self.told.append(told), self.copies.append
        )

    def play(self, body: Callable[["SmallWorld"], Coroutine[Any, Any, None]]) -> None:
        """Run a body with both nodes up and knowing each other."""

        async def main() -> None:
            await self.world.start()
            await self.world.settled(60)
            await body(self)
            await self.world.stop()

        try:
            self.loop.run_until_complete(main())
        finally:
            self.world.abandon()

    def fault(self, model: Any, **fields: Any) -> Any:
        return model.model_validate({"at_s": 0, **fields})
