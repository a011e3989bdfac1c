"""A database that an older Recarga wrote is brought up to date whole, or not at all, and nothing of it is lost."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from nodes.domain.commands import AbortStop, CommitStop, PrepareStop
from nodes.domain.reservation import Reservation, ReservationStatus
from nodes.records import Batch
from nodes.store.sql_store import SqlStore
from nodes.store.tables import SCHEMA_VERSION
from tests.nodes.contracts.author import NOW, Author
from tests.nodes.contracts.trip_author import HOUR, OVER, UNDER_WAY, TripAuthor

SCHEMA_1 = Path(__file__).with_name("schema_1.sql").read_text(encoding="utf-8")
LATER = NOW + HOUR // 4 + 60_000
TABLES = ("charging_point", "idempotency_key", "journal", "node", "reservation", "session")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A folder with a database of schema 1."""
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "server1.db")) as connection:
        connection.executescript(SCHEMA_1)
    return folder


def store_in(folder: Path) -> SqlStore:
    return SqlStore(folder, "server1", answer_retention_s=86_400)


def read(folder: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(folder / "server1.db")
    connection.row_factory = sqlite3.Row
    return connection


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Return all rows of the tables that there were always."""
    with closing(read(folder)) as connection:
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY 1")] for name in TABLES}


def shape(folder: Path) -> dict[str, Any]:
    """Return tables with their columns, and indexes, in no order."""
    with closing(read(folder)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            name: {tuple(row)[1:] for row in connection.execute(f"PRAGMA table_info({name})")} for name in sorted(names)
        }
        indexes = {row[0] for row in connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")}
    return {"tables": columns, "indexes": indexes}


def head(folder: Path) -> tuple[int, int]:
    """Return the database's schema and epoch."""
    (row,) = rows(folder)["node"]
    return row["schema_version"], row["epoch"]


async def test_nothing_of_an_older_database_is_lost(old: Path) -> None:
    """Every row is as it was, and what was in force is recovered."""
    before = rows(old)
    store = store_in(old)
    recovered = store.open(LATER)
    found = await store.find_answer("k1")
    told = await store.read_journal(0, 100)
    ended = await store.find_session("server1.a.s1-6")
    await store.close()

    (node,) = before["node"]
    node |= {"schema_version": SCHEMA_VERSION, "epoch": 2, "started_ms": LATER}
    for row in before["reservation"]:
        row |= {"trip_stop": None, "trip_points": None}
    assert rows(old) == before
    first, second = recovered.points.values()
    assert (recovered.epoch, recovered.ver, recovered.keys, recovered.trips) == (2, 13, ["k1", "k2"], [])
    assert [entry.reservation_id for entry in first.calendar] == ["server1.a.r1-8", "server1.a.r1-2", "server1.a.r1-11"]
    assert first.session is not None and (first.session.id, first.session.energy_wh) == ("server1.a.s1-9", 1_000)
    assert (second.spec.name, second.maintenance, first.in_doubt) == ("Cais", True, {})
    assert found is not None and found.answer.witness == (1, 2)
    assert ended is not None and ended.cost_minor == 567
    assert [stamped.ver for stamped in told] == list(range(1, 14))


async def test_an_older_database_has_then_the_shape_of_a_new_one(old: Path, tmp_path: Path) -> None:
    """Else the next migration would have two kinds of schema 2 to start from."""
    for folder in (old, tmp_path / "new"):
        store = store_in(folder)
        store.open(LATER)
        await store.close()
    assert shape(old) == shape(tmp_path / "new")
    assert head(old) == (SCHEMA_VERSION, 2)


async def test_a_database_without_the_indexes_of_drivers_gets_them(tmp_path: Path) -> None:
    """Schema 2 was written without them, and works without them; then every list would look at everybody's history."""
    for folder in ("new", "older"):
        store = store_in(tmp_path / folder)
        store.open(NOW)
        await store.close()
    with closing(read(tmp_path / "older")) as connection:
        names = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%\\_driver%' ESCAPE '\\'")
        ]
        for name in names:
            connection.execute(f"DROP INDEX {name}")
    assert len(names) == 3
    assert shape(tmp_path / "older") != shape(tmp_path / "new")
    store = store_in(tmp_path / "older")
    store.open(LATER)
    await store.close()
    assert shape(tmp_path / "older") == shape(tmp_path / "new")
    assert head(tmp_path / "older") == (2, 2), "an older node can still work with it"


