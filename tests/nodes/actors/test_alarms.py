"""Alarms: the right points at the right time, one timer for all, none when nothing is due."""

from hypothesis import given
from hypothesis import strategies as st

from nodes.actors.alarms import Alarms
from tests.nodes.manual_clock import ManualClock


class Bench:
    """Alarms on a clock that the test moves; ``woken`` says who, and when."""

    def __init__(self, burst: int = 100) -> None:
        self.clock = ManualClock(1_000_000)
        self.woken: list[tuple[int, str]] = []
        self.alarms = Alarms(self.clock, self.wake, burst=burst)

    def wake(self, point_id: str) -> None:
        self.woken.append((self.clock.now_ms() - 1_000_000, point_id))

    def set(self, point_id: str, due_ms: int | None) -> None:
        self.alarms.set(point_id, None if due_ms is None else 1_000_000 + due_ms)

    @property
    def timers(self) -> int:
        return sum(timer.callback is not None for _, _, timer in self.clock._timers)


async def test_points_are_woken_in_order_of_time_whatever_order_they_were_set_in() -> None:
    """The earliest alarm decides when the one timer rings."""
    bench = Bench()
    for point, due_ms in (("c", 3_000), ("a", 1_000), ("d", 4_000), ("b", 2_000)):
        bench.set(point, due_ms)
    assert bench.timers == 1
    await bench.clock.advance(10)
    assert bench.woken == [(1_000, "a"), (2_000, "b"), (3_000, "c"), (4_000, "d")]
    assert len(bench.alarms) == 0
    assert bench.timers == 0


async def test_at_the_same_time_points_are_woken_in_order_of_id() -> None:
    """Two runs of one seed must wake in the same order."""
    bench = Bench()
    for point in ("c", "a", "b"):
        bench.set(point, 1_000)
    await bench.clock.advance(1)
    assert [point for _, point in bench.woken] == ["a", "b", "c"]


async def test_a_replaced_alarm_rings_at_its_new_time_only() -> None:
    """A reservation was cancelled, an earlier or a later one is next."""
    bench = Bench()
    bench.set("later", 1_000)
    bench.set("later", 5_000)
    bench.set("sooner", 5_000)
    bench.set("sooner", 2_000)
    await bench.clock.advance(10)
    assert bench.woken == [(2_000, "sooner"), (5_000, "later")]


async def test_a_cancelled_alarm_never_rings_and_can_be_set_again() -> None:
    """Also when the same time is set anew while the old entry still lies in the heap."""
    bench = Bench()
    bench.set("a", 1_000)
    bench.set("a", None)
    assert len(bench.alarms) == 0
    bench.set("a", 1_000)
    bench.set("b", 1_000)
    bench.set("b", None)
    bench.set("nobody", None)
    await bench.clock.advance(10)
    assert bench.woken == [(1_000, "a")]


async def test_an_alarm_in_the_past_rings_at_once_and_not_from_within_set() -> None:
    """After a restart much may be overdue; but an actor must not be woken in the middle of its own work."""
    bench = Bench()
    bench.set("a", -5_000)
    assert bench.woken == []
    await bench.clock.advance(0)
    assert bench.woken == [(0, "a")]


async def test_a_flood_of_alarms_is_woken_in_bursts() -> None:
    """P10: ten thousand windows that end at noon must not hold up the requests of noon."""
    bench = Bench(burst=4)
    for number in range(10):
        bench.set(f"p{number}", 1_000)
    sizes: list[int] = []
    ring = bench.alarms._ring

    def counted() -> None:
        before = len(bench.woken)
        ring()
        sizes.append(len(bench.woken) - before)

    bench.alarms._ring = counted  # type: ignore[method-assign]
    bench.set("first", 1_000 - 1)  # arms a new timer, which calls the counted one
    await bench.clock.advance(2)
    assert len(bench.woken) == 11
    assert max(sizes) == 4


async def test_a_clock_that_rings_early_wakes_nobody_early() -> None:
    """``call_at_ms`` may call before the time, to look again: civil time can jump."""
    bench = Bench()
    bench.set("a", 1_000)
    bench.alarms._ring()
    assert bench.woken == []
    await bench.clock.advance(2)
    assert bench.woken == [(1_000, "a")]


async def test_after_stop_nobody_is_woken_any_more() -> None:
    """A stopping node still empties its mailboxes; what they set must not ring into a closed store."""
    bench = Bench()
    bench.set("a", 1_000)
    bench.alarms.stop()
    bench.set("b", 2_000)
    bench.set("a", None)
    await bench.clock.advance(10)
    assert bench.woken == []
    assert len(bench.alarms) == bench.timers == 0


async def test_replacing_an_alarm_for_ever_does_not_grow_memory() -> None:
    """P10: a point reserved and cancelled a million times has one alarm, and one entry or a few."""
    bench = Bench()
    for number in range(5_000):
        bench.set("a", 1_000_000 + number)
        bench.set("b", None if number % 2 else 2_000_000)
    assert len(bench.alarms._heap) < 100
    assert bench.timers == 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 20))), max_size=80))
async def test_only_the_last_setting_of_each_point_counts(steps: list[tuple[str, int | None]]) -> None:
    """Against the naive model: a dictionary."""
    bench = Bench(burst=2)
    for point, due_ms in steps:
        bench.set(point, due_ms)
    await bench.clock.advance(1)
    assert bench.woken == sorted((due_ms, point) for point, due_ms in dict(steps).items() if due_ms is not None)
    assert bench.timers == 0
