"""A copy of the database of a node that runs, and a node that is started with it."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nodes.errors import StoreFailed
from nodes.store.backup import back_up
from tests.nodes.brokers import new_broker
from tests.nodes.running import running_node


async def test_a_copy_holds_what_was_acknowledged_while_the_node_goes_on(tmp_path: Path) -> None:
    """Every reservation that was acknowledged before the copy began is in it, and it is one file that is whole."""
    copy = tmp_path / "copy" / "server1.db"
    copy.parent.mkdir()
    async with running_node(tmp_path / "data") as client:
        await client.create()
        before = [(await client.reserve(minute=60 * number)).body["id"] for number in range(1, 9)]

        async def go_on() -> None:
            for number in range(9, 40):
                await client.reserve(minute=60 * number)

        going_on = asyncio.create_task(go_on())
        ver = await asyncio.to_thread(back_up, tmp_path / "data" / "server1.db", copy)
        await going_on
    assert ver >= 9
    assert [path.name for path in copy.parent.iterdir()] == ["server1.db"]
    with closing(sqlite3.connect(copy)) as connection:
        kept = {row[0] for row in connection.execute("SELECT id FROM reservation")}
        assert connection.execute("SELECT max(ver) FROM journal").fetchone() == (ver,)
    assert set(before) <= kept
    async with running_node(copy.parent) as client:
        reply = await client.get(f"/v1/reservations/{before[-1]}")
        assert (reply.status, reply.body["status"]) == (200, "RESERVED")


async def test_a_node_on_an_old_copy_does_not_serve(tmp_path: Path) -> None:
    """Else there would be two histories: a backup is for a node that has told nobody more, or for a look into the past."""
    data, copy, broker = tmp_path / "data", tmp_path / "server1.db", new_broker("embedded", tmp_path)
    await broker.start()
    async with running_node(tmp_path / "other", "server2", broker=broker.url) as other:
        known = {"broker": broker.url, "peers": {"server2": other.url}}
        async with running_node(data, **known) as client:
            await client.create()
            port = int(client.url.rpartition(":")[2])
            other.node.view.configure("server1", client.url)
            ver = await asyncio.to_thread(back_up, data / "server1.db", copy)
            for number in range(1, 100):  # more than ``attest_events``: then the other node asks how far it has come
                await client.reserve(minute=60 * number)
            async with asyncio.timeout(60):
                while other.node.view.nodes["server1"].attested[1] <= ver:
                    await asyncio.sleep(0.1)
        shutil.rmtree(data)
        data.mkdir()
        shutil.copy(copy, data)
        async with running_node(data, port=port, **known) as client:
            reply = await client.get("/readyz")
            assert (reply.status, reply.body["status"]) == (503, "forked")
    await broker.stop()


def test_what_cannot_be_copied_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    """A file that is there already is not overwritten; what is no database is not copied."""
    (tmp_path / "there.db").write_bytes(b"something")
    with pytest.raises(StoreFailed, match="already"):
        back_up(tmp_path / "server1.db", tmp_path / "there.db")
    (tmp_path / "server1.db").write_bytes(b"no database " * 500)
    for source in ("server1.db", "nowhere.db"):
        with pytest.raises(StoreFailed, match="cannot be copied"):
            back_up(tmp_path / source, tmp_path / "copy.db")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["server1.db", "there.db"]
