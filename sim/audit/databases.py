"""The nodes' databases, read without touching them."""

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import NoneType
from typing import Any, TypeVar, get_args, get_type_hints

from sim.audit.errors import AuditError
from sim.audit.journal import read_event
from sim.audit.rows import AnswerRow, Event, JournalRow, NodeRow, PointRow, ReservationRow, SessionRow, TripRow

T = TypeVar("T", NodeRow, PointRow, ReservationRow, SessionRow, TripRow, JournalRow, AnswerRow)

_SCHEMA_VERSIONS = (1, 2)
"""The schemas that ``sim.audit.rows`` describes."""


@dataclass(frozen=True, slots=True)
class Database:
    """All that one node wrote down."""

    path: Path
    node: NodeRow
    points: dict[str, PointRow]
    reservations: dict[str, ReservationRow]
    sessions: dict[str, SessionRow]
    journal: list[Event]
    """In order of ``ver``."""
    answers: list[AnswerRow]
    trips: dict[str, TripRow] = field(default_factory=dict)
    """Those that this node coordinates."""

    def owns(self, point_id: str) -> bool:
        """Whether the point is this node's."""
        return point_id.partition(".")[0] == self.node.id

    def own_events(self) -> Iterator[Event]:
        """Yield the events of the node's own points."""
        return (event for event in self.journal if self.owns(event.point_id) and not event.is_of_trip)


def read_databases(folder: Path) -> dict[str, Database]:
    """Read every ``*.db`` of a folder, by the node it belongs to. Raises ``AuditError``."""
    if not folder.is_dir():
        raise AuditError(f"{folder}: missing; the nodes' databases are expected there")
    paths = sorted(folder.glob("*.db"))
    if not paths:
        raise AuditError(f"{folder}: holds no database; expected <node>.db for every node")
    return {database.node.id: database for database in map(read_database, paths)}


def read_database(path: Path) -> Database:
    """Read one node's database. Raises ``AuditError`` saying what is wrong with the file, the table or the row."""
    try:
        with _opened(path) as connection:
            return _read(path, connection)
    except sqlite3.Error as error:
        raise AuditError(f"{path}: cannot be read as a node's database: {error}") from error
    except OSError as error:
        raise AuditError(f"{path}: cannot be read: {error.strerror}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for reading only; find out if somebody writes to it meanwhile.

    A log beside it (the node was killed, or still runs) holds what was committed last. It is read too, in a copy,
    because SQLite would write to the files to read it where they lie.
    """
    log = path.with_name(path.name + "-wal")
    before = _stamps(path, log)
    with path.open("rb"):  # a better error than SQLite's, which is one for all causes
        pass
    if before[1][0] == 0:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            yield connection
    else:
        with TemporaryDirectory(prefix="recarga-audit-") as copies:
            copy = Path(copies) / path.name
            shutil.copyfile(path, copy)
            shutil.copyfile(log, copy.with_name(log.name))
            with closing(sqlite3.connect(copy)) as connection:
                yield connection
    if _stamps(path, log) != before:
        raise AuditError(f"{path}: somebody writes to it; stop the node first")


def _stamps(*paths: Path) -> list[tuple[int, int]]:
    """Return size and time of change of each file; 0 for one that is not there."""
    return [(path.stat().st_size, path.stat().st_mtime_ns) if path.exists() else (0, 0) for path in paths]


def _read(path: Path, connection: sqlite3.Connection) -> Database:
    findings = [" ".join(str(row[0]).split()) for row in connection.execute("PRAGMA quick_check(1)")]
    if findings != ["ok"]:
        raise AuditError(f"{path}: the database is damaged: {findings[0]}")
    nodes = _table(path, connection, "node", NodeRow)
    if len(nodes) != 1:
        raise AuditError(f"{path}: expected one row in table node, found {len(nodes)}")
    node = nodes[0]
    if node.schema_version not in _SCHEMA_VERSIONS:
        raise AuditError(f"{path}: schema {node.schema_version}; this audit knows schema {_SCHEMA_VERSIONS[-1]}")
    if node.id != path.stem:
        raise AuditError(f"{path}: belongs to node {node.id}; expected {path.stem}")
    return Database(
        path,
        node,
        {row.id: row for row in _table(path, connection, "charging_point", PointRow)},
        {row.id: row for row in _table(path, connection, "reservation", ReservationRow)},
        {row.id: row for row in _table(path, connection, "session", SessionRow)},
        [read_event(path, row) for row in _table(path, connection, "journal", JournalRow)],
        _table(path, connection, "idempotency_key", AnswerRow),
        {row.id: row for row in _table(path, connection, "trip", TripRow)} if node.schema_version > 1 else {},
    )


def _table(path: Path, connection: sqlite3.Connection, name: str, row_type: type[T]) -> list[T]:
    """Return the rows of a table in the order of its key, each value checked against the row's type."""
    columns = row_type._fields
    hints = get_type_hints(row_type)
    found = connection.execute(f"SELECT {', '.join(columns)} FROM {name} ORDER BY {columns[0]}").fetchall()  # noqa: S608 - our names
    by_column: list[Sequence[Any]] = list(zip(*found, strict=True))
    for at, values in enumerate(by_column):
        allowed = _storage_types(hints[columns[at]])
        if not allowed.issuperset(map(type, values)):
            row, value = next((row, row[at]) for row in found if type(row[at]) not in allowed)
            raise AuditError(f"{path}: table {name}, {columns[0]} {row[0]!r}: {columns[at]} holds {value!r}")
        if hints[columns[at]] is bool:
            by_column[at] = [bool(value) for value in values]
    return list(map(row_type, *by_column)) if found else []


def _storage_types(hint: Any) -> frozenset[type]:
    """Return the types that SQLite may hand over for a member of that type."""
    plain = set(get_args(hint) or (hint,))
    if float in plain:
        plain.add(int)
    if bool in plain:
        plain = plain - {bool} | {int}
    assert plain <= {int, float, str, bytes, NoneType}
    return frozenset(plain)
