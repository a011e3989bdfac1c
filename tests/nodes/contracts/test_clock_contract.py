"""What every ``Clock`` promises, whoever sets it."""

import asyncio
from contextvars import ContextVar

import pytest

from nodes.ports import Clock
from tests.nodes.contracts.clock_worlds import ClockWorld, LiveClockInVirtualTime, LiveClockWorld, VirtualClockWorld
from tests.nodes.contracts.playing import played

NAME: ContextVar[str] = ContextVar("name")


@pytest.fixture(params=["live", "live in virtual time", "virtual", "virtual, skewed and drifting"])
def world(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ClockWorld:
    match request.param:
        case "live":
            return LiveClockWorld(monkeypatch)
        case "live in virtual time":
            return LiveClockInVirtualTime()
        case "virtual":
            return VirtualClockWorld()
        case _:
            return VirtualClockWorld(skew_ms=-1234.5, ppm=300.0)


class Waiter:
    """Waits for a civil time as the node does: called early, it looks at the clock and waits on."""

    def __init__(self, clock: Clock, when_ms: int) -> None:
        self.clock = clock
        self.when_ms = when_ms
        self.calls = 0
        self.reached_s: float | None = None
        """When it was, in process time."""
        self.at_ms = 0
        self.timer = clock.call_at_ms(when_ms, self._called)

    def _called(self) -> None:
        self.calls += 1
        if self.clock.now_ms() >= self.when_ms:
            self.at_ms, self.reached_s = self.clock.now_ms(), self.clock.monotonic_s()
        else:
            self.timer = self.clock.call_at_ms(self.when_ms, self._called)


@played
async def test_civil_time_passes_as_process_time_does(world: ClockWorld) -> None:
    """To within what a quartz clock is off."""
    clock = world.clock
    civil_ms, process_s = clock.now_ms(), clock.monotonic_s()
    await clock.sleep_s(world.unit_s)
    passed_s = clock.monotonic_s() - process_s
    assert passed_s >= world.unit_s - 1e-3
    assert (clock.now_ms() - civil_ms) / 1000 == pytest.approx(passed_s, abs=world.grain_s)
    assert isinstance(clock.now_ms(), int)


@played
async def test_a_call_at_a_civil_time_comes_when_it_is_that_time(world: ClockWorld) -> None:
    """Neither late nor for ever early: windows open and no-shows end at their milliseconds."""
    clock, unit_ms = world.clock, round(1000 * world.unit_s)
    begun_s = clock.monotonic_s()
    waiters = [Waiter(clock, clock.now_ms() + units * unit_ms) for units in (3, 1, 9, 2)]
    await clock.sleep_s(10 * world.unit_s)
    for waiter, units in zip(waiters, (3, 1, 9, 2), strict=True):
        assert waiter.reached_s is not None
        assert waiter.reached_s - begun_s == pytest.approx(units * world.unit_s, abs=world.grain_s, rel=1e-3)
        assert 0 <= waiter.at_ms - waiter.when_ms <= 1000 * world.grain_s
        assert waiter.calls <= 1 + units * world.unit_s / world.noticed_s


@played
async def test_a_civil_time_that_is_past_is_called_soon_and_not_at_once(world: ClockWorld) -> None:
    """Soon, for it is due; never from within the call that asks, whose caller is in the middle of something."""
    clock = world.clock
    for when_ms in (clock.now_ms(), clock.now_ms() - 1, clock.now_ms() - 86_400_000, 0, -5):
        waiter = Waiter(clock, when_ms)
        assert waiter.calls == 0
        await clock.sleep_s(world.grain_s)
        assert waiter.calls == 1
        assert waiter.reached_s is not None


@played
async def test_what_is_cancelled_is_not_called(world: ClockWorld) -> None:
    """Neither civil nor process timers, also not when they were due in the same moment; cancelling twice is no mistake."""
    clock, called = world.clock, []
    timers = [
        clock.call_at_ms(clock.now_ms() + round(500 * world.unit_s), lambda: called.append("civil")),
        clock.call_at_ms(clock.now_ms() - 1, lambda: called.append("past")),
        clock.call_later_s(world.unit_s / 2, lambda: called.append("process")),
        clock.call_later_s(0, lambda: called.append("at once")),
    ]
    kept = clock.call_later_s(world.unit_s / 2, lambda: called.append("kept"))
    for timer in timers:
        timer.cancel()
        timer.cancel()
    await clock.sleep_s(world.unit_s)
    assert called == ["kept"]
    kept.cancel()


@played
async def test_cancelling_one_timer_leaves_the_others(world: ClockWorld) -> None:
    """Also from within a call, and of one that has been called already."""
    clock, called = world.clock, []
    when_ms = clock.now_ms() + round(500 * world.unit_s)
    first = clock.call_at_ms(when_ms - round(100 * world.unit_s), lambda: (called.append("first"), second.cancel()))
    second = clock.call_at_ms(when_ms, lambda: called.append("second"))
    third = clock.call_at_ms(when_ms, lambda: (called.append("third"), first.cancel(), third.cancel()))
    await clock.sleep_s(world.unit_s)
    assert called == ["first", "third"]


@played
async def test_process_timers_come_in_their_order(world: ClockWorld) -> None:
    """And a wait is as long as it was meant to be."""
    clock, called = world.clock, []
    begun_s = clock.monotonic_s()
    for share in (0.75, 0.25, 0.5):
        clock.call_later_s(share * world.unit_s, lambda share=share: called.append((share, clock.monotonic_s())))  # type: ignore[misc]
    await clock.sleep_s(world.unit_s)
    assert [share for share, _ in called] == [0.25, 0.5, 0.75]
    for share, at_s in called:
        assert at_s - begun_s == pytest.approx(share * world.unit_s, abs=world.grain_s)


@played
async def test_a_wait_of_nothing_lets_others_run(world: ClockWorld) -> None:
    """Who waits 0 s, or less, gives everybody else a turn, and goes on."""
    clock, order = world.clock, []

    async def other() -> None:
        order.append("other")

    task = asyncio.ensure_future(other())
    await clock.sleep_s(0)
    order.append("waited")
    await clock.sleep_s(-1)
    await task
    assert order == ["other", "waited"]


@played
async def test_a_wait_ends_when_it_is_cancelled(world: ClockWorld) -> None:
    """Everything that ends a node waits for its tasks."""
    clock = world.clock
    waiting = asyncio.ensure_future(clock.sleep_s(1_000_000))
    begun_s = clock.monotonic_s()
    await clock.sleep_s(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert clock.monotonic_s() - begun_s < 1


@played
async def test_a_jump_forward_is_noticed(world: ClockWorld) -> None:
    """A laptop that woke, a clock that was set: what is due now is done within a minute, not hours later."""
    clock = world.clock
    waiter = Waiter(clock, clock.now_ms() + 7_200_000)
    await clock.sleep_s(world.unit_s / 4)
    begun_s = clock.monotonic_s()
    world.jump(3 * 3_600)
    assert waiter.calls == 0, "nobody is called from within a jump"
    await clock.sleep_s(world.noticed_s + world.grain_s)
    assert waiter.reached_s is not None
    assert waiter.reached_s - begun_s <= world.noticed_s + world.grain_s


@played
async def test_a_jump_back_makes_who_waits_wait_on(world: ClockWorld) -> None:
    """The time waited for comes later then; nobody may act as if it had come."""
    clock = world.clock
    waiter = Waiter(clock, clock.now_ms() + round(500 * world.unit_s))
    world.jump(-5 * world.unit_s)
    await clock.sleep_s(4.5 * world.unit_s)
    assert waiter.reached_s is None
    await clock.sleep_s(world.unit_s + world.noticed_s)
    assert waiter.reached_s is not None


@played
async def test_process_time_knows_no_jumps(world: ClockWorld) -> None:
    """Waits are timed by it: it never goes back, and a clock that is set changes no wait."""
    clock, seen = world.clock, []
    called: list[float] = []
    begun_s = clock.monotonic_s()
    clock.call_later_s(world.unit_s, lambda: called.append(clock.monotonic_s()))
    for by_s in (3_600, -7_200, 86_400):
        world.jump(by_s)
        seen.append(clock.monotonic_s())
        await clock.sleep_s(world.unit_s / 4)
    await clock.sleep_s(world.unit_s / 2)
    assert seen == sorted(seen)
    assert called[0] - begun_s == pytest.approx(world.unit_s, abs=world.grain_s)


@played
async def test_what_a_call_asks_for_runs_in_the_context_that_asked(world: ClockWorld) -> None:
    """Traces and lives follow context variables, also through a clock that was set in the meantime."""
    clock, seen = world.clock, []

    async def ask(name: str) -> None:
        NAME.set(name)
        clock.call_at_ms(clock.now_ms() + 3_600_000, lambda: seen.append(NAME.get()))

    await asyncio.gather(ask("one"), ask("two"))
    NAME.set("test")
    world.jump(4_000)
    await clock.sleep_s(world.noticed_s + world.grain_s)
    assert sorted(seen) == ["one", "two"]
