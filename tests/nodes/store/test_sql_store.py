"""The database file: who may open it, and what happens when it is damaged or the disk is full."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodes.domain.commands import CreatePoint
from nodes.domain.decide import decide
from nodes.domain.point import Location, Point, PointSpec
from nodes.domain.refusals import Refusal
from nodes.errors import StoreCorrupt, StoreError, StoreForeign, StoreFull, StoreHeld, StoreReadOnly, StoreTooNew
from nodes.records import Answer, Batch, Kept, Stamped
from nodes.store.sql_store import SqlStore
from nodes.store.sqlite_file import SqliteFile

NOW = 1_800_000_000_000
SPEC = PointSpec("A", Location(), 22_000, None, 100)


def store_in(folder: Path, node_id: str = "server1") -> SqlStore:
    return SqlStore(folder, node_id, answer_retention_s=86_400)


def created(ver: int, point_id: str) -> Stamped:
    events = decide(Point(point_id, SPEC, 1), CreatePoint(SPEC), NOW)
    assert not isinstance(events, Refusal)
    return Stamped(ver, 1, point_id, 1, NOW, events[0])


async def filled(folder: Path) -> Path:
    """Make a database with a few points, closed in order."""
    store = store_in(folder)
    store.open(NOW)
    await store.append(Batch([created(n, f"server1.p{n}") for n in range(1, 200)]))
    await store.close()
    return folder / "server1.db"


async def test_commits_are_synced(tmp_path: Path) -> None:
    """P2 rests on these two settings."""
    store = store_in(tmp_path)
    store.open(NOW)
    medium = store._database.medium
    assert isinstance(medium, SqliteFile)
    connection = medium._connection
    assert connection is not None
    with connection.begin():
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    await store.close()


async def test_a_second_opening_is_refused_and_says_who_holds_it(tmp_path: Path) -> None:
    """Two processes on one database would both be right and both be wrong."""
    first = store_in(tmp_path)
    first.open(NOW)
    with pytest.raises(StoreHeld) as held:
        store_in(tmp_path).open(NOW)
    assert f"pid {os.getpid()}" in held.value.holder
    await first.close()
    again = store_in(tmp_path)
    again.open(NOW)
    await again.close()


async def test_another_process_is_named_and_its_death_frees_the_database(tmp_path: Path) -> None:
    """After a kill -9 nobody should have to remove a stale lock by hand."""
    code = (
        "import sys,time;from pathlib import Path;from nodes.store.sql_store import SqlStore;"
        f"SqlStore(Path({str(tmp_path)!r}),'server1',answer_retention_s=1).open(1);print('open',flush=True);time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"open"
        with pytest.raises(StoreHeld, match=f"pid {other.pid}"):
            store_in(tmp_path).open(NOW)
        other.kill()
        other.wait()
    store = store_in(tmp_path)
    assert store.open(NOW).epoch == 2
    await store.close()


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """And left as it is."""
    path = tmp_path / "server1.db"
    path.write_bytes(b"this is a text, and quite a long one at that\n" * 100)
    with pytest.raises(StoreCorrupt):
        store_in(tmp_path).open(NOW)
    assert path.read_bytes().startswith(b"this is a text")


async def test_a_damaged_database_is_refused(tmp_path: Path) -> None:
    """A node that starts on half a database would forget bookings silently."""
    path = await filled(tmp_path)
    content = bytearray(path.read_bytes())
    for at in range(4096 * 3, len(content) - 4096, 4096):
        content[at : at + 2000] = os.urandom(2000)
    path.write_bytes(content)
    with pytest.raises(StoreCorrupt):
        store_in(tmp_path).open(NOW)


async def test_a_truncated_database_is_refused(tmp_path: Path) -> None:
    """As a copy that was interrupted leaves it."""
    path = await filled(tmp_path)
    path.write_bytes(path.read_bytes()[: 4096 * 4 + 100])
    with pytest.raises(StoreCorrupt):
        store_in(tmp_path).open(NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE charging_point SET terms = '{'",
        "UPDATE charging_point SET connector = 'PLUG'",
        "DELETE FROM journal WHERE ver > 100",
        "DELETE FROM node",
    ],
)
async def test_a_database_whose_rows_make_no_sense_is_refused(tmp_path: Path, statement: str) -> None:
    """Somebody wrote into it by hand."""
    path = await filled(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()
    with pytest.raises(StoreCorrupt):
        store_in(tmp_path).open(NOW)


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """Our tables must not be put beside somebody else's."""
    with sqlite3.connect(tmp_path / "server1.db") as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()
    with pytest.raises(StoreForeign, match="customers"):
        store_in(tmp_path).open(NOW)


