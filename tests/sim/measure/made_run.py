"""A run made by hand: a test says what happened, and gets a run's folder."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy
from ruamel.yaml import YAML
from sqlmodel import SQLModel

from nodes.store.tables import SCHEMA_VERSION, JournalRow, NodeRow, PointRow, ReservationRow, SessionRow, table
from sim.history import HistoryWriter
from sim.run_folder import RunFolder

START_MS = 1_777_921_200_000
"""2026-05-04 16:00 at UTC-3."""
START = "2026-05-04T16:00:00-03:00"


@dataclass(slots=True)
class _Line:
    at_s: float
    process: int | str
    kind: str
    f: str
    members: dict[str, Any]


@dataclass(slots=True)
class MadeRun:
    """Times are seconds since the run began: of the history, or, where it says civil, of the scenario."""

    points: list[str] = field(default_factory=lambda: ["server1.p1", "server2.p1"])
    scale: float = 60.0
    duration_s: float = 60.0
    name: str = "made"
    description: str = ""
    vehicles: int = 10
    late_ms_p99: float = 5.0
    unfinished: int = 0
    ends: bool = True
    max_power_w: int = 22_000
    currency: str = "BRL"
    mode: str = "local"
    slo: list[Any] = field(default_factory=list)
    begin_more: dict[str, Any] = field(default_factory=dict)
    """Members of the first line that only some runs have."""
    end_more: dict[str, Any] = field(default_factory=dict)
    _lines: list[_Line] = field(default_factory=list)
    _rows: list[tuple[str, type[SQLModel], dict[str, Any]]] = field(default_factory=list)
    _requests: int = 0

    @property
    def nodes(self) -> list[str]:
        """The nodes of the points."""
        return list(dict.fromkeys(_node_of(point) for point in self.points))

    def request(
        self,
        at_s: float,
        took_s: float | None = 0.01,
        *,
        f: str = "reserve",
        kind: str = "ok",
        point: str | None = "server1.p1",
        late_s: float = 0.0,
        error: str | None = None,
        status: int | None = None,
        vehicle: int = 0,
        class_name: str = "car",
        key: str | None = None,
        way_us: tuple[int, int, int, int] | None = None,
        seen: tuple[int, int] | None = None,
        witness: tuple[int, int] | None = None,
        asked: str | None = None,
        value: dict[str, Any] | None = None,
        told: dict[str, Any] | None = None,
    ) -> None:
        """Add a request that should be sent at ``at_s``, is sent late, and answered ``took_s`` after; None: never.

        ``seen``: the event of the point that the driver had seen, and when, in civil seconds; ``asked``: what a read reads;
        ``value`` and ``told``: what else was asked, and answered.
        """
        self._requests += 1
        who = {"vehicle": vehicle, "class": class_name, "node": self.nodes[0]}
        about = {"point": point, "key": key or f"key-{self._requests}"}
        sent_s = at_s + late_s
        value = (value or {}) | ({} if asked is None else {"what": asked})
        invoke = {"intended_ns": round(at_s * 1e9), "civil_ms": self._civil_ms(at_s), "value": value, **about, **who}
        invoke["seen"] = None if seen is None else [1, seen[0], START_MS + seen[1] * 1000]
        self._lines.append(_Line(sent_s, self._requests, "invoke", f, invoke))
        if took_s is not None:
            answer = {"error": error, "status": status or (201 if kind == "ok" else None), **about, **who}
            answer |= {"way_us": way_us, "witness": witness, "value": told}
            self._lines.append(_Line(sent_s + took_s, self._requests, kind, f, answer))

    def refused(self, at_s: float, took_s: float = 0.01, point: str = "server1.p1", **more: Any) -> None:
        """Add a reservation that is refused, since the window is taken."""
        self.request(at_s, took_s, kind="fail", error="window-taken", status=409, point=point, **more)

    def trip(
        self, at_s: float, *stops: list[str], got: list[str] | None = None, stop: int | None = None, **more: Any
    ) -> None:
        """Add a trip: of every stop the points that would do, none where it names a place. ``got``: what it got; ``stop``:
        the stop that was refused, since the window is taken; neither: what became of it stands in ``more``.
        """
        wishes = [{"point_id": points[0]} if len(points) == 1 else {"any_of": points} for points in stops]
        value = {"stops": [wish if points else {"near": {}} for wish, points in zip(wishes, stops, strict=True)]}
        if got is not None:
            more["told"] = {"status": "CONFIRMED", "stops": [{"point_id": point} for point in got]}
        if stop is not None:
            more |= {"kind": "fail", "error": "window-taken", "status": 409, "told": {"stop": stop}}
        self.request(at_s, more.pop("took_s", 0.02), f="trip", point=None, value=value, **more)

    def happened(self, point: str, civil_s: int, seq: int) -> None:
        """Add an event of a point to its node's journal."""
        row = {"ver": len(self._rows) + 1, "node": _node_of(point), "epoch": 1, "point_id": point, "point_seq": seq}
        self._rows.append((point, JournalRow, row | {"at_ms": START_MS + civil_s * 1000}))

    def fate(self, at_s: float, fate: str, class_name: str = "car", **facts: Any) -> None:
        """Say what a vehicle comes to."""
        members = {"value": {"fate": fate, **facts}, "vehicle": 0, "class": class_name}
        self._lines.append(_Line(at_s, "run", "info", "fate", members | {"civil_ms": self._civil_ms(at_s)}))

    def told(self, at_s: float, f: str, node: str | None = None, **value: Any) -> None:
        """Add what the run says of itself: ``gauges``, ``agreement``."""
        self._lines.append(_Line(at_s, "run", "info", f, {"value": value} | ({} if node is None else {"node": node})))

    def served(self, at_s: float, waited_s: float, energy_wh: int = 8_000, class_name: str = "car") -> None:
        """Say that a vehicle charged."""
        facts = {"attempts": 1, "wanted_wh": 10_000, "energy_wh": energy_wh, "cost_minor": energy_wh // 10}
        self.fate(at_s, "served", class_name, waited_s=waited_s, **facts)

    def fault(
        self,
        kind: str,
        node: str | None,
        broken_s: float,
        mending_s: float | None,
        mended_s: float | None,
        **parameters: Any,
    ) -> None:
        """Break something; ``parameters`` are how, as a scenario says it."""
        for state, at_s in (("broken", broken_s), ("mending", mending_s), ("mended", mended_s)):
            if at_s is not None:
                members = {
                    "value": {"state": state, "for_s": 60.0} | parameters,
                    "node": node,
                    "civil_ms": self._civil_ms(at_s),
                }
                self._lines.append(_Line(at_s, "nemesis", "info", kind, members))

    def window(
        self, point: str, civil_from_s: int, civil_until_s: int, *, released_s: int | None = None, **members: Any
    ) -> None:
        """Add a reservation to the database of the point's node."""
        row = {
            "id": f"{point}.r{len(self._rows)}",
            "point_id": point,
            "status": "FULFILLED",
            "start_ms": START_MS + civil_from_s * 1000,
            "end_ms": START_MS + civil_until_s * 1000,
            "released_ms": None if released_s is None else START_MS + released_s * 1000,
        }
        self._rows.append((point, ReservationRow, row | members))

    def session(
        self, point: str, civil_from_s: int, civil_until_s: int | None, energy_wh: int = 8_000, cost_minor: int = 800
    ) -> None:
        """Add a session to the database of the point's node; None: it runs still."""
        row = {
            "id": f"{point}.s{len(self._rows)}",
            "point_id": point,
            "status": "ACTIVE" if civil_until_s is None else "COMPLETED",
            "started_ms": START_MS + civil_from_s * 1000,
            "ended_ms": None if civil_until_s is None else START_MS + civil_until_s * 1000,
            "energy_wh": energy_wh,
            "cost_minor": cost_minor,
            "currency": self.currency,
        }
        self._rows.append((point, SessionRow, row))

    def write(self, path: Path) -> Path:
        """Write the folder; return it."""
        folder = RunFolder.create(path, self.name)
        self._write_scenario(folder)
        self._write_history(folder)
        for node in self.nodes:
            self._write_database(folder, node)
        return folder.path

    def _write_scenario(self, folder: RunFolder) -> None:
        scenario = {
            "name": self.name,
            "description": self.description,
            "time": {"start": START, "duration_s": max(1.0, self.duration_s * self.scale), "scale": self.scale},
            "network": {"nodes": self.nodes},
            "slo": self.slo,
        }
        with folder.scenario.open("w", encoding="utf-8") as file:
            YAML().dump(scenario, file)

    def _write_history(self, folder: RunFolder) -> None:
        begin = {
            "name": self.name,
            "seed": 7,
            "mode": self.mode,
            "scenario_hash": "0123456789abcdef",
            "command": f"recarga run {self.name}.yaml --seed 7",
            "run_id": "cafe0001",
            "started_ms": 1_795_397_912_998,
            "civil_start_ms": START_MS,
            "scale": self.scale,
            "vehicles": self.vehicles,
            "points": len(self.points),
            "versions": {"recarga": "0.1.0", "python": "3.11.7", "machine": "test"},
        }
        end = {
            "civil_s": self.duration_s * self.scale,
            "departed": self.vehicles - self.unfinished,
            "unfinished": self.unfinished,
            "late_ms_p99": self.late_ms_p99,
            "late_ms_max": 2 * self.late_ms_p99,
            "late_ms_p99_max": 250.0,
        }
        with folder.history.open("wb") as file:
            history = HistoryWriter(file)
            history.write(0, "run", "info", "begin", value=begin | self.begin_more)
            for line in sorted(self._lines, key=lambda each: each.at_s):
                history.write(round(line.at_s * 1e9), line.process, line.kind, line.f, **line.members)
            if self.ends:
                history.write(round(self.duration_s * 1e9), "run", "info", "end", value=end | self.end_more)

    def _write_database(self, folder: RunFolder, node: str) -> None:
        engine = sqlalchemy.create_engine(f"sqlite:///{folder.nodes / node}.db")
        SQLModel.metadata.create_all(engine)
        with engine.begin() as connection:
            row = {"id": node, "schema_version": SCHEMA_VERSION, "epoch": 1, "ver": 42}
            connection.execute(table(NodeRow).insert(), _whole(NodeRow, row))
            for point in self.points:
                if _node_of(point) == node:
                    row = {"id": point, "name": f"Name of {point}", "max_power_w": self.max_power_w}
                    row |= {"connector": "IEC_62196_T2", "currency": self.currency}
                    connection.execute(table(PointRow).insert(), _whole(PointRow, row))
            for model in (ReservationRow, SessionRow, JournalRow):
                empty = _whole(model, {})
                rows = [empty | row for point, kind, row in self._rows if kind is model and _node_of(point) == node]
                if rows:
                    connection.execute(table(model).insert(), rows)
        engine.dispose()

    def _civil_ms(self, at_s: float) -> int:
        return START_MS + round(at_s * self.scale * 1000)


def _node_of(point: str) -> str:
    return point.partition(".")[0]


def _whole(model: type[SQLModel], row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with something in every column: a report reads few of them."""
    return {column.name: None if column.nullable else _nothing(column.type) for column in table(model).columns} | row


def _nothing(kind: sqlalchemy.types.TypeEngine[Any]) -> object:
    return 0 if isinstance(kind, sqlalchemy.Integer | sqlalchemy.Float | sqlalchemy.Boolean) else ""
