"""Vehicles and nodes in one hand: who asks, when it is done, whether the answer arrives."""

from dataclasses import dataclass, field
from typing import Any

from tests.sim.audit.run_folder import Row, RunFolder
from tests.sim.audit.simulated_node import Reply, SimulatedNode

START_MS = 1_780_000_000_000
_TOLD = {
    "reserve": ("id", "status", "driver_id", "start_ms", "end_ms", "price_per_kwh_minor"),
    "cancel": ("id", "status", "released_ms"),
    "start": ("id", "reservation_id", "started_ms", "status"),
    "meter": ("id", "energy_wh", "status"),
    "stop": ("id", "energy_wh", "cost_minor", "status", "ended_ms"),
    "read": ("status", "session_id"),
}


@dataclass
class Vehicle:
    """A driver; as a process it goes by another number after every request whose fate is unknown."""

    number: int
    process: int
    keys: int = 0

    @property
    def driver_id(self) -> str:
        return f"v{self.number}"

    def new_key(self) -> str:
        self.keys += 1
        return f"k{self.number}-{self.keys}"


@dataclass
class Pending:
    """A request under way."""

    vehicle: Vehicle
    process: int
    f: str
    point: str
    asked: Row
    key: str | None
    reply: Reply | None = None


@dataclass
class Laboratory:
    """A run in the making."""

    nodes: dict[str, SimulatedNode] = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    elapsed_ms: int = 0
    vehicles: list[Vehicle] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._line("run", "info", "begin")

    @property
    def now_ms(self) -> int:
        return START_MS + self.elapsed_ms

    def add_node(self, node_id: str, *slugs: str, **spec: Any) -> SimulatedNode:
        node = self.nodes[node_id] = SimulatedNode(node_id)
        for slug in slugs:
            node.add_point(slug, self.now_ms, **spec)
        return node

    def add_vehicle(self) -> Vehicle:
        self.vehicles.append(Vehicle(len(self.vehicles), len(self.vehicles)))
        return self.vehicles[-1]

    def wait(self, milliseconds: int) -> None:
        self.elapsed_ms += milliseconds

    def node_of(self, point: str) -> SimulatedNode:
        return self.nodes[point.partition(".")[0]]

    def invoke(self, vehicle: Vehicle, f: str, point: str, asked: Row, key: str | None) -> Pending:
        pending = Pending(vehicle, vehicle.process, f, point, asked, key)
        members = {"value": asked, "node": point.partition(".")[0], "point": point, "key": key}
        self._line(pending.process, "invoke", f, **members)
        return pending

    def execute(self, pending: Pending) -> None:
        node = self.node_of(pending.point)
        pending.reply = node.handle(pending.point, pending.f, pending.asked, pending.key, self.now_ms)

    def refuse(self, pending: Pending, status: int, slug: str) -> None:
        """Answer without having looked at the request: the node is too busy."""
        pending.reply = Reply(status, {"type": f"urn:recarga:problem:{slug}"})

    def deliver(self, pending: Pending) -> None:
        reply = pending.reply
        assert reply is not None
        members: Row = {"status": reply.status, "witness": reply.witness, "point": pending.point, "key": pending.key}
        if reply.error is None:
            told = {name: reply.body[name] for name in _TOLD[pending.f]}
            self._line(pending.process, "ok", pending.f, value=told, **members)
        else:
            self._line(pending.process, "fail", pending.f, error=reply.error, **members)

    def lose(self, pending: Pending, error: str = "timeout") -> None:
        """Let the vehicle give up waiting."""
        self._line(pending.process, "info", pending.f, error=error, point=pending.point, key=pending.key)
        pending.vehicle.process += 1_000

    def ask(self, vehicle: Vehicle, f: str, point: str, /, **asked: Any) -> Reply:
        """Ask, do and answer; ``key=None`` is a request without a key."""
        key = asked.pop("key", vehicle.new_key() if f != "read" else None)
        pending = self.invoke(vehicle, f, point, asked, key)
        self.wait(5)
        self.execute(pending)
        self.wait(5)
        self.deliver(pending)
        assert pending.reply is not None
        return pending.reply

    def finish(self) -> RunFolder:
        self._line("run", "info", "end")
        return RunFolder(self.lines, {node.id: node.tables for node in self.nodes.values()}).copy()

    def _line(self, process: int | str, kind: str, f: str, **members: Any) -> None:
        line = {"time_ns": self.elapsed_ms * 1_000_000, "process": process, "type": kind, "f": f}
        self.lines.append(line | {name: value for name, value in members.items() if value is not None})
