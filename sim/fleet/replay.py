"""Real charging sessions as vehicles: ACN-Data's CSV files (Lee, Li and Low, 2019)."""

import csv
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO

from nodes.documents import DocumentError
from nodes.domain.ids import slug_from
from sim.fleet.city import City
from sim.fleet.plan import Plan
from sim.scenario.schema import Replay, Time

_COLUMNS = {
    "arrival": ("arrival", "connectionTime"),
    "departure": ("departure", "disconnectTime"),
    "energy": ("delivered_energy (kWh)", "delivered_energy", "kWhDelivered"),
    "station": ("station_id", "stationID"),
}
_HEADROOM = 1.25
"""A replayed vehicle charges this much faster than its mean rate, so that it is done before it leaves."""


@dataclass(frozen=True, slots=True)
class RecordedSession:
    """One row."""

    arrival: datetime
    departure: datetime
    energy_wh: float
    station: str


def read_sessions(replay: Replay) -> list[RecordedSession]:
    """Return the sessions that arrive in ``[from, to)``, in order of arrival. Raises ``DocumentError`` with its line."""
    path = Path(replay.path)
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            sessions = [row for row in _rows(path, file) if _wanted(row, replay)]
    except (OSError, EOFError, ValueError, zlib.error) as error:  # ValueError: no UTF-8, or NUL in the name
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        raise _error(path, 1, "", f"cannot be read: {reason}") from error
    if not sessions:
        raise _error(path, 1, "arrival", "no session arrives in the time that is asked for")
    _check_slugs(path, sessions)
    return sorted(sessions, key=lambda row: (row.arrival, row.station))


def check_replay(sessions: list[RecordedSession], replay: Replay, time: Time, city: City) -> None:
    """Raise ``DocumentError`` for sessions that the scenario has no time or no point for."""
    path, first, last = Path(replay.path), sessions[0].arrival, sessions[-1].arrival
    end = time.start + timedelta(seconds=time.duration_s)
    if first < time.start or last >= end:
        found = f"sessions arrive from {first} to {last}, the scenario plays from {time.start} to {end}"
        raise _error(path, 1, "arrival", f"{found}; change time.start, time.duration_s, fleet.replay.from or to")
    slugs = {point.id.partition(".")[2] for point in city.points}
    for station in stations_of(sessions):
        if station_slug(station) not in slugs:
            raise _error(path, 1, "station", f"no points file has a point {station_slug(station)} for {station!r}")


def replay_plans(sessions: list[RecordedSession], replay: Replay, city: City, start: datetime) -> list[Plan]:
    """Return one plan per session, in order of time. A vehicle reserves ``reserve_ahead_s`` before it arrives."""
    points = {point.id.partition(".")[2]: point for point in city.points}
    plans: list[Plan] = []
    for vehicle, row in enumerate(sessions):
        point = points[station_slug(row.station)]
        arrival_s = (row.arrival - start).total_seconds()
        stay_s = (row.departure - row.arrival).total_seconds()
        decides_s = max(0.0, arrival_s - replay.reserve_ahead_s)
        plans.append(
            Plan(
                vehicle=vehicle,
                class_name="replayed",
                arrival_s=decides_s,
                home=vehicle % len(city.node_ids),
                place=point.place,
                lead_s=arrival_s - decides_s,
                stay_s=stay_s,
                patience_s=0.0,
                attempts_max=1,
                walks_up=False,
                shows_up=True,
                cancels=False,
                insists=True,
                lateness_s=0.0,
                overstay_s=0.0,
                capacity_wh=max(1.0, row.energy_wh),
                power_w=min(point.max_power_w, max(1_000.0, _HEADROOM * row.energy_wh / stay_s * 3600)),
                soc=0.0,
                taper_from=1.0,
                wanted_wh=row.energy_wh,
                station=point.id,
            )
        )
    return plans


def stations_of(sessions: list[RecordedSession]) -> list[str]:
    """Return the stations' names, sorted."""
    return sorted({row.station for row in sessions})


def station_slug(station: str) -> str:
    """Return the slug of a station's point."""
    return slug_from(station)


def _rows(path: Path, file: TextIO) -> Iterator[RecordedSession]:
    reader = csv.reader(file)
    header = next(reader, [])
    at: dict[str, int] = {}
    for meaning, names in _COLUMNS.items():
        found = [header.index(name) for name in names if name in header]
        if not found:
            raise _error(
                path, 1, meaning, f"expected a column {' or '.join(names)}; found {', '.join(header) or 'nothing'}"
            )
        at[meaning] = found[0]
    try:
        for row in reader:
            if row:
                yield _session(path, reader.line_num, row, at)
    except csv.Error as error:
        raise _error(path, reader.line_num, "", f"no CSV: {error}") from error


def _session(path: Path, line: int, row: list[str], at: dict[str, int]) -> RecordedSession:
    def read(meaning: str) -> str:
        try:
            return row[at[meaning]]
        except IndexError:
            raise _error(path, line, meaning, "the row is too short") from None

    times: dict[str, datetime] = {}
    for meaning in ("arrival", "departure"):
        try:
            times[meaning] = datetime.fromisoformat(read(meaning))
        except ValueError as error:
            raise _error(path, line, meaning, f"expected a time with a time zone: {error}") from error
        if times[meaning].tzinfo is None:
            raise _error(path, line, meaning, f"expected a time zone, found {read(meaning)!r}")
    try:
        energy_kwh = float(read("energy"))
    except ValueError as error:
        raise _error(path, line, "energy", f"expected kWh: {error}") from error
    if not 0 <= energy_kwh < 10_000:
        raise _error(path, line, "energy", f"expected 0 to 10000 kWh, found {energy_kwh}")
    if times["departure"] <= times["arrival"]:
        raise _error(path, line, "departure", "expected a time after the arrival")
    if not read("station").strip():
        raise _error(path, line, "station", "expected a station, found nothing")
    return RecordedSession(times["arrival"], times["departure"], energy_kwh * 1000, read("station"))


def _check_slugs(path: Path, sessions: list[RecordedSession]) -> None:
    """Raise ``DocumentError`` when two stations would become one point."""
    names: dict[str, str] = {}
    for station in stations_of(sessions):
        other = names.setdefault(station_slug(station), station)
        if other != station:
            raise _error(path, 1, "station", f"{other!r} and {station!r} would both be called {station_slug(station)}")


def _wanted(row: RecordedSession, replay: Replay) -> bool:
    return (replay.from_ is None or row.arrival >= replay.from_) and (replay.to is None or row.arrival < replay.to)


def _error(path: Path, line: int, field: str, message: str) -> DocumentError:
    return DocumentError.of(str(path), line, 1, (field,) if field else (), message)
