"""A run of any size in the true format, written without keeping it in memory: history, databases, scenario."""

from pathlib import Path
from random import Random

import sqlalchemy

from nodes.store.tables import JournalRow, ReservationRow, SessionRow, table
from sim.history import HistoryWriter
from sim.run_folder import RunFolder
from tests.sim.measure.made_run import START_MS, MadeRun, _whole

_NODES = 10
_POINTS_PER_NODE = 200
_PER_VEHICLE = 5
_SLO = ["p99(reserve.latency_ms) < 250", "goodput >= 1 % * offered", "staleness_ms_p99 < 1e9", "jain_fairness > 0.1"]


def write_large_run(path: Path, operations: int) -> Path:
    """Write a run of so many requests; return its folder."""
    rng = Random(1)
    points = [f"server{node}.p{point:03}" for node in range(_NODES) for point in range(_POINTS_PER_NODE)]
    duration_s = 3_600.0
    run = MadeRun(
        points, scale=1.0, duration_s=duration_s, vehicles=operations // _PER_VEHICLE, mode="virtual", slo=_SLO
    )
    run.fault("crash", "server3", 1_000.0, 1_060.0, 1_062.0)
    run.write(path)
    folder = RunFolder(path)
    lines = folder.history.read_bytes().splitlines(keepends=True)
    with folder.history.open("wb") as file:
        file.write(lines[0])
        _write_requests(HistoryWriter(file), rng, points, operations, duration_s)
    _renumber(folder.history, lines[1:])
    _write_rows(folder, rng, points, operations // 3)
    return path


def _write_requests(history: HistoryWriter, rng: Random, points: list[str], operations: int, duration_s: float) -> None:
    history._index = 1
    for number in range(operations):
        sent_ns, vehicle = round(number / operations * duration_s * 1e9), number // _PER_VEHICLE
        point = points[min(len(points) - 1, int(rng.paretovariate(1.2)) - 1)]
        who = {"vehicle": vehicle, "class": f"class{vehicle % 4}", "node": f"server{rng.randrange(_NODES)}"}
        about = {"point": point, "key": f"1-{vehicle}-{number % _PER_VEHICLE}"}
        at_ms = START_MS + sent_ns // 1_000_000
        seen = [1, rng.randrange(1, 400), at_ms - 2_000]
        value = {"driver_id": f"driver-{vehicle}", "start_ms": at_ms, "end_ms": at_ms + 900_000}
        more = {"intended_ns": sent_ns, "civil_ms": at_ms, "seen": seen}
        history.write(sent_ns, vehicle, "invoke", "reserve", value=value, **about, **who, **more)
        took_ns = round(rng.lognormvariate(16, 0.7))
        way_us = [took_ns // 8_000, 20, took_ns // 4_000, took_ns // 5_000]
        told = {**about, **who, "way_us": way_us, "witness": [1, rng.randrange(300, 400)]}
        if number % 3 == 0:
            history.write(
                sent_ns + took_ns, vehicle, "ok", "reserve", value={"id": f"{point}.r1-{number}"}, status=201, **told
            )
        else:
            history.write(sent_ns + took_ns, vehicle, "fail", "reserve", error="window-taken", status=409, **told)
        if number % _PER_VEHICLE == _PER_VEHICLE - 1:
            fate = {
                "fate": "served",
                "attempts": 5,
                "waited_s": 60.0,
                "wanted_wh": 9_000,
                "energy_wh": 8_000,
                "cost_minor": 900,
            }
            fate = fate if vehicle % 3 else {"fate": "gave_up", "attempts": 5, "wanted_wh": 9_000}
            history.write(sent_ns + took_ns, "run", "info", "fate", value=fate, **who, civil_ms=at_ms)


def _renumber(path: Path, lines: list[bytes]) -> None:
    """Append what the made run says at the end, its times and its line numbers after the requests'."""
    import orjson

    count = path.read_bytes().count(b"\n")
    with path.open("ab") as file:
        for at, text in enumerate(lines):
            file.write(orjson.dumps(orjson.loads(text) | {"index": count + at}) + b"\n")


def _write_rows(folder: RunFolder, rng: Random, points: list[str], reservations: int) -> None:
    per_point = max(1, reservations // len(points))
    for node in range(_NODES):
        engine = sqlalchemy.create_engine(f"sqlite:///{folder.nodes / f'server{node}'}.db")
        with engine.begin() as connection:
            for place, point in enumerate(points[node * _POINTS_PER_NODE : (node + 1) * _POINTS_PER_NODE]):
                rows, sessions, events = [], [], []
                for number in range(per_point):
                    start_ms = START_MS + number * 3_600_000 // per_point
                    until_ms = START_MS + (number + 1) * 3_600_000 // per_point
                    row = {"id": f"{point}.r{number}", "point_id": point, "status": "FULFILLED"}
                    rows.append(_whole(ReservationRow, row | {"start_ms": start_ms, "end_ms": until_ms}))
                    session = {"id": f"{point}.s{number}", "point_id": point, "status": "COMPLETED", "currency": "BRL"}
                    session |= {"started_ms": start_ms, "ended_ms": until_ms, "energy_wh": 8_000, "cost_minor": 900}
                    sessions.append(_whole(SessionRow, session))
                for seq in range(1, max(400, 3 * per_point)):
                    event = {"ver": place * 1_000_000 + seq, "node": f"server{node}", "epoch": 1, "point_id": point}
                    event |= {"point_seq": seq, "at_ms": START_MS + seq * 9_000 + rng.randrange(9_000)}
                    events.append(_whole(JournalRow, event))
                connection.execute(table(ReservationRow).insert(), rows)
                connection.execute(table(SessionRow).insert(), sessions)
                connection.execute(table(JournalRow).insert(), events)
        engine.dispose()
