"""One correct run in which everything happens that a mutation may want to bend."""

from dataclasses import dataclass
from functools import cache

from tests.sim.audit.laboratory import START_MS, Laboratory
from tests.sim.audit.run_folder import Row, RunFolder
from tests.sim.audit.simulated_node import Reply

MINUTE_MS = 60_000
A, B, C, D = "server1.a", "server1.b", "server2.c", "server2.d"


def at(minutes: float) -> int:
    """Return that many minutes after the run's start."""
    return START_MS + int(minutes * MINUTE_MS)


@dataclass(frozen=True)
class Script:
    """The run, and the ids of what was made in it, by name."""

    run: RunFolder
    ids: dict[str, str]

    def copy(self) -> "Script":
        return Script(self.run.copy(), self.ids)

    def held(self, name: str) -> Row:
        return self.run.row("reservation", self.ids[name])

    def session(self, name: str) -> Row:
        return self.run.row("session", self.ids[name])


class _Play:
    def __init__(self) -> None:
        self.laboratory = Laboratory()
        self.node = self.laboratory.add_node("server1", "a", "b")
        self.laboratory.add_node("server2", "c", "d")
        self.cars = [self.laboratory.add_vehicle() for _ in range(9)]
        self.ids: dict[str, str] = {}

    def until(self, minutes: float) -> None:
        self.laboratory.wait(at(minutes) - self.laboratory.now_ms)
        for node in self.laboratory.nodes.values():
            for point in node.points.values():
                point.tick(self.laboratory.now_ms)

    def reserve(self, car: int, point: str, start: float, end: float, name: str = "") -> Reply:
        window = {"start_ms": at(start), "end_ms": at(end)}
        reply = self.laboratory.ask(self.cars[car], "reserve", point, driver_id=f"v{car}", **window)
        return self._named(name, reply)

    def ask(self, car: int, f: str, point: str, name: str = "", **asked: object) -> Reply:
        return self._named(name, self.laboratory.ask(self.cars[car], f, point, **asked))

    def _named(self, name: str, reply: Reply) -> Reply:
        assert (reply.error is None) == bool(name), reply
        if name:
            self.ids[name] = reply.body["id"]
        return reply

    def read(self, point: str) -> None:
        self.laboratory.ask(self.cars[8], "read", point)


@cache
def scripted_run() -> Script:
    """Play the run. Copy it before you bend it."""
    play = _Play()
    _morning(play)
    _noon(play)
    _evening(play)
    return Script(play.laboratory.finish(), play.ids)


def _morning(play: _Play) -> None:
    """Reservations that touch, a refusal, a cancelled window that somebody else takes, an answer that is lost."""
    play.reserve(0, A, 10, 40, "used")
    assert play.reserve(1, A, 39, 60).error == "window-taken"
    play.reserve(1, A, 40, 70, "missed")
    play.reserve(2, A, 80, 110, "returned")
    play.read(A)
    play.ask(2, "cancel", A, "returned", id=play.ids["returned"])
    play.reserve(3, A, 80, 100, "overrun")
    laboratory, car = play.laboratory, play.cars[4]
    asked = {"driver_id": "v4", "start_ms": at(120), "end_ms": at(150)}
    lost = laboratory.invoke(car, "reserve", A, asked, "k4-lost")
    laboratory.execute(lost)
    laboratory.lose(lost)
    again = laboratory.invoke(car, "reserve", A, asked, "k4-lost")
    laboratory.execute(again)
    laboratory.deliver(again)
    assert again.reply is not None
    play.ids["retried"] = again.reply.body["id"]


def _noon(play: _Play) -> None:
    """A session from plug-in to unplug, with everything that is refused on the way; then a no-show."""
    play.until(10)
    play.ask(0, "start", A, "charge", reservation_id=play.ids["used"], max_energy_wh=9_000)
    charge = play.ids["charge"]
    play.until(15)
    play.ask(0, "meter", A, "charge", id=charge, energy_wh=1_500)
    play.read(A)
    assert play.ask(5, "start", A, driver_id="v5", end_ms=at(30)).error == "point-occupied"
    play.until(20)
    play.ask(0, "meter", A, "charge", id=charge, energy_wh=3_000)
    assert play.ask(0, "meter", A, id=charge, energy_wh=2_000).error == "meter-went-back"
    play.until(35)
    play.ask(0, "stop", A, "charge", id=charge, energy_wh=9_000)
    assert play.ask(0, "meter", A, id=charge, energy_wh=9_000).error == "session-over"
    assert play.ask(0, "cancel", A, id=play.ids["used"]).error == "reservation-over"
    play.until(51)


def _evening(play: _Play) -> None:
    """A crash, a walk-up that ends with a fault, maintenance, an overrun; on other points what is still under way."""
    play.until(60)
    play.node.restart()
    play.read(A)
    play.ask(5, "start", A, "walk-up", driver_id="v5", end_ms=at(75))
    play.until(65)
    point, now_ms = play.node.points[A], play.laboratory.now_ms
    point.change(now_ms, fault="no contact")
    point.change(now_ms, fault=None, maintenance=True)
    assert play.reserve(6, A, 200, 220).error == "point-unavailable"
    point.change(play.laboratory.now_ms, maintenance=False)
    assert play.ask(6, "cancel", A, id=f"{A}.r9-9").error == "unknown-reservation"
    assert play.ask(6, "stop", A, id=f"{A}.s9-9", energy_wh=1).error == "unknown-session"
    play.until(85)
    play.ask(3, "start", A, "overrun-charge", reservation_id=play.ids["overrun"])
    play.until(90)
    play.reserve(7, C, 110, 140, "elsewhere")
    play.ask(6, "start", B, "running", driver_id="v6", end_ms=at(140))
    play.until(100)
    play.ask(6, "meter", B, "running", id=play.ids["running"], energy_wh=1_000)
    play.until(106)
    play.read(A)
    play.read(B)
