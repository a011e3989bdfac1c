"""A simulated network on a loop of its own, for tests of what stands on it."""

from collections.abc import Callable, Coroutine
from typing import Any

from simpy import Environment

from sim.engine.loop import VirtualLoop
from sim.scenario.faults import Delay, Duplicate, Loss, OneWay, Partition, Reorder
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.chance import Chance
from sim.worlds.virtual.network import Network

KINDS = {
    "partition": Partition,
    "one_way": OneWay,
    "loss": Loss,
    "delay": Delay,
    "duplicate": Duplicate,
    "reorder": Reorder,
}
LATENCY_MS = (1.0, 3.0)


def new_network(seed: int = 1, **virtual: Any) -> Network:
    loop = VirtualLoop(Environment())  # type: ignore[abstract]
    settings = Virtual.model_validate({"latency_ms": {"uniform": list(LATENCY_MS)}, **virtual})
    return Network(loop, settings, Chance(seed, "network"))


def fault(kind: str, **fields: Any) -> Any:
    return KINDS[kind].model_validate({"at_s": 0, "kind": kind, **fields})  # type: ignore[attr-defined]


def play(network: Network, body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test's body in the network's virtual time."""
    network.loop.run_until_complete(body())