async def test_another_nodes_database_is_refused(tmp_path: Path) -> None:
    """Two nodes with one history would be a fork."""
    path = await filled(tmp_path)
    path.rename(tmp_path / "server2.db")
    with pytest.raises(StoreForeign, match="server1"):
        store_in(tmp_path, "server2").open(NOW)


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A downgrade must not destroy what the newer version wrote."""
    path = await filled(tmp_path)
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE node SET schema_version = 99")
    connection.close()
    with pytest.raises(StoreTooNew, match="99"):
        store_in(tmp_path).open(NOW)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT epoch FROM node").fetchone() == (1,)
    connection.close()


async def test_a_refused_opening_leaves_nothing_locked(tmp_path: Path) -> None:
    """No partial start: the next attempt, after repair, must work."""
    path = await filled(tmp_path)
    good = path.read_bytes()
    path.write_bytes(b"x" * 5000)
    for _ in range(2):
        with pytest.raises(StoreCorrupt):
            store_in(tmp_path).open(NOW)
    path.write_bytes(good)
    store = store_in(tmp_path)
    assert len(store.open(NOW).points) == 199
    await store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_fails_the_append_and_keeps_what_was_durable(small_disk: Path) -> None:
    """Nothing that was acknowledged may be lost by running out of space."""
    store = store_in(small_disk)
    store.open(NOW)
    written = 0
    with pytest.raises(StoreFull, match="disk is full"):
        for number in range(10_000):
            answer = Kept(f"k{number}", "f", Answer(201, b"x" * 2_000), NOW)
            await store.append(Batch([created(number + 1, f"server1.p{number}")], [answer]))
            written = number + 1
    await store.close()
    assert written > 10
    copied = small_disk.parent / "copy"
    shutil.copytree(small_disk, copied)
    again = store_in(copied)
    assert len(again.open(NOW).points) == written
    await again.close()


async def test_a_full_disk_at_the_start_is_said_and_nothing_starts(small_disk: Path) -> None:
    """A clear message, no partial start."""
    (small_disk / "ballast").write_bytes(b"x" * 1_000_000)
    with pytest.raises(StoreError, match="disk is full"):
        store_in(small_disk).open(NOW)


async def test_a_read_only_file_system_is_said(small_disk: Path) -> None:
    """Found when the node starts, not at the first reservation."""
    store = store_in(small_disk)
    store.open(NOW)
    await store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StoreReadOnly):
        store_in(small_disk).open(NOW)


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    """The path's parent is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreReadOnly):
        store_in(tmp_path / "file" / "data").open(NOW)


async def test_expired_answers_are_pruned_while_new_ones_come(tmp_path: Path) -> None:
    """P10 on disk: the table follows the rate of a day, not of a year."""
    store = store_in(tmp_path)
    store.open(NOW)
    day_ms = 86_400_000
    for day in range(5):
        answers = [Kept(f"{day}-{n}", "f", Answer(201, b""), NOW + day * day_ms + n) for n in range(50)]
        await store.append(Batch([], answers))
        await asyncio.sleep(0)
    await store.close()
    with sqlite3.connect(tmp_path / "server1.db") as connection:
        (count,) = connection.execute("SELECT count(*) FROM idempotency_key").fetchone()
    connection.close()
    assert 50 <= count <= 100


async def test_keys_are_recovered_only_while_they_stand(tmp_path: Path) -> None:
    """What has expired need not be known."""
    store = store_in(tmp_path)
    store.open(NOW)
    await store.append(Batch([], [Kept("old", "f", Answer(201, b""), NOW)]))
    await store.append(Batch([], [Kept("new", "f", Answer(201, b""), NOW + 50_000_000)]))
    await store.close()
    again = store_in(tmp_path)
    assert again.open(NOW + 100_000_000).keys == ["new"]
    await again.close()
