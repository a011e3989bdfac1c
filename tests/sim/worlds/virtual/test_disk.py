"""The simulated disk: how long a commit takes, when it is there, and what a crash leaves of it."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import closing
from contextvars import copy_context
from pathlib import Path
from random import Random
from typing import Any

import pytest
from simpy import Environment

from nodes.errors import StoreFull
from sim.engine.loop import VirtualLoop
from sim.scenario.virtual import Virtual
from sim.worlds.virtual.disk import VirtualDisk
from sim.worlds.virtual.store import VirtualStore
from tests.nodes.contracts.author import NOW, numbered_batch

Body = Callable[[VirtualDisk, VirtualStore], Coroutine[Any, Any, None]]


def with_disk(folder: Path, body: Body, seed: int = 1) -> VirtualDisk:
    """Play a body with an open store on a disk whose commits take 10 ms, and whose looks take 2."""
    loop = VirtualLoop(Environment())  # type: ignore[abstract]
    virtual = Virtual.model_validate({"fsync_ms": 10, "read_ms": 2})
    disk = VirtualDisk(loop, copy_context(), folder, "server1", virtual, Random(seed), answer_retention_s=86_400)

    async def main() -> None:
        store = VirtualStore(disk)
        store.open(NOW)
        await body(disk, store)
        await store.close()
        disk.close()

    loop.run_until_complete(main())
    return disk


def found_again(folder: Path) -> int:
    """Return how many batches whoever starts next finds."""
    found = []

    async def look(_: VirtualDisk, store: VirtualStore) -> None:
        found.append(len(await store.read_journal(0, 1_000)) // 3)

    with_disk(folder, look)
    return found[0]


def test_a_commit_takes_its_time_and_a_slow_disk_many_times_as_long(tmp_path: Path) -> None:
    """It is said beforehand to who aims crashes at commits; looks are as slow."""

    async def body(disk: VirtualDisk, store: VirtualStore) -> None:
        loop, told = asyncio.get_running_loop(), list[float]()
        disk.on_commit = told.append
        for number, slowness in enumerate((1, 50)):
            disk.slowness = slowness
            begun_s = loop.time()
            await store.append(numbered_batch(number + 1, 3 * number))
            assert loop.time() - begun_s == pytest.approx(0.01 * slowness)
            begun_s = loop.time()
            await store.find_answer("k1")
            assert loop.time() - begun_s == pytest.approx(0.002 * slowness)
        assert told == pytest.approx([0.01, 0.5])

    assert with_disk(tmp_path, body).counts["commits"] == 2


def test_what_is_being_written_is_not_seen(tmp_path: Path) -> None:
    """A reader that saw it could tell somebody, and a crash could take it back."""

    async def body(_: VirtualDisk, store: VirtualStore) -> None:
        appending = asyncio.ensure_future(store.append(numbered_batch(1, 0)))
        await asyncio.sleep(0.005)
        assert await store.find_answer("k1") is None
        assert await store.read_journal(0, 10) == []
        assert not appending.done()
        await appending
        assert await store.find_answer("k1") is not None

    with_disk(tmp_path, body)


def test_a_crash_leaves_a_whole_batch_or_none(tmp_path: Path) -> None:
    """Whatever part of it had come to the disk; all three fates come about, and what was durable before stays."""
    fates: Counter[str] = Counter()
    for seed in range(40):
        folder = tmp_path / str(seed)
        appending: list[asyncio.Future[None]] = []

        async def body(disk: VirtualDisk, store: VirtualStore, appending: Any = appending) -> None:
            await store.append(numbered_batch(1, 0))
            appending.append(asyncio.ensure_future(store.append(numbered_batch(2, 3))))
            await asyncio.sleep(0.005)
            disk.crash()
            await asyncio.sleep(1)
            assert not appending[0].done(), "nobody is told anything by a machine that is off"
            appending[0].cancel()

        disk = with_disk(folder, body, seed)
        fate = next(fate for fate in ("lost", "torn", "unacknowledged") if disk.counts[f"batch_{fate}"])
        fates[fate] += 1
        assert disk.counts["commits"] == 1
        assert found_again(folder) == (2 if fate == "unacknowledged" else 1)
    assert set(fates) == {"lost", "torn", "unacknowledged"}


@pytest.mark.parametrize("seed", range(5))
def test_a_run_that_ends_during_a_commit_leaves_a_closed_database_without_it(tmp_path: Path, seed: int) -> None:
    """Ctrl-C is no crash of the simulated node: what there is is whole, and no log lies beside it."""

    async def body(disk: VirtualDisk, store: VirtualStore) -> None:
        await store.append(numbered_batch(1, 0))
        writing = asyncio.ensure_future(store.append(numbered_batch(2, 3)))
        await asyncio.sleep(0.005)
        assert disk.is_writing
        disk.drop()
        disk.crash()
        assert not disk.database.path.with_name("server1.db-wal").exists()
        writing.cancel()

    disk = with_disk(tmp_path, body, seed)
    assert {name for name in disk.counts if name.startswith("batch_")} == set()
    assert found_again(tmp_path) == 1


def test_a_crash_between_commits_takes_nothing(tmp_path: Path) -> None:
    """Also what is kept in memory for speed is on the disk as far as anybody can tell."""

    async def body(disk: VirtualDisk, store: VirtualStore) -> None:
        for number in range(5):
            await store.append(numbered_batch(number + 1, 3 * number))
        disk.crash()

    disk = with_disk(tmp_path, body)
    assert not any(disk.counts[f"batch_{fate}"] for fate in ("lost", "torn", "unacknowledged"))
    assert found_again(tmp_path) == 5


def test_a_full_disk_fails_the_commit_under_way_and_every_opening(tmp_path: Path) -> None:
    """Also a crash leaves nothing of what had no room. Once there is room it opens, with what it had."""

    async def body(disk: VirtualDisk, store: VirtualStore) -> None:
        await store.append(numbered_batch(1, 0))
        appending = asyncio.ensure_future(store.append(numbered_batch(2, 3)))
        await asyncio.sleep(0.005)
        disk.is_full = True
        with pytest.raises(StoreFull):
            await appending
        await store.close()
        for _ in range(2):
            with pytest.raises(StoreFull):
                VirtualStore(disk).open(NOW)
        disk.is_full = False
        again = VirtualStore(disk)
        recovered = again.open(NOW)
        assert (recovered.epoch, recovered.ver) == (2, 3)
        dying = asyncio.ensure_future(again.append(numbered_batch(2, 3)))
        await asyncio.sleep(0.005)
        disk.is_full = True
        disk.crash()
        dying.cancel()
        disk.is_full = False
        assert disk.counts["batch_lost"] == 1
        assert disk.counts["batch_unacknowledged"] == 0

    with_disk(tmp_path, body)
    assert found_again(tmp_path) == 1


def test_nobody_need_wait_for_a_commit(tmp_path: Path) -> None:
    """A caller that gives up changes nothing about the disk."""

    async def body(_: VirtualDisk, store: VirtualStore) -> None:
        appending = asyncio.ensure_future(store.append(numbered_batch(1, 0)))
        await asyncio.sleep(0.001)
        appending.cancel()
        await asyncio.sleep(1)
        assert await store.find_answer("k1") is not None

    with_disk(tmp_path, body)
    assert found_again(tmp_path) == 1


def test_a_copy_holds_what_is_durable_and_any_part_of_what_is_being_written(tmp_path: Path) -> None:
    """A machine's disk is carried away while it writes: as after a crash, and the machine itself notices nothing."""
    fates: list[str | None] = []
    for attempt in range(20):
        here, there = tmp_path / f"here{attempt}", tmp_path / f"there{attempt}"
        there.mkdir()

        async def body(disk: VirtualDisk, store: VirtualStore, there: Path = there, attempt: int = attempt) -> None:
            await store.append(numbered_batch(1, 0))
            writing = asyncio.ensure_future(store.append(numbered_batch(2, 3)))
            await asyncio.sleep(0.001)
            fates.append(disk.copy_to(there, Random(attempt)))
            await writing
            assert len(await store.read_journal(0, 1_000)) == 6

        with_disk(here, body)
        assert found_again(there) == (2 if fates[-1] == "unacknowledged" else 1)
        assert found_again(here) == 2
    assert set(fates) == {"lost", "torn", "unacknowledged"}


def test_a_copy_of_a_disk_at_rest_is_the_same_and_raises_no_epoch(tmp_path: Path) -> None:
    """Only a start does that: the next one is the first on the copy."""
    there = tmp_path / "there"
    there.mkdir()

    async def body(disk: VirtualDisk, store: VirtualStore) -> None:
        await store.append(numbered_batch(1, 0))
        assert disk.copy_to(there, Random(1)) is None

    with_disk(tmp_path / "here", body)
    assert found_again(there) == 1
    epochs = []
    for folder in (tmp_path / "here", there):
        with closing(sqlite3.connect(folder / "server1.db")) as database:
            epochs.append(database.execute("SELECT epoch FROM node").fetchall()[0][0])
    assert epochs == [1, 2]
