"""A copy put in the place of a node's database, by the command: it is known to be good before anything is touched."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nodes.store.backup import back_up
from tests.nodes.running import running_node

RESERVATIONS = 5


def restore(data: Path, copy: bytes, *more: str) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "nodes", "restore", "-", "--id", "server1", "--data", str(data), "--json", *more]
    return subprocess.run(command, input=copy, capture_output=True, timeout=60)


def place(data: Path) -> tuple[int, int]:
    """Return how far a database goes: epoch and ver."""
    with closing(sqlite3.connect(data / "server1.db")) as connection:
        epoch, ver = connection.execute("SELECT epoch, ver FROM node").fetchone()
    return epoch, ver


def error_of(done: "subprocess.CompletedProcess[bytes]") -> str:
    assert done.returncode == 1, done
    return str(json.loads(done.stdout)["error"])


@pytest.fixture
async def copy(tmp_path: Path) -> bytes:
    """Have a node's data and an older copy of it; the node does not run."""
    data, copied = tmp_path / "data", tmp_path / "copy.db"
    async with running_node(data) as client:
        await client.create()
        for number in range(1, RESERVATIONS + 1):
            assert (await client.reserve(minute=60 * number)).status == 201
        await asyncio.to_thread(back_up, data / "server1.db", copied)
        for number in range(1, RESERVATIONS + 1):
            assert (await client.reserve(minute=60 * (number + RESERVATIONS))).status == 201
    return copied.read_bytes()


async def test_a_lost_database_is_there_again(tmp_path: Path, copy: bytes) -> None:
    """The whole of what a backup is for: the node serves what was in the copy."""
    new = tmp_path / "new"
    done = restore(new, copy)
    assert json.loads(done.stdout) == {
        "event": "restore",
        "node": "server1",
        "ver": 1 + RESERVATIONS,
        "kept": None,
    }
    async with running_node(new) as client:
        assert len((await client.get("/v1/reservations?driver_id=ana")).body["items"]) == RESERVATIONS


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda _: b"", "StoreCorrupt"),  # what `cat` of a file that cannot be read makes
        (lambda copy: copy[: len(copy) // 2], "StoreCorrupt"),
        (lambda _: b"no database" * 5_000, "StoreCorrupt"),
        (lambda copy: copy[:8192] + bytes(8192) + copy[16384:], "StoreCorrupt"),
        (lambda copy: edited(copy, "UPDATE node SET id = 'server2'"), "StoreForeign"),
        (lambda copy: edited(copy, "UPDATE node SET schema_version = 99"), "StoreTooNew"),
        (lambda copy: edited(copy, "DELETE FROM journal WHERE ver > 3"), "StoreCorrupt"),
        (lambda copy: edited(copy, "DELETE FROM node"), "StoreCorrupt"),
    ],
)
def test_what_is_no_good_copy_changes_nothing(
    tmp_path: Path, copy: bytes, change: Callable[[bytes], bytes], error: str
) -> None:
    """Whoever restores has one database less to lose than they think."""
    data = tmp_path / "data"
    before = {path.name: path.read_bytes() for path in data.iterdir() if path.suffix != ".lock"}
    assert error_of(restore(data, change(copy), "--discard-newer")) == error
    assert {path.name: path.read_bytes() for path in data.iterdir() if path.suffix != ".lock"} == before


async def test_a_database_that_has_come_further_is_given_up_only_when_that_is_said(tmp_path: Path, copy: bytes) -> None:
    """It is kept beside the copy, and can be put back; the next epoch is higher than any that others have met."""
    data = tmp_path / "data"
    async with running_node(data):
        pass  # another epoch
    epoch, ver = place(data)
    assert error_of(restore(data, copy)) == "StoreFurther"
    assert place(data) == (epoch, ver)
    done = restore(data, copy, "--discard-newer")
    assert place(data) == (epoch, 1 + RESERVATIONS)
    kept = Path(json.loads(done.stdout)["kept"])
    assert kept.parent == data
    restored = await asyncio.to_thread(lambda: restore(data, kept.read_bytes()))
    assert restored.returncode == 0, restored
    assert place(data) == (epoch, ver)


def test_a_damaged_database_is_kept_whole_beside_the_copy(tmp_path: Path, copy: bytes) -> None:
    """With its log, in which somebody may still find something; left there it would be taken for the copy's."""
    data = tmp_path / "data"
    (data / "server1.db").write_bytes(b"damaged " * 2_000)
    (data / "server1.db-wal").write_bytes(b"its log")
    done = restore(data, copy)
    kept = Path(json.loads(done.stdout)["kept"])
    assert kept.read_bytes() == b"damaged " * 2_000
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == b"its log"
    assert sorted(path.name for path in data.iterdir()) == sorted(
        ["server1.db", "server1.lock", kept.name, f"{kept.name}-wal"]
    )
    assert place(data)[1] == 1 + RESERVATIONS


async def test_what_only_the_log_holds_counts_too(tmp_path: Path, copy: bytes) -> None:
    """A node that was killed leaves its last commits there: they are no less acknowledged."""
    data, killed = tmp_path / "data", tmp_path / "killed"
    killed.mkdir()
    async with running_node(data) as client:
        for number in range(1, 4):
            assert (await client.reserve(minute=60 * (number + 2 * RESERVATIONS), key=f"more-{number}")).status == 201
        for path in data.glob("server1.db*"):
            (killed / path.name).write_bytes(path.read_bytes())
    assert (killed / "server1.db-wal").stat().st_size > 0
    newest = (data / "server1.db").read_bytes()
    assert error_of(restore(killed, copy)) == "StoreFurther"
    assert place(killed)[1] == 4 + 2 * RESERVATIONS
    assert restore(killed, newest).returncode == 0


async def test_a_database_that_is_served_is_not_replaced(tmp_path: Path, copy: bytes) -> None:
    """The node would go on with memory that the disk does not have."""
    async with running_node(tmp_path / "data") as client:
        done = await asyncio.to_thread(restore, tmp_path / "data", copy, "--discard-newer")
        assert error_of(done) == "StoreHeld"
        assert (await client.get("/readyz")).status == 200
    assert place(tmp_path / "data")[1] == 1 + 2 * RESERVATIONS


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_of_a_node_on_postgresql_no_file_is_copied(tmp_path: Path, command: str) -> None:
    """There may be one, from before it moved there; nobody should think that it is the node's."""
    asked = [sys.executable, "-m", "nodes", command, "x.db", "--id", "server1", "--data", str(tmp_path)]
    database = {"RECARGA_DATABASE_URL": "postgresql+psycopg://somewhere/recarga"}
    done = subprocess.run(asked, capture_output=True, timeout=60, env=os.environ | database)
    assert done.returncode == 2
    assert b"pg_dump" in done.stderr


def edited(copy: bytes, statement: str) -> bytes:
    """Return a copy in which somebody has changed something."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(copy)
        connection.execute(statement)
        connection.commit()
        return connection.serialize()