async def test_an_older_database_then_works_for_trips(old: Path) -> None:
    """Promises on its points, and trips of its own, also over the next restart."""
    store = store_in(old)
    recovered = store.open(LATER)
    author, trips = Author(store, recovered), TripAuthor(recovered)
    trip_id, stops = "server2.trip.t1-1", []
    for at in range(3):
        start_ms = NOW + (7 + at) * HOUR
        stop = await author.write(PrepareStop(trip_id, at, "ana", start_ms, start_ms + HOUR, ("server2.a",)), LATER)
        assert isinstance(stop, Reservation)
        stops.append(stop)
    await author.write(CommitStop(stops[0].id, trip_id), LATER + 1)
    await author.write(AbortStop(trip_id, 1), LATER + 2)
    trips.ver = author.ver
    begun, under_way = trips.life(1, UNDER_WAY["to be cancelled"])
    ended, over = trips.life(2, OVER["cancelled"])
    await store.append(Batch(begun + ended))
    await store.close()

    again = store_in(old)
    recovered = again.open(LATER)
    assert (recovered.epoch, recovered.trips) == (3, [under_way])
    assert recovered.points["server1.a"].in_doubt == {(trip_id, 2): stops[2].id}
    assert await again.find_stops(trip_id) == stops
    assert [stop.status for stop in stops] == [
        ReservationStatus.RESERVED,
        ReservationStatus.REJECTED,
        ReservationStatus.PENDING,
    ]
    assert await again.find_trip(over.id) == over
    await again.close()


@contextmanager
def copies_at_every_statement(old: Path, into: Path) -> Iterator[list[Path]]:
    """Copy the files before every statement: what a process leaves that is killed there."""
    copies: list[Path] = []

    def copy(*_: Any) -> None:
        copies.append(copied(old, into / f"killed-{len(copies)}"))

    event.listen(Engine, "before_cursor_execute", copy)
    try:
        yield copies
    finally:
        event.remove(Engine, "before_cursor_execute", copy)


def copied(old: Path, folder: Path) -> Path:
    """Copy a database and its log as they are now. What only lives in shared memory is made anew by who opens it."""
    folder.mkdir()
    for name in ("server1.db", "server1.db-wal"):
        if (old / name).exists():
            shutil.copyfile(old / name, folder / name)
    return folder


async def check_whole(folder: Path) -> int:
    """The database is the old one or the new one; either way it opens, with all that was in it. Returns which."""
    before = shape(folder)
    schema, epoch = head(folder)
    assert (schema, epoch) in {(1, 1), (SCHEMA_VERSION, 2)}
    assert ("trip" in before["tables"]) is (schema == SCHEMA_VERSION)
    store = store_in(folder)
    recovered = store.open(LATER)
    await store.close()
    after = shape(folder)
    assert (before == after) is (schema == SCHEMA_VERSION)
    assert head(folder) == (SCHEMA_VERSION, epoch + 1)
    assert (recovered.ver, len(recovered.points["server1.a"].reservations)) == (13, 3)
    assert "trip" in after["tables"]
    return schema


async def test_a_node_killed_while_it_migrates_leaves_all_or_nothing(old: Path, tmp_path: Path) -> None:
    """Whatever statement was the last: half a migration would be neither the one nor the other program's database."""
    store = store_in(old)
    with copies_at_every_statement(old, tmp_path) as copies:
        store.open(LATER)
    last = copied(old, tmp_path / "migrated")
    await store.close()
    schemas = [await check_whole(folder) for folder in [*copies, last]]
    assert schemas == sorted(schemas)
    assert schemas.count(1) > 5
    assert schemas[-1] == SCHEMA_VERSION


async def test_a_power_loss_while_it_migrates_leaves_all_or_nothing(old: Path, tmp_path: Path) -> None:
    """The log of the one transaction, cut anywhere."""
    store = store_in(old)
    store.open(LATER)
    whole = copied(old, tmp_path / "whole")
    await store.close()
    log = (whole / "server1.db-wal").read_bytes()
    schemas = []
    for number in range(25):
        folder = copied(whole, tmp_path / f"cut-{number}")
        (folder / "server1.db-wal").write_bytes(log[: len(log) * number // 24])
        schemas.append(await check_whole(folder))
    assert schemas == sorted(schemas)
    assert set(schemas) == {1, SCHEMA_VERSION}
