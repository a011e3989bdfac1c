"""Where the ``Clock`` contract is played: live, live with its long waits in virtual time, and simulated."""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable

import pytest

from nodes import live
from nodes.live import LiveClock, MachineTime
from nodes.ports import Clock
from sim.worlds.virtual.clock import VirtualClock
from tests.nodes.contracts.playing import InVirtualTime, World, virtual_loop

START_MS = 1_800_000_000_000


class ClockWorld(World, ABC):
    """A clock whose civil time can be set. ``unit_s`` is a time that is short here, and far above the clock's grain."""

    unit_s = 10.0
    noticed_s = 60.0
    """Within this time it notices that civil time has jumped."""
    grain_s = 0.01
    clock: Clock

    @abstractmethod
    def jump(self, by_s: float) -> None:
        """Set civil time forward, or back."""


class LiveClockWorld(ClockWorld):
    """The machine's time, which only the test may set; the longest wait is made short, for nobody has a minute."""

    unit_s = 0.2
    noticed_s = 0.4
    grain_s = 0.15

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live, "_LONGEST_WAIT_S", self.noticed_s)

    def build(self) -> None:
        self._time = MovedTime(MachineTime().now_ms)
        self.clock = LiveClock(self._time)

    def jump(self, by_s: float) -> None:
        self._time.ahead_ms += round(by_s * 1000)


class LiveClockInVirtualTime(InVirtualTime, ClockWorld):
    """The live clock as it is, minutes and all."""

    def build(self) -> None:
        loop = virtual_loop()
        self._time = MovedTime(lambda: START_MS + int(loop.time() * 1000 + 1e-6))
        self.clock = LiveClock(self._time)

    def jump(self, by_s: float) -> None:
        self._time.ahead_ms += round(by_s * 1000)


class VirtualClockWorld(InVirtualTime, ClockWorld):
    """``ppm``: how many millionths it runs too fast; it is off by ``skew_ms``."""

    def __init__(self, skew_ms: float = 0.0, ppm: float = 0.0) -> None:
        self._skew_ms = skew_ms
        self._ppm = ppm

    def build(self) -> None:
        self._virtual = VirtualClock(virtual_loop(), START_MS, random.Random(1), skew_ms=self._skew_ms)
        self._virtual.drift(self._ppm)
        self.clock = self._virtual

    def jump(self, by_s: float) -> None:
        self._virtual.jump(by_s * 1000)


class MovedTime(MachineTime):
    """A machine's time that somebody sets."""

    def __init__(self, machine_ms: Callable[[], int]) -> None:
        self.ahead_ms = 0
        self._machine_ms = machine_ms

    def now_ms(self) -> int:
        return self._machine_ms() + self.ahead_ms
