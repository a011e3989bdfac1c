"""Between SimPy processes and coroutines in virtual time; ``sim.engine.pacing`` is the same by the clock on the wall."""

from collections.abc import Coroutine
from typing import Any

from simpy.events import Event

from sim.engine.loop import VirtualLoop


class VirtualBridge:
    """Nothing is ever late: what is due at a time happens at that time."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop

    def event_of(self, coroutine: Coroutine[Any, Any, Any]) -> Event:
        """Run a coroutine; return an event that has its result."""
        return self._loop.event_of(coroutine)

    def elapsed_ns(self) -> int:
        """Return the virtual time since the scenario began."""
        return max(0, round(self._loop.time() * 1e9))

    def due_ns(self, simulated_s: float) -> int:
        """Return the same for another time."""
        return max(0, round(simulated_s * 1e9))
