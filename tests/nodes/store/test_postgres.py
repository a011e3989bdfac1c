"""A node's schema in PostgreSQL: who may open it, what it takes to be durable, and what happens when the server fails."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, make_url

from bench.postgres import Postgres, Unavailable, postgres
from nodes.errors import (
    StoreCorrupt,
    StoreError,
    StoreFailed,
    StoreForeign,
    StoreFull,
    StoreHeld,
    StoreReadOnly,
    StoreTooNew,
)
from nodes.records import Answer, Batch, Kept
from nodes.store.postgres_schema import PostgresSchema
from nodes.store.sql_store import SqlStore
from tests.nodes.contracts.author import NOW, numbered_batch
from tests.nodes.contracts.playing import until

SECRET = "s3cret-pass/word"


@pytest.fixture
def url(new_database: Callable[[], str]) -> URL:
    return make_url(new_database())


@pytest.fixture(scope="module")
def own_server() -> Iterator[Postgres]:
    """A server that the tests of this file may break."""
    with postgres(shared_buffers="32MB") as server:
        if isinstance(server, Unavailable):
            pytest.skip(server.reason)
        yield server


def store_at(url: URL, node_id: str = "server1", holder: str = "") -> SqlStore:
    return SqlStore(url, node_id, answer_retention_s=86_400, holder=holder)


async def filled(url: URL) -> None:
    """Make a database with a few points, closed in order."""
    store = store_at(url)
    store.open(NOW)
    for number in range(1, 5):
        await store.append(numbered_batch(number, 3 * (number - 1)))
    await store.close()


def sql(server: Postgres, url: URL, statements: str) -> str:
    return server.sql(f"set search_path to recarga_server1; {statements}", url.database or "")


async def test_a_second_opening_is_refused_and_says_who_holds_it(url: URL) -> None:
    """Two processes on one database would both be right and both be wrong."""
    first = store_at(url, holder="pid 4711, node server1 at http://127.0.0.1:9000")
    first.open(NOW)
    with pytest.raises(StoreHeld, match=r"pid 4711, node server1 at http://127\.0\.0\.1:9000 \(from the same machine"):
        store_at(url).open(NOW)
    await first.append(numbered_batch(1, 0))
    await first.close()
    again = store_at(url)
    assert again.open(NOW).ver == 3
    await again.close()


async def test_nodes_share_a_database_and_nothing_else(postgres_server: Postgres, url: URL) -> None:
    """Each has a schema of its own, and a lock of its own."""
    first, second = store_at(url), store_at(url, "server2")
    first.open(NOW)
    await first.append(numbered_batch(1, 0))
    assert second.open(NOW).ver == 0
    assert await second.read_journal(0, 9) == []
    await first.close()
    await second.close()
    assert postgres_server.sql(
        "select nspname from pg_namespace where nspname like 'recarga%' order by 1", url.database or ""
    ) == ("recarga_server1\nrecarga_server2")


async def test_who_loses_its_session_hears_of_it_at_once_and_writes_nothing_more(
    postgres_server: Postgres, url: URL
) -> None:
    """Its lock is gone with it, and another process may have the database already."""
    lost: list[StoreError] = []
    first = store_at(url)
    first.open(NOW)
    first.watch(lost.append)
    await first.append(numbered_batch(1, 0))
    assert lost == []
    _end_sessions(postgres_server, url)
    await until(lambda: lost)
    second = store_at(url)
    assert second.open(NOW).epoch == 2
    with pytest.raises(StoreError):
        await first.append(numbered_batch(2, 3))
    await first.close()
    assert len(await second.read_journal(0, 99)) == 3
    await second.close()
    assert len(lost) == 1


async def test_an_older_life_gets_nothing_in_though_the_lock_failed(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a pooler that gives every transaction another session: the epoch is a fence of its own."""
    first, second, lost = store_at(url), store_at(url), []
    first.open(NOW)
    await first.append(numbered_batch(1, 0))
    medium = second._database.medium
    assert isinstance(medium, PostgresSchema)
    monkeypatch.setattr(medium, "_key", 1)
    assert second.open(NOW).epoch == 2
    for batch in (numbered_batch(2, 3), Batch([], [Kept("only", "f", Answer(201, b""), NOW)])):
        with pytest.raises(StoreHeld, match="at a higher epoch"):
            await first.append(batch)
    first.watch(lost.append)
    first._watch._stir()  # type: ignore[union-attr]
    await until(lambda: lost)
    assert "at epoch 2" in str(lost[0])
    await first.close()
    assert len(await second.read_journal(0, 99)) == 3
    assert await second.find_answer("only") is None
    await second.close()


