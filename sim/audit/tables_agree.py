"""Part of P2: the tables are what the journal leads to, row by row and column by column."""

from collections.abc import Iterable, Mapping

import orjson

from sim.audit.databases import Database
from sim.audit.evidence import Evidence
from sim.audit.made_rows import canonical_terms
from sim.audit.point_state import PointState
from sim.audit.rows import Event, PointRow, ReservationRow, SessionRow
from sim.audit.verdicts import Findings

AnyRow = PointRow | ReservationRow | SessionRow

_NOT_IN_JOURNAL = frozenset({"idempotency_key"})
"""Columns that no event says."""


def check_tables_agree(evidence: Evidence, findings: Findings) -> None:
    """Replay every journal and compare."""
    for database in evidence.databases.values():
        states = [log.final for name, log in evidence.logs.items() if database.owns(name)]
        _compare(evidence, findings, "charging_point", _points(states), _with_plain_terms(database))
        _compare(evidence, findings, "reservation", _reservations(states), database.reservations)
        _compare(evidence, findings, "session", _sessions(states), database.sessions)
        _check_odd_events(evidence, database, findings)


def _check_odd_events(evidence: Evidence, database: Database, findings: Findings) -> None:
    """Events about what was never made, or was made already, show that others were lost."""
    for name, log in evidence.logs.items():
        for oddity in log.oddities:
            if database.owns(name) and oddity.kind in {"unknown", "twice"}:
                asked = evidence.askers(*oddity.subjects)
                findings.violated(
                    f"{oddity.kind}-in-journal", name, oddity.text, operations=asked, events=[oddity.event]
                )


def _points(states: Iterable[PointState]) -> dict[str, PointRow]:
    points = ((state.id, state.present_point()) for state in states)
    return {name: point for name, point in points if point is not None}


def _reservations(states: Iterable[PointState]) -> dict[str, ReservationRow]:
    return {name: row for state in states for name, row in state.reservations.items()}


def _sessions(states: Iterable[PointState]) -> dict[str, SessionRow]:
    return {name: row for state in states for name, row in state.sessions.items()}


def _with_plain_terms(database: Database) -> dict[str, PointRow]:
    found: dict[str, PointRow] = {}
    for name, row in database.points.items():
        try:
            found[name] = row._replace(terms=canonical_terms(orjson.loads(row.terms)))
        except orjson.JSONDecodeError:
            found[name] = row
    return found


def _compare(
    evidence: Evidence, findings: Findings, table: str, replayed: Mapping[str, AnyRow], kept: Mapping[str, AnyRow]
) -> None:
    """Expect the same rows on both sides."""
    findings.checked += len(kept)
    for name, row in replayed.items():
        if name not in kept:
            message, events = f"the journal makes {name}, table {table} does not hold it", _events(evidence, row)
            asked = evidence.askers(name)
            findings.violated("row-lost", _point_of(row), message, operations=asked, events=events)
    for name, row in kept.items():
        asked = evidence.askers(name)
        if name not in replayed:
            message = f"table {table} holds {name}, which the journal never makes"
            findings.violated("row-unexplained", _point_of(row), message, operations=asked, rows=[row])
        elif different := _difference(row, replayed[name]):
            message = f"{name} in table {table} is not what the journal leads to: {different}"
            events = _events(evidence, replayed[name])
            findings.violated("row-differs", _point_of(row), message, operations=asked, events=events, rows=[row])


def _difference(kept: AnyRow, replayed: AnyRow) -> str:
    names = kept._fields
    differences = [
        f"{name} is {in_table!r} and should be {in_journal!r}"
        for name, in_table, in_journal in zip(names, kept, replayed, strict=True)
        if in_table != in_journal and name not in _NOT_IN_JOURNAL
    ]
    return ", ".join(differences)


def _point_of(row: AnyRow) -> str:
    return row.id if isinstance(row, PointRow) else row.point_id


def _events(evidence: Evidence, row: AnyRow) -> list[Event]:
    """Return the event that last changed the row."""
    event = evidence.logs[_point_of(row)].by_witness.get((row.epoch, row.seq))
    return [] if event is None else [event]
