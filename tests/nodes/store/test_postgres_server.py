"""A PostgreSQL server that dies, hangs, runs full or would lose what it acknowledges: what a store on it does then."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from bench.postgres import Postgres, Unavailable, postgres
from nodes.errors import (
    StoreError,
    StoreFailed,
    StoreFull,
)
from nodes.records import Answer, Kept
from nodes.store.sql_store import SqlStore
from tests.nodes.contracts.author import NOW, numbered_batch
from tests.nodes.contracts.playing import until
from tests.nodes.store.postgres_stores import store_at


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server that the tests of this file may break."""
    with postgres(shared_buffers="32MB") as server:
        if isinstance(server, Unavailable):
            pytest.skip(server.reason)
        yield server


async def test_a_server_without_fsync_is_refused(own_server: Postgres) -> None:
    """It acknowledges what a power loss takes back."""
    url = make_url(own_server.new_database("no_fsync"))
    own_server.stop()
    own_server.start(fsync="off")
    with pytest.raises(StoreFailed, match="fsync is off"):
        store_at(url).open(NOW)
    own_server.stop()
    own_server.start()


async def test_a_server_that_dies_stops_the_store_and_has_all_that_was_acknowledged(own_server: Postgres) -> None:
    """P2, with all processes of the server killed while batches come; what was under way is there whole or not at all."""
    url = make_url(own_server.new_database("crash"))
    acknowledged = 0
    for crash in range(3):
        lost: list[StoreError] = []
        store = store_at(url)
        recovered = store.open(NOW)
        assert acknowledged <= recovered.ver // 3 <= acknowledged + 1
        assert recovered.ver % 3 == 0
        assert len(recovered.points) == recovered.ver
        assert sorted(recovered.keys) == sorted(f"k{number + 1}" for number in range(recovered.ver // 3))
        store.watch(lost.append)
        acknowledged = await _append_until_killed(own_server, store, recovered.ver, 10 * (crash + 1))
        await until(lambda lost=lost: lost)
        with pytest.raises(StoreError):
            await store.find_answer("k1")
        with pytest.raises(StoreError):
            await store.append(numbered_batch(1, 0))
        await store.close()
        own_server.start()
    store = store_at(url)
    assert store.open(NOW).epoch == 4
    await store.close()


async def test_a_server_that_hangs_is_waited_for_like_a_disk(own_server: Postgres) -> None:
    """It still holds the lock for us: nobody else can write, and nothing is lost by waiting."""
    url = make_url(own_server.new_database("hang"))
    lost: list[StoreError] = []
    store = store_at(url)
    store.open(NOW)
    store.watch(lost.append)
    own_server.signal(signal.SIGSTOP)
    try:
        appending = asyncio.ensure_future(store.append(numbered_batch(1, 0)))
        done, _ = await asyncio.wait([appending], timeout=0.5)
        assert not done
    finally:
        own_server.signal(signal.SIGCONT)
    await appending
    assert (lost, len(await store.read_journal(0, 9))) == ([], 3)
    await store.close()


@pytest.fixture
def small_disk(own_server: Postgres) -> Iterator[Path]:
    """A file system of 24 MB that the server may write to."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system takes root")
    folder = own_server.directory / "small"
    folder.mkdir(exist_ok=True)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.decode().strip()}")
    space = folder / "space"
    space.mkdir()
    owner = own_server.directory.stat()
    os.chown(space, owner.st_uid, owner.st_gid)
    yield folder
    own_server.sql("drop database if exists small with (force)")
    own_server.sql("drop tablespace if exists small")
    subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_full_disk_fails_the_append_and_keeps_what_was_durable(own_server: Postgres, small_disk: Path) -> None:
    """Nothing that was acknowledged may be lost by running out of space."""
    own_server.sql(f"create tablespace small location '{small_disk / 'space'}'")
    url = make_url(own_server.new_database("small", "tablespace small"))
    store = store_at(url)
    store.open(NOW)
    written = 0
    with pytest.raises(StoreFull, match="disk is full"):
        for number in range(1, 2_000):
            batch = numbered_batch(number, 3 * written)
            batch.answers += [
                Kept(f"b{number}-{n}", "f", Answer(201, os.urandom(4_000).hex().encode()), NOW) for n in range(20)
            ]
            await store.append(batch)
            written = number
    await store.close()
    assert written > 10
    subprocess.run(["mount", "-o", "remount,size=80m", str(small_disk)], check=True)
    again = store_at(url)
    recovered = again.open(NOW)
    assert (recovered.ver, len(recovered.keys)) == (3 * written, 21 * written)
    await again.close()


async def _append_until_killed(server: Postgres, store: SqlStore, ver: int, batches: int) -> int:
    """Append one batch after the other; after so many, kill the server. Return how many there are by then."""
    number, killing = ver // 3, None
    try:
        while True:
            await store.append(numbered_batch(number + 1, 3 * number))
            number += 1
            if number == ver // 3 + batches:
                killing = asyncio.ensure_future(asyncio.to_thread(server.crash))
    except StoreError:
        assert killing is not None
        await killing
        return number