async def test_a_read_finds_the_server_again_after_its_session_ended(postgres_server: Postgres, url: URL) -> None:
    """Reads have a session of their own, which may be replaced: it holds no lock."""
    store = store_at(url)
    store.open(NOW)
    await store.append(numbered_batch(1, 0))
    assert await store.find_answer("k1") is not None
    _end_sessions(postgres_server, url, "and query not like '%run_batch%'")
    assert await store.find_answer("k1") is not None
    await store.append(numbered_batch(2, 3))
    await store.close()


@pytest.mark.parametrize(
    ("setting", "kind", "words"),
    [
        ("synchronous_commit = off", StoreFailed, "synchronous_commit is off"),
        ("default_transaction_read_only = on", StoreReadOnly, "default_transaction_read_only is on"),
    ],
)
async def test_a_database_that_would_not_keep_what_it_is_given_is_refused(
    postgres_server: Postgres, url: URL, setting: str, kind: type[StoreError], words: str
) -> None:
    """Found when the node starts, not at the first reservation, or after the first power loss."""
    postgres_server.sql(f"alter database {url.database} set {setting}")
    with pytest.raises(kind, match=words):
        store_at(url).open(NOW)
    name = setting.partition(" ")[0]
    postgres_server.sql(f"alter database {url.database} reset {name}")
    store = store_at(url)
    assert store.open(NOW).epoch == 1
    await store.close()


async def test_what_was_found_at_the_start_stays(url: URL) -> None:
    """Who turns durability off under a node that runs would make a liar of it."""
    store = store_at(url)
    store.open(NOW)
    medium = store._database.medium
    assert isinstance(medium, PostgresSchema)
    row = medium._own().execute("select setting, source from pg_settings where name = 'synchronous_commit'").fetchone()
    assert row == ("on", "session")
    await store.close()


async def test_a_database_of_another_encoding_is_refused(postgres_server: Postgres) -> None:
    """It would take some names and not others."""
    url = make_url(postgres_server.new_database("latin", "encoding 'LATIN1' template template0 locale 'C'"))
    with pytest.raises(StoreForeign, match="LATIN1"):
        store_at(url).open(NOW)
    postgres_server.sql("drop database latin with (force)")


@pytest.mark.parametrize(
    "statement",
    [
        "update charging_point set terms = '{'",
        "update charging_point set connector = 'PLUG'",
        "delete from journal where ver > 3",
        "delete from node",
    ],
)
async def test_a_database_whose_rows_make_no_sense_is_refused(
    postgres_server: Postgres, url: URL, statement: str
) -> None:
    """Somebody wrote into it by hand."""
    await filled(url)
    sql(postgres_server, url, statement)
    with pytest.raises(StoreCorrupt):
        store_at(url).open(NOW)


async def test_other_tables_in_its_schema_are_refused_and_elsewhere_ignored(
    postgres_server: Postgres, url: URL
) -> None:
    """Our tables must not be put beside somebody else's; other schemas are none of our business."""
    database = url.database or ""
    postgres_server.sql("create table customers (name text); create schema recarga_server1", database)
    store = store_at(url)
    store.open(NOW)
    await store.close()
    postgres_server.sql("create schema recarga_server2; create table recarga_server2.customers (name text)", database)
    with pytest.raises(StoreForeign, match="customers"):
        store_at(url, "server2").open(NOW)


async def test_another_nodes_schema_is_refused(postgres_server: Postgres, url: URL) -> None:
    """Two nodes with one history would be a fork."""
    await filled(url)
    postgres_server.sql("alter schema recarga_server1 rename to recarga_server2", url.database or "")
    with pytest.raises(StoreForeign, match="belongs to node server1"):
        store_at(url, "server2").open(NOW)


