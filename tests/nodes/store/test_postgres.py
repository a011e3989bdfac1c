"""A node's schema in PostgreSQL: who may open it, what it takes to be durable, and what a lost session does."""

from collections.abc import Callable

import pytest
from sqlalchemy import URL, make_url

from bench.postgres import Postgres
from nodes.errors import (
    StoreCorrupt,
    StoreError,
    StoreFailed,
    StoreForeign,
    StoreHeld,
    StoreReadOnly,
    StoreTooNew,
)
from nodes.records import Answer, Batch, Kept
from nodes.store.postgres_schema import PostgresSchema
from tests.nodes.contracts.author import NOW, numbered_batch
from tests.nodes.contracts.playing import until
from tests.nodes.store.postgres_stores import store_at

SECRET = "s3cret-pass/word"


@pytest.fixture
def url(new_database: Callable[[], str]) -> URL:
    return make_url(new_database())


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


def _end_sessions(server: Postgres, url: URL, more: str = "") -> None:
    ours = f"datname = '{url.database}' and pid <> pg_backend_pid() {more}"
    assert "t" in server.sql(f"select pg_terminate_backend(pid, 10000) from pg_stat_activity where {ours}")


def _as_bench(server: Postgres, program: str, *arguments: str) -> str:
    return server.run(program, "-h", str(server.directory), "-p", str(server.port), "-U", "bench", *arguments)
