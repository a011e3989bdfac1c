"""A correct node in the plainest words: every point a list of reservations, every command done at once.

It writes the journal and, separately, the tables, as a node does; it shares no code with the nodes or with the audit.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.sim.audit.run_folder import ANSWER, JOURNAL, NODE, POINT, RESERVATION, SESSION, Row

TERMS = {
    "cancel_until_s": 0,
    "early_start_s": 900,
    "no_show_s": 600,
    "late_stop_s": 300,
    "min_window_s": 300,
    "max_window_s": 14_400,
    "horizon_s": 86_400,
}


@dataclass
class Reply:
    """What a command is answered."""

    status: int
    body: Row
    witness: list[int] | None = None

    @property
    def error(self) -> str | None:
        return self.body["type"].removeprefix("urn:recarga:problem:") if self.status >= 400 else None


class Refused(Exception):
    def __init__(self, status: int, slug: str) -> None:
        super().__init__(slug)
        self.status, self.slug = status, slug


@dataclass
class SimulatedNode:
    """A node and its points."""

    id: str
    epoch: int = 1
    ver: int = 0
    points: dict[str, "SimulatedPoint"] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    replies: dict[str, Reply] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {name: [] for name in (NODE, POINT, RESERVATION, SESSION, JOURNAL, ANSWER)}
        self.tables[NODE].append({"id": self.id, "schema_version": 2, "created_ms": 0, "started_ms": 0})
        self._keep()

    def add_point(self, slug: str, now_ms: int, **spec: Any) -> "SimulatedPoint":
        point = SimulatedPoint(self, f"{self.id}.{slug}", now_ms, spec)
        self.points[point.id] = point
        return point

    def restart(self) -> None:
        self.epoch += 1
        self._keep()

    def _keep(self) -> None:
        self.tables[NODE][0] |= {"epoch": self.epoch, "ver": self.ver}

    def handle(self, point_id: str, f: str, asked: Row, key: str | None, now_ms: int) -> Reply:
        """Do it, or say why not; a key that was used gets its reply again."""
        if key is not None and key in self.replies:
            return self.replies[key]
        point = self.points[point_id]
        point.tick(now_ms)
        try:
            status, body = point.do(f, asked, key, max(now_ms, point.changed_ms))
            reply = Reply(status, dict(body))
        except Refused as refused:
            body = {"type": f"urn:recarga:problem:{refused.slug}", "status": refused.status}
            reply = Reply(refused.status, body)
        reply.witness = [self.epoch, point.seq]
        if key is not None:
            self.replies[key] = reply
            self._keep_reply(key, reply, now_ms)
        return reply

    def _keep_reply(self, key: str, reply: Reply, now_ms: int) -> None:
        assert reply.witness is not None
        row = {"key": key, "fingerprint": "f", "status": reply.status, "body": reply.body, "created_ms": now_ms}
        self.tables[ANSWER].append(row | {"epoch": reply.witness[0], "seq": reply.witness[1]})

    def write(self, point: "SimulatedPoint", kind: str, data: Row, now_ms: int) -> tuple[int, int]:
        self.ver += 1
        point.seq += 1
        point.changed_ms = now_ms
        event = {"ver": self.ver, "node": self.id, "epoch": self.epoch, "point_id": point.id, "type": kind}
        self.tables[JOURNAL].append(event | {"point_seq": point.seq, "at_ms": now_ms, "data": deepcopy(data)})
        point.row |= {"updated_ms": now_ms, "epoch": self.epoch, "seq": point.seq}
        self._keep()
        return self.epoch, point.seq


class SimulatedPoint:
    """One point. ``held`` and ``used`` are the rows of its tables, in force and over."""

    def __init__(self, node: SimulatedNode, point_id: str, now_ms: int, spec: Row) -> None:
        self.node, self.id, self.seq, self.changed_ms = node, point_id, 0, 0
        self.held: list[Row] = []
        self.used: list[Row] = []
        self.spec = {
            "name": point_id,
            "location": {"lat": -8.0, "lon": -34.8, "address": None},
            "max_power_w": 22_000,
            "connector": "IEC_62196_T2",
            "price_per_kwh_minor": 189,
            "currency": "BRL",
            "terms": dict(TERMS),
            "connector_label": None,
            "file_digest": None,
            **spec,
        }
        self.row: Row = {"id": point_id}
        node.tables[POINT].append(self.row)
        node.write(self, "point.created", {"spec": dict(self.spec)}, now_ms)
        self._show(now_ms, maintenance=False, fault=None)

    def _show(self, now_ms: int, *, maintenance: bool, fault: str | None) -> None:
        spec = deepcopy(self.spec)
        shown = {"maintenance": maintenance, "fault": fault, "changed_ms": now_ms}
        self.row |= {**shown, **spec.pop("location"), **spec}

    @property
    def unavailable(self) -> bool:
        return bool(self.row["maintenance"] or self.row["fault"])

    def in_force(self) -> list[Row]:
        return sorted((r for r in self.held if r["status"] in {"RESERVED", "ACTIVE"}), key=lambda r: r["start_ms"])

    def running(self) -> Row | None:
        return next((s for s in self.used if s["status"] == "ACTIVE"), None)

    def overlapping(self, start_ms: int, end_ms: int) -> list[Row]:
        return [r for r in self.in_force() if r["start_ms"] < end_ms and start_ms < r["end_ms"]]

    def _no_show_ms(self, row: Row) -> int:
        due_ms = min(row["start_ms"] + self.spec["terms"]["no_show_s"] * 1000, row["end_ms"])
        return int(max(due_ms, self.row["changed_ms"]))

    # What the operator does.

    def change(self, now_ms: int, *, maintenance: bool | None = None, fault: str | None = None, **spec: Any) -> None:
        self.tick(now_ms)
        now_ms = max(now_ms, self.changed_ms)
        if fault is not None and (session := self.running()) is not None:
            self._stop(session, session["energy_wh"], now_ms, "fault", now_ms)
        self.spec |= spec
        maintenance = self.row["maintenance"] if maintenance is None else maintenance
        data = {"spec": dict(self.spec), "maintenance": maintenance, "fault": fault}
        self.node.write(self, "point.changed", data, now_ms)
        self._show(now_ms, maintenance=maintenance, fault=fault)

    # What time does.

    def tick(self, now_ms: int) -> None:
        now_ms = max(now_ms, self.changed_ms)
        while True:
            due = [(r["end_ms"] if r["status"] == "ACTIVE" else self._no_show_ms(r), r["id"]) for r in self.in_force()]
            due = sorted(pair for pair in due if pair[0] <= now_ms)
            if not due:
                return
            due_ms, name = due[0]
            row = next(r for r in self.held if r["id"] == name)
            if row["status"] == "RESERVED":
                self._release(row, "NO_SHOW", due_ms, "no-show", now_ms)
                continue
            later = [r["start_ms"] for r in self.in_force() if r["start_ms"] >= row["end_ms"]]
            longer_ms = min([row["end_ms"] + self.spec["terms"]["late_stop_s"] * 1000, *later])
            if longer_ms > row["end_ms"] and not row["extended"]:
                data = {"reservation_id": name, "end_ms": longer_ms}
                self._mark(row, self.node.write(self, "reservation.extended", data, now_ms))
                row |= {"end_ms": longer_ms, "extended": True}
            else:
                session = self.running()
                assert session is not None
                self._stop(session, session["energy_wh"], row["end_ms"], "window-over", now_ms)

    # What vehicles ask.

    def do(self, f: str, asked: Row, key: str | None, now_ms: int) -> tuple[int, Row]:
        if f == "read":
            return 200, {"status": self.status(now_ms), "session_id": (self.running() or {}).get("id")}
        if f == "reserve":
            return 201, self._reserve(asked["driver_id"], asked["start_ms"], asked["end_ms"], key, now_ms)
        if f == "cancel":
            return 200, self._cancel(asked["id"], now_ms)
        if f == "start":
            return self._start(asked, key, now_ms)
        return 200, self._read_meter(f, asked, now_ms)

    def status(self, now_ms: int) -> str:
        if self.unavailable:
            return "OUTOFORDER" if self.row["fault"] else "INOPERATIVE"
        if self.running():
            return "CHARGING"
        return "RESERVED" if self.overlapping(now_ms, now_ms + 1) else "AVAILABLE"

    def _reserve(self, driver_id: str, start_ms: int, end_ms: int, key: str | None, now_ms: int) -> Row:
        if self.unavailable:
            raise Refused(409, "point-unavailable")
        if start_ms + 60_000 < now_ms:
            raise Refused(422, "window-in-past")
        if end_ms - start_ms < self.spec["terms"]["min_window_s"] * 1000:
            raise Refused(422, "window-too-short")
        start_ms = max(start_ms, now_ms)
        if self.overlapping(start_ms, end_ms):
            raise Refused(409, "window-taken")
        price = {name: self.spec[name] for name in ("price_per_kwh_minor", "currency")}
        data = {"reservation_id": f"{self.id}.r{self.node.epoch}-{self.seq + 1}", "driver_id": driver_id, **price}
        data |= {"start_ms": start_ms, "end_ms": end_ms, "created_ms": now_ms}
        made = {"status": "RESERVED", "released_ms": None, "trip_id": None, "extended": False, "reason": None}
        row = {**data, **made, "id": data["reservation_id"], "point_id": self.id, "idempotency_key": key}
        del row["reservation_id"]
        self._mark(row, self.node.write(self, "reservation.reserved", data, now_ms))
        self.held.append(row)
        self.node.tables[RESERVATION].append(row)
        return row

    def _find(self, name: str) -> Row:
        row = next((r for r in self.held if r["id"] == name), None)
        if row is None:
            raise Refused(404, "unknown-reservation")
        return row

    def _cancel(self, name: str, now_ms: int) -> Row:
        row = self._find(name)
        if row["status"] == "CANCELED":
            return row
        if row["status"] != "RESERVED":
            raise Refused(409, "reservation-over")
        if row["start_ms"] < now_ms:
            raise Refused(409, "too-late-to-cancel")
        self._release(row, "CANCELED", now_ms, "driver", now_ms)
        return row

    def _start(self, asked: Row, key: str | None, now_ms: int) -> tuple[int, Row]:
        if (name := asked.get("reservation_id")) is None:
            if self.overlapping(now_ms, now_ms + 1):
                raise Refused(409, "point-occupied")
            row = self._reserve(asked["driver_id"], now_ms, asked["end_ms"], key, now_ms)
        else:
            row = self._find(name)
            if row["status"] == "ACTIVE":
                session = self.running()
                assert session is not None
                return 200, session
            if row["status"] != "RESERVED":
                raise Refused(409, "reservation-over")
            if self.unavailable:
                raise Refused(409, "point-unavailable")
            if now_ms < row["start_ms"] - self.spec["terms"]["early_start_s"] * 1000:
                raise Refused(409, "too-early-to-start")
            if [r for r in self.overlapping(now_ms, max(now_ms + 1, row["start_ms"])) if r is not row]:
                raise Refused(409, "point-occupied")
        price = {name: row[name] for name in ("price_per_kwh_minor", "currency")}
        data = {"session_id": f"{self.id}.s{self.node.epoch}-{self.seq + 1}", "reservation_id": row["id"], **price}
        data |= {"driver_id": row["driver_id"], "start_ms": now_ms, "max_power_w": self.spec["max_power_w"]}
        data |= {"max_energy_wh": asked.get("max_energy_wh")}
        made = {"status": "ACTIVE", "ended_ms": None, "energy_wh": 0, "cost_minor": 0, "metered_ms": None}
        session = {**data, **made, "id": data["session_id"], "point_id": self.id, "started_ms": now_ms, "reason": None}
        del session["session_id"], session["start_ms"]
        mark = self.node.write(self, "session.started", data, now_ms)
        self._mark(session, mark)
        self._mark(row, mark)
        row |= {"status": "ACTIVE", "start_ms": min(row["start_ms"], now_ms)}
        self.used.append(session)
        self.node.tables[SESSION].append(session)
        return 201, session

    def _read_meter(self, f: str, asked: Row, now_ms: int) -> Row:
        session = next((s for s in self.used if s["id"] == asked["id"]), None)
        if session is None:
            raise Refused(404, "unknown-session")
        energy_wh = asked["energy_wh"]
        if session["status"] != "ACTIVE":
            if f == "stop":
                return session
            raise Refused(409, "session-over")
        if energy_wh < session["energy_wh"]:
            raise Refused(409, "meter-went-back")
        room_wh = session["max_energy_wh"]
        flowed = session["max_power_w"] * (now_ms - session["started_ms"])
        if energy_wh * 3_600_000 > flowed or (room_wh is not None and energy_wh > room_wh):
            raise Refused(422, "energy-implausible")
        if f == "stop":
            self._stop(session, energy_wh, now_ms, "driver", now_ms)
        elif energy_wh != session["energy_wh"]:
            data = {"session_id": session["id"], "energy_wh": energy_wh, "metered_ms": now_ms}
            self._mark(session, self.node.write(self, "session.metered", data, now_ms))
            session |= {"energy_wh": energy_wh, "metered_ms": now_ms}
        return session

    # What events are made of.

    def _mark(self, row: Row, witness: tuple[int, int]) -> None:
        row["epoch"], row["seq"] = witness

    def _release(self, row: Row, status: str, released_ms: int, reason: str, now_ms: int) -> None:
        data = {"status": status, "released_ms": released_ms, "reason": reason}
        self._mark(row, self.node.write(self, "reservation.released", {"reservation_id": row["id"], **data}, now_ms))
        row |= data

    def _stop(self, session: Row, energy_wh: int, end_ms: int, reason: str, now_ms: int) -> None:
        failed = reason == "fault"
        status, reservation_status = ("INVALID", "CANCELED") if failed else ("COMPLETED", "FULFILLED")
        cost = 0 if failed else (2 * energy_wh * session["price_per_kwh_minor"] + 1000) // 2000
        data = {"session_id": session["id"], "reservation_id": session["reservation_id"], "status": status}
        data |= {"reservation_status": reservation_status, "end_ms": end_ms, "energy_wh": energy_wh}
        data |= {"cost_minor": cost, "reason": reason}
        mark = self.node.write(self, "session.stopped", data, now_ms)
        row = self._find(session["reservation_id"])
        self._mark(session, mark)
        self._mark(row, mark)
        changes = {"energy_wh": energy_wh, "cost_minor": cost, "reason": reason}
        session |= {"status": status, "ended_ms": end_ms, **changes}
        row |= {"status": reservation_status, "released_ms": end_ms, "reason": reason}
