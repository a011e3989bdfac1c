"""A run's folder in memory: the lines of its history and the rows of its databases, to be bent and then written."""

import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from nodes.store import tables
from sim.audit import AuditResult, audit

Row = dict[str, Any]

JOURNAL, NODE, POINT, RESERVATION, SESSION, ANSWER = (
    "journal",
    "node",
    "charging_point",
    "reservation",
    "session",
    "idempotency_key",
)
TRIP = "trip"


@cache
def schema() -> list[str]:
    """Return the statements that make a real node's tables."""
    assert tables.SCHEMA_VERSION == 2, "look through sim.audit.rows"
    engine = create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC")
        statements = [str(row[0]) for row in found]
    engine.dispose()
    return statements


@dataclass
class RunFolder:
    """What a run left behind."""

    lines: list[Row] = field(default_factory=list)
    nodes: dict[str, dict[str, list[Row]]] = field(default_factory=dict)
    """Node, table, rows."""

    def copy(self) -> "RunFolder":
        return deepcopy(self)

    def audit_in(self, folder: Path) -> AuditResult:
        self.write(folder)
        return audit(folder)

    def write(self, folder: Path) -> Path:
        (folder / "nodes").mkdir(parents=True, exist_ok=True)
        with (folder / "history.jsonl").open("wb") as file:
            for index, line in enumerate(self.lines):
                file.write(orjson.dumps({"index": index} | line, option=orjson.OPT_APPEND_NEWLINE))
        for node_id, rows in self.nodes.items():
            write_database(folder / "nodes" / f"{node_id}.db", rows)
        return folder

    # What mutations look for.

    def rows(self, table: str) -> list[Row]:
        return [row for rows in self.nodes.values() for row in rows[table]]

    def row(self, table: str, identifier: str) -> Row:
        (found,) = (row for row in self.rows(table) if row["id"] == identifier)
        return found

    def events(self, kind: str, **members: Any) -> list[Row]:
        """Return the journal's rows of a kind whose data hold these members."""
        found = [row for row in self.rows(JOURNAL) if row["type"] == kind]
        return [row for row in found if members.items() <= row["data"].items()]

    def completions(self, f: str, kind: str = "ok", **told: Any) -> list[Row]:
        """Return the completions of a kind whose value holds these members."""
        found = [line for line in self.lines if line["f"] == f and line["type"] == kind]
        return [line for line in found if told.items() <= (line.get("value") or {}).items()]

    def invoke_of(self, completion: Row) -> Row:
        earlier = self.lines[: self.lines.index(completion)]
        return next(
            line for line in reversed(earlier) if line["process"] == completion["process"] and line["type"] == "invoke"
        )

    def drop_event(self, event: Row) -> None:
        """Take an event out and let everything after it move up, as if it had never been written."""
        node = self.nodes[event["node"]]
        node[JOURNAL].remove(event)
        node[NODE][0]["ver"] -= 1
        for later in node[JOURNAL]:
            later["ver"] -= later["ver"] > event["ver"]
            later["point_seq"] -= later["point_id"] == event["point_id"] and later["point_seq"] > event["point_seq"]

    def add_event(self, point: str, kind: str, at_ms: int, **data: Any) -> list[int]:
        """Write one more event, with all that belongs to it except rows of reservations and sessions."""
        node_id = point.partition(".")[0]
        node = self.nodes[node_id]
        row, head = next(row for row in node[POINT] if row["id"] == point), node[NODE][0]
        head["ver"] += 1
        row |= {"epoch": head["epoch"], "seq": row["seq"] + 1, "updated_ms": at_ms}
        event = {"ver": head["ver"], "node": node_id, "epoch": head["epoch"], "point_id": point, "type": kind}
        node[JOURNAL].append(event | {"point_seq": row["seq"], "at_ms": at_ms, "data": data})
        return [row["epoch"], row["seq"]]

    def add_reservation(self, point: str, at_ms: int, start_ms: int, end_ms: int, key: str | None = None) -> Row:
        """Make one more reservation, in the journal and the table."""
        node = self.nodes[point.partition(".")[0]]
        name = f"{point}.r{node[NODE][0]['epoch']}-{node[NODE][0]['ver'] + 1000}"
        data = {"driver_id": "v99", "start_ms": start_ms, "end_ms": end_ms, "created_ms": at_ms}
        data |= {"price_per_kwh_minor": 189, "currency": "BRL"}
        epoch, seq = self.add_event(point, "reservation.reserved", at_ms, reservation_id=name, **data)
        row = {"id": name, "point_id": point, "status": "RESERVED", "released_ms": None, "trip_id": None, **data}
        row |= {"idempotency_key": key, "extended": False, "reason": None, "epoch": epoch, "seq": seq}
        node[RESERVATION].append(row)
        return row

    def add_stop(self, trip_id: str, at_stop: int, point: str, at_ms: int, start_ms: int, end_ms: int) -> Row:
        """Promise one more stop of a trip, in the journal and the table."""
        row = self.add_reservation(point, at_ms, start_ms, end_ms, f"{trip_id}/{at_stop}.0")
        row |= {"status": "PENDING", "trip_id": trip_id, "trip_stop": at_stop}
        event = self.nodes[point.partition(".")[0]][JOURNAL][-1]
        event["type"] = "reservation.prepared"
        event["data"] |= {"trip_id": trip_id, "trip_stop": at_stop, "trip_points": []}
        return row

    def confirm_stop(self, row: Row, at_ms: int) -> None:
        """Let a promised stop stand."""
        epoch, seq = self.add_event(row["point_id"], "reservation.confirmed", at_ms, reservation_id=row["id"])
        row |= {"status": "RESERVED", "epoch": epoch, "seq": seq}

    def add_trip(self, trip_id: str, key: str, at_ms: int, status: str, stops: list[Row]) -> Row:
        """Enter one more trip, in the journal and the table of its coordinator."""
        node_id = trip_id.partition(".")[0]
        node = self.nodes[node_id]
        held = [{"reservation_id": row["id"], "point_id": row["point_id"]} for row in stops]
        begun = {"driver_id": "v99", "fingerprint": "f", "stops": [], "created_ms": at_ms}
        decided: list[tuple[str, Row]] = {
            "PENDING": [],
            "CONFIRMED": [("trip.confirmed", {"stops": held})],
            "ABORTED": [("trip.aborted", {"reason": "window-taken", "stop": 0})],
        }[status]
        for seq, (kind, data) in enumerate([("trip.begun", begun), *decided], 1):
            node[NODE][0]["ver"] += 1
            event = {"ver": node[NODE][0]["ver"], "node": node_id, "epoch": node[NODE][0]["epoch"], "type": kind}
            node[JOURNAL].append(event | {"point_id": trip_id, "point_seq": seq, "at_ms": at_ms, "data": data})
        row = {"id": trip_id, "driver_id": "v99", "status": status, "idempotency_key": key, "fingerprint": "f"}
        row |= {"wanted": "[]", "stops": orjson.dumps(held if status == "CONFIRMED" else []).decode(), "reason": None}
        row |= {"created_ms": at_ms, "settled": status != "PENDING", "cancel_asked": False, "outcomes": "[]"}
        row |= {"epoch": node[NODE][0]["epoch"], "seq": 1 + len(decided)}
        node.setdefault(TRIP, []).append(row)
        return row

    def add_session(self, reservation: Row, at_ms: int) -> Row:
        """Start one more session under a reservation, in the journal and the tables."""
        point = reservation["point_id"]
        node = self.nodes[point.partition(".")[0]]
        name = f"{point}.s{node[NODE][0]['epoch']}-{node[NODE][0]['ver'] + 1000}"
        data = {"reservation_id": reservation["id"], "driver_id": reservation["driver_id"], "max_power_w": 22_000}
        data |= {"max_energy_wh": None, "price_per_kwh_minor": 189, "currency": "BRL"}
        epoch, seq = self.add_event(point, "session.started", at_ms, session_id=name, start_ms=at_ms, **data)
        row = {"id": name, "point_id": point, "status": "ACTIVE", "started_ms": at_ms, "ended_ms": None, **data}
        row |= {"energy_wh": 0, "cost_minor": 0, "metered_ms": None, "reason": None, "epoch": epoch, "seq": seq}
        reservation |= {"status": "ACTIVE", "epoch": epoch, "seq": seq}
        reservation["start_ms"] = min(reservation["start_ms"], at_ms)
        node[SESSION].append(row)
        return row

    def add_operation(self, f: str, point: str, asked: Row, kind: str, **completion: Any) -> tuple[Row, Row]:
        """Let a new process ask and be answered at the end of the history; returns both lines."""
        process, end = 9_000_000 + len(self.lines), self.lines.pop()
        node = completion.pop("asked_node", point.partition(".")[0])
        plain = {"time_ns": end["time_ns"], "process": process, "f": f, "point": point, "node": node}
        key = {"key": completion.pop("key")} if "key" in completion else {}
        invoke, answer = plain | key | {"type": "invoke", "value": asked}, plain | key | {"type": kind} | completion
        self.lines += [invoke, answer, end]
        return invoke, answer

    def acknowledge(self, row: Row, key: str | None = None) -> tuple[Row, Row]:
        """Tell a vehicle of a reservation."""
        asked = {name: row[name] for name in ("driver_id", "start_ms", "end_ms")}
        told = asked | {name: row[name] for name in ("id", "status", "price_per_kwh_minor")}
        more = {} if key is None else {"key": key}
        witness = [row["epoch"], row["seq"]]
        return self.add_operation(
            "reserve", row["point_id"], asked, "ok", value=told, witness=witness, status=201, **more
        )

    def add_view(self, node: str, point: str, witness: list[int], *, last: bool = False, **told: Any) -> Row:
        """Let somebody ask a node what it believes of another's point; returns the completion."""
        asked = {"what": "view"} | ({"last": True} if last else {})
        value = {"status": "AVAILABLE", "session_id": None, "as_of_ms": 0, "stale": False} | told
        more = {"asked_node": node, "status": 200, "witness": witness, "value": value}
        return self.add_operation("read", point, asked, "ok", **more)[1]

    def add_line(self, process: str, f: str, **members: Any) -> None:
        """Let the run or the nemesis say something at the end of the history."""
        end = self.lines.pop()
        self.lines += [{"time_ns": end["time_ns"], "process": process, "type": "info", "f": f} | members, end]

    def keep_answer(self, row: Row, key: str, status: int = 201) -> Row:
        """Keep an answer that tells of a reservation."""
        answer = {"key": key, "fingerprint": "f", "status": status, "body": dict(row), "created_ms": row["created_ms"]}
        answer |= {"epoch": row["epoch"], "seq": row["seq"]}
        self.nodes[row["point_id"].partition(".")[0]][ANSWER].append(answer)
        return answer


def write_database(path: Path, rows: dict[str, list[Row]]) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in schema():
            connection.execute(statement)
        for table, found in rows.items():
            for row in found:
                plain = {name: _plain(name, value) for name, value in row.items()}
                names, marks = ", ".join(plain), ", ".join("?" * len(plain))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(plain.values()))
        connection.commit()


def _plain(name: str, value: Any) -> Any:
    if name == "body":
        return value.decode() if isinstance(value, bytes) else orjson.dumps(value).decode()
    return orjson.dumps(value).decode() if isinstance(value, dict) else value
