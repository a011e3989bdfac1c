"""What the nodes kept: points, reservations and sessions, read from their databases without touching them."""

import shutil
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sim.measure.errors import MeasureError

SCHEMA_VERSIONS = (1, 2)
"""Of the node's database, as read here."""


class PointRecord(NamedTuple):
    """A charging point."""

    id: str
    name: str
    max_power_w: int
    connector: str | None
    currency: str


class WindowRecord(NamedTuple):
    """A reservation; it was in force in ``[start_ms, until_ms)``, which is empty if it was released before."""

    point_id: str
    start_ms: int
    until_ms: int
    is_no_show: bool = False


class SessionRecord(NamedTuple):
    """A charging session; ``ended_ms`` is None while it runs."""

    point_id: str
    started_ms: int
    ended_ms: int | None
    energy_wh: int
    cost_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class PointLog:
    """When everything happened to a point: sequence numbers, rising, and the owner's time."""

    seqs: "array[int]" = field(default_factory=lambda: array("q"))
    at_ms: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class NodeDatabase:
    """One node's database."""

    id: str
    epoch: int
    """How often it has started."""
    events: int
    """In its journal."""
    points: list[PointRecord]
    windows: list[WindowRecord]
    sessions: list[SessionRecord]
    logs: dict[str, PointLog]
    """By point: its part of the journal."""
    bytes: int = 0
    """Of its files."""


def read_databases(folder: Path, node_ids: Sequence[str]) -> list[NodeDatabase]:
    """Read ``<node>.db`` of every node. Raises ``MeasureError`` naming the file that is missing or damaged."""
    return [_read_database(folder / f"{node_id}.db", node_id) for node_id in node_ids]


def _read_database(path: Path, node_id: str) -> NodeDatabase:
    if not path.is_file():
        raise MeasureError(f"{path}: missing; it should hold what {node_id} kept")
    try:
        with _opened(path) as connection:
            return _read(path, connection)
    except sqlite3.Error as error:
        raise MeasureError(f"{path}: cannot be read as a node's database: {error}") from error
    except OSError as error:
        raise MeasureError(f"{path}: cannot be read: {error.strerror}") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading. One with a log beside it is copied, since SQLite writes to read such a log."""
    log = path.with_name(f"{path.name}-wal")
    if not log.exists() or log.stat().st_size == 0:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            yield connection
        return
    with TemporaryDirectory(prefix="recarga-report-") as copies:
        copy = Path(copies) / path.name
        shutil.copyfile(path, copy)
        shutil.copyfile(log, copy.with_name(log.name))
        with closing(sqlite3.connect(copy)) as connection:
            yield connection


def _read(path: Path, connection: sqlite3.Connection) -> NodeDatabase:
    nodes = connection.execute("SELECT id, schema_version, epoch, ver FROM node").fetchall()
    if len(nodes) != 1:
        raise MeasureError(f"{path}: expected one row in table node, found {len(nodes)}")
    node_id, schema_version, epoch, events = nodes[0]
    if schema_version not in SCHEMA_VERSIONS:
        raise MeasureError(f"{path}: has schema {schema_version}; this report reads schema {SCHEMA_VERSIONS[-1]}")
    points = connection.execute("SELECT id, name, max_power_w, connector, currency FROM charging_point ORDER BY id")
    windows = connection.execute(
        "SELECT point_id, start_ms, COALESCE(released_ms, end_ms), status = 'NO_SHOW' FROM reservation WHERE status <> 'REJECTED'"
        " ORDER BY point_id, start_ms"
    )
    sessions = connection.execute(
        "SELECT point_id, started_ms, ended_ms, energy_wh, cost_minor, currency FROM session"
        " ORDER BY point_id, started_ms"
    )
    return NodeDatabase(
        node_id,
        epoch,
        events,
        [PointRecord(*row) for row in points],
        [WindowRecord(*row) for row in windows],
        [SessionRecord(*row) for row in sessions],
        _logs(connection),
        sum(file.stat().st_size for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()),
    )


def _logs(connection: sqlite3.Connection) -> dict[str, PointLog]:
    """Return every point's part of the journal; a trip's events stand under the trip's id, and are left out."""
    rows = connection.execute(
        "SELECT point_id, point_seq, at_ms FROM journal WHERE point_id IN (SELECT id FROM charging_point)"
        " ORDER BY point_id, point_seq"
    )
    logs: dict[str, PointLog] = {}
    for point_id, seq, at_ms in rows:
        log = logs.setdefault(point_id, PointLog())
        log.seqs.append(seq)
        log.at_ms.append(at_ms)
    return logs
