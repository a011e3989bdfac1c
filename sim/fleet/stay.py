"""A stay at a point: plugging in by a reservation, charging, unplugging."""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from simpy.events import Event

from nodes.domain.commands import Meter, StartReservation, Stop
from nodes.request import Request
from sim.fleet.battery import Charge
from sim.fleet.desk import Outcome
from sim.fleet.driver import Driver
from sim.history import Json

CLOSING = Outcome("fail", error="closing")
"""The run closed while the driver waited for a point."""
_MS = 1000


@dataclass(frozen=True, slots=True)
class Stay:
    """What a driver does at a point, as parts of the vehicle's process."""

    driver: Driver

    def arrive(self, reservation: Json, until_s: float) -> Generator[Event, Any, Outcome]:
        """Drive there and plug in; a point that is still in use is waited for, until ``until_s``.

        The outcome has the session, or why there is none.
        """
        driver = self.driver
        arrival_s = driver.simulated_s(reservation["start_ms"]) + driver.plan.lateness_s
        yield from driver.wait(arrival_s - driver.now_s)
        charge = self.charge_of(reservation["point_id"])
        action = StartReservation(reservation["id"], driver.id, charge.room_wh)
        value = {"reservation_id": reservation["id"], "max_energy_wh": charge.room_wh}
        while not driver.desk.closing.triggered:
            request = Request(reservation["point_id"], action, driver.new_key())
            outcome = yield from driver.ask("start", request, value)
            if outcome.kind == "ok":
                driver.desk.line.taken(reservation["point_id"])
                return outcome
            body = outcome.body if isinstance(outcome.body, dict) else {}
            retry_ms = body.get("free_from_ms") or body.get("start_from_ms")
            if retry_ms is None or driver.simulated_s(retry_ms) > until_s:
                return outcome
            yield from driver.wait(max(1.0, driver.simulated_s(retry_ms) - driver.now_s))
        return CLOSING

    def charge(self, session: Json, end_civil_s: float) -> Generator[Event, Any, Outcome]:
        """Charge until full, until the driver comes back, or until the run closes; then unplug.

        ``end_civil_s`` is when the window ends, in seconds since 1970. The outcome has the bill.
        """
        driver, desk = self.driver, self.driver.desk
        charge = self.charge_of(session["point_id"])
        plugged_s, overstay_s = driver.now_s, driver.plan.overstay_s
        leaves_s = max(plugged_s, end_civil_s - driver.civil_ms(0) / _MS + overstay_s)
        done_s = min(leaves_s, plugged_s + charge.duration_s) if not overstay_s else leaves_s
        interval_s = desk.scenario.fleet.meter_every_s
        while driver.now_s < done_s and not desk.closing.triggered:
            yield from driver.wait(min(interval_s, done_s - driver.now_s))
            if driver.now_s < done_s and not desk.closing.triggered:
                energy_wh = charge.energy_wh(driver.now_s - plugged_s)
                reading = {"id": session["id"], "energy_wh": energy_wh}
                meter = Meter(session["id"], energy_wh, driver.id)
                request = Request(session["point_id"], meter, driver.new_key())
                metered = yield from driver.ask("meter", request, reading)
                if metered.error == "session-over":
                    break
        energy_wh = charge.energy_wh(driver.now_s - plugged_s)
        request = Request(session["point_id"], Stop(session["id"], energy_wh, driver.id), driver.new_key())
        outcome = yield from driver.ask("stop", request, {"id": session["id"], "energy_wh": energy_wh})
        desk.line.freed(session["point_id"])
        return outcome

    def charge_of(self, point_id: str) -> Charge:
        """Return how the vehicle would charge at a point."""
        plan, point = self.driver.plan, self.driver.desk.city.by_id.get(point_id)
        power_w = min(plan.power_w, point.max_power_w) if point is not None else plan.power_w
        return Charge(power_w, plan.capacity_wh, plan.soc, plan.taper_from, plan.wanted_wh)
