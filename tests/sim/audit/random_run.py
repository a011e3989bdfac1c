"""Correct runs at random: concurrent vehicles, retries, lost answers, crashes, operators, and time that passes."""

from random import Random

from tests.sim.audit.laboratory import Laboratory, Pending, Vehicle
from tests.sim.audit.run_folder import Row, RunFolder
from tests.sim.audit.simulated_node import Reply

_MINUTE_MS = 60_000


class RandomRun:
    """Draws what happens next, ``steps`` times."""

    def __init__(self, seed: int, *, nodes: int = 2, points: int = 2, vehicles: int = 8, faults: bool = True) -> None:
        self.laboratory = Laboratory()
        self._rng = Random(seed)
        self._faults = faults
        for number in range(1, nodes + 1):
            self.laboratory.add_node(f"server{number}", *(f"p{slug}" for slug in range(1, points + 1)))
        self._points = [point for node in self.laboratory.nodes.values() for point in node.points]
        self._idle: list[Vehicle] = [self.laboratory.add_vehicle() for _ in range(vehicles)]
        self._pending: list[Pending] = []
        self._late: list[Pending] = []
        """Requests whose vehicle gave up, and that may still arrive."""
        self._reservations: dict[str, Vehicle] = {}
        self._sessions: dict[str, Vehicle] = {}

    def play(self, steps: int) -> RunFolder:
        for _ in range(steps):
            self._step()
        return self.laboratory.finish()

    def _step(self) -> None:
        rng, laboratory = self._rng, self.laboratory
        laboratory.wait(rng.choice((0, 0, 1, 20, 500, 2_000, 5_000, 60_000)))
        for node in laboratory.nodes.values():
            for point in node.points.values():
                point.tick(laboratory.now_ms)
        draw = rng.random()
        if draw < 0.005 and self._faults:
            self._crash()
        elif draw < 0.01 and self._faults:
            self._operate()
        elif draw < 0.03 and self._late:
            laboratory.execute(self._late.pop(rng.randrange(len(self._late))))
        elif draw < 0.5 and self._idle:
            vehicle = self._idle.pop(rng.randrange(len(self._idle)))
            self._pending.append(self._new_request(vehicle))
        elif self._pending:
            self._go_on(self._pending[rng.randrange(len(self._pending))])

    def _go_on(self, pending: Pending) -> None:
        draw = self._rng.random()
        if draw < 0.05 and self._faults:
            self._lose(pending, "timeout")
        elif pending.reply is not None:
            self._deliver(pending)
        elif draw < 0.1 and self._faults and pending.key is not None:
            self.laboratory.refuse(pending, *self._rng.choice(((429, "point-busy"), (503, "node-busy"))))
        else:
            self.laboratory.execute(pending)

    def _deliver(self, pending: Pending) -> None:
        self.laboratory.deliver(pending)
        self._pending.remove(pending)
        reply = pending.reply
        assert reply is not None
        if reply.status in (429, 503):
            self._again(pending)
            return
        self._idle.append(pending.vehicle)
        self._learn(pending, reply)

    def _learn(self, pending: Pending, reply: Reply) -> None:
        """Know of what was made; mostly forget what is over."""
        if reply.error is None and pending.f == "reserve":
            self._reservations[reply.body["id"]] = pending.vehicle
        elif reply.error is None and pending.f == "start":
            self._sessions[reply.body["id"]] = pending.vehicle
        if self._rng.random() < 0.1:
            return
        if pending.f == "cancel" or (pending.f == "start" and reply.error in (None, "reservation-over")):
            self._reservations.pop(pending.asked.get("id", pending.asked.get("reservation_id")), None)
        if (pending.f == "stop" and reply.error is None) or reply.error == "session-over":
            self._sessions.pop(pending.asked["id"], None)

    def _lose(self, pending: Pending, error: str) -> None:
        self.laboratory.lose(pending, error)
        self._pending.remove(pending)
        if pending.reply is None:
            self._late.append(pending)
        if pending.key is None or self._rng.random() < 0.2:
            self._idle.append(pending.vehicle)
        else:
            self._again(pending)

    def _again(self, pending: Pending) -> None:
        self._pending.append(
            self.laboratory.invoke(pending.vehicle, pending.f, pending.point, pending.asked, pending.key)
        )

    def _crash(self) -> None:
        node = self._rng.choice(list(self.laboratory.nodes.values()))
        self._late = [each for each in self._late if self.laboratory.node_of(each.point) is not node]
        for pending in list(self._pending):
            if self.laboratory.node_of(pending.point) is node:
                self._lose(pending, "disconnected")
        self._late = [each for each in self._late if self.laboratory.node_of(each.point) is not node]
        node.restart()

    def _operate(self) -> None:
        """Change price and terms, start or end maintenance, report or clear a fault."""
        point_id = self._rng.choice(self._points)
        point = self.laboratory.node_of(point_id).points[point_id]
        now_ms = self.laboratory.now_ms
        draw = self._rng.random()
        if point.unavailable:
            point.change(now_ms, maintenance=False, fault=None)
        elif draw < 0.5:
            terms = point.spec["terms"] | {"no_show_s": self._rng.choice((0, 120, 600, 1_200))}
            point.change(now_ms, price_per_kwh_minor=self._rng.randrange(100, 300), terms=terms)
        elif draw < 0.75:
            point.change(now_ms, maintenance=True)
        else:
            point.change(now_ms, fault="no contact")

    def _new_request(self, vehicle: Vehicle) -> Pending:
        f, point, asked = self._wish(vehicle)
        key = None if f == "read" else vehicle.new_key()
        return self.laboratory.invoke(vehicle, f, point, asked, key)

    def _wish(self, vehicle: Vehicle) -> tuple[str, str, Row]:
        rng, now_ms = self._rng, self.laboratory.now_ms
        point = rng.choice(self._points)
        mine = [name for name, owner in self._reservations.items() if owner is vehicle][-3:]
        sessions = [name for name, owner in self._sessions.items() if owner is vehicle][-2:]
        draw = rng.random()
        if sessions and draw < 0.5:
            name = rng.choice(sessions)
            started_ms = self._started_ms(name)
            flowed_wh = 22_000 * (now_ms - started_ms) // 3_600_000
            energy_wh = rng.choice((0, flowed_wh // 3, flowed_wh * 2 // 3, flowed_wh * 2 // 3, flowed_wh))
            return rng.choice(("meter", "meter", "stop")), name.rpartition(".")[0], {"id": name, "energy_wh": energy_wh}
        if mine and draw < 0.75:
            name = rng.choice(mine)
            if rng.random() < 0.3:
                return "cancel", name.rpartition(".")[0], {"id": name}
            return (
                "start",
                name.rpartition(".")[0],
                {"reservation_id": name, "max_energy_wh": rng.choice((5_000, None))},
            )
        if draw < 0.8:
            end_ms = now_ms + rng.randrange(10, 40) * _MINUTE_MS
            return "start", point, {"driver_id": vehicle.driver_id, "end_ms": end_ms}
        if draw < 0.85:
            return "read", point, {}
        start_ms = now_ms + rng.randrange(-2, 60) * _MINUTE_MS // 2
        asked = {"start_ms": start_ms, "end_ms": start_ms + rng.randrange(5, 40) * _MINUTE_MS}
        return "reserve", point, {"driver_id": vehicle.driver_id, **asked}

    def _started_ms(self, session_id: str) -> int:
        point_id = session_id.rpartition(".")[0]
        point = self.laboratory.node_of(point_id).points[point_id]
        return int(next(row["started_ms"] for row in point.used if row["id"] == session_id))