async def test_a_newer_schema_is_refused_and_left_alone(postgres_server: Postgres, url: URL) -> None:
    """A downgrade must not destroy what the newer version wrote."""
    await filled(url)
    sql(postgres_server, url, "update node set schema_version = 99")
    with pytest.raises(StoreTooNew, match="99"):
        store_at(url).open(NOW)
    assert sql(postgres_server, url, "select epoch, schema_version from node") == "1|99"


async def test_a_role_needs_no_more_than_a_schema_of_its_own(postgres_server: Postgres, url: URL) -> None:
    """Without one it must be allowed to make it, and says so if it is not."""
    database = url.database or ""
    postgres_server.sql(
        f"create role driver login password '{SECRET}'; revoke temporary on database {database} from public"
    )
    as_driver = url.set(username="driver", password=SECRET, host="127.0.0.1", query={})
    with pytest.raises(StoreReadOnly, match="permission denied"):
        store_at(as_driver).open(NOW)
    postgres_server.sql("create schema recarga_server1 authorization driver", database)
    store = store_at(as_driver)
    store.open(NOW)
    await store.append(numbered_batch(1, 0))
    await store.close()
    postgres_server.sql(f"drop database {database} with (force)")
    postgres_server.new_database(database)
    postgres_server.sql("drop role driver")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"password": f"wrong-{SECRET}"}, "password authentication failed"),
        ({"password": SECRET, "database": "nowhere"}, "password authentication failed"),
        ({"port": 1}, "refused"),
        ({"host": "no.such.host.invalid"}, "no.such.host.invalid"),
    ],
)
async def test_what_cannot_be_reached_is_said_without_the_password(
    url: URL, changed: dict[str, str | int], words: str
) -> None:
    """Errors go into logs, and logs go anywhere."""
    there = url.set(username="bench", password=SECRET, host="127.0.0.1", query={}).set(**changed)  # type: ignore[arg-type]
    with pytest.raises(StoreFailed, match=words) as refused:
        store_at(there).open(NOW)
    assert SECRET not in str(refused.value)
    assert "postgresql://bench@" in refused.value.path


async def test_a_text_that_postgresql_cannot_hold_is_kept_all_the_same(url: URL) -> None:
    """The API takes none; if one got here nevertheless, it must not be what stops the node."""
    strange = "\x00a\x1a0\x1a1\\u0000"
    kept = Kept(f"k{strange}", strange, Answer(201, strange.encode(), None, strange), NOW)
    store = store_at(url)
    store.open(NOW)
    await store.append(Batch([], [kept]))
    assert await store.find_answer(kept.key) == kept
    await store.close()
    again = store_at(url)
    assert again.open(NOW).keys == [kept.key]
    await again.close()


async def test_a_backup_is_restored_with_the_servers_own_tools(postgres_server: Postgres, url: URL) -> None:
    """As docs/deploy.md says: a dump of the schema, and the epoch rises."""
    await filled(url)
    dump = _as_bench(postgres_server, "pg_dump", "-n", "recarga_server1", url.database or "")
    sql(postgres_server, url, "drop schema recarga_server1 cascade")
    file = postgres_server.directory / "dump.sql"
    file.write_text(dump)
    file.chmod(0o644)
    _as_bench(postgres_server, "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(file), url.database or "")
    store = store_at(url)
    recovered = store.open(NOW)
    assert (recovered.epoch, recovered.ver, len(recovered.points)) == (2, 12, 12)
    await store.append(numbered_batch(5, 12))
    await store.close()


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


def _end_sessions(server: Postgres, url: URL, more: str = "") -> None:
    ours = f"datname = '{url.database}' and pid <> pg_backend_pid() {more}"
    assert "t" in server.sql(f"select pg_terminate_backend(pid, 10000) from pg_stat_activity where {ours}")


def _as_bench(server: Postgres, program: str, *arguments: str) -> str:
    return server.run(program, "-h", str(server.directory), "-p", str(server.port), "-U", "bench", *arguments)
