"""A database that cannot be read is said to be so in one line, and is never written to."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from sim.audit import AuditError, Verdict, audit
from sim.audit.databases import read_database, read_databases
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import scripted_run


def run_in(folder: Path) -> Path:
    return scripted_run().run.write(folder)


def execute(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def message(folder: Path) -> str:
    with pytest.raises(AuditError) as caught:
        audit(folder)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_database_that_the_history_speaks_of_is_missing(tmp_path: Path):
    """Else a lost node would pass as one that nobody asked."""
    (run_in(tmp_path) / "nodes" / "server2.db").unlink()
    assert f"{tmp_path}/nodes/server2.db: missing, but {tmp_path}/history.jsonl:" in message(tmp_path)


def test_all_databases_are_missing(tmp_path: Path):
    """A folder that is no run's."""
    run_in(tmp_path)
    for path in (tmp_path / "nodes").iterdir():
        path.unlink()
    assert message(tmp_path) == f"{tmp_path}/nodes: holds no database; expected <node>.db for every node"
    (tmp_path / "nodes").rmdir()
    assert message(tmp_path) == f"{tmp_path}/nodes: missing; the nodes' databases are expected there"


def test_a_node_that_nobody_asked_is_checked_all_the_same(tmp_path: Path):
    """Its journal has to be whole too."""
    run = scripted_run().copy().run
    idle = RunFolder(nodes={"server3": {"node": [run.nodes["server1"]["node"][0] | {"id": "server3", "ver": 3}]}})
    run.nodes |= idle.nodes
    result = run.audit_in(tmp_path)
    assert [each.check for each in result.promises["P2"].violations] == ["head-differs"]


def overwrite(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 : 4096 + 2048] = b"\xff" * 2048
    path.write_bytes(bytes(content))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6000])


def drop_journal(path: Path) -> None:
    execute(path, "DROP TABLE journal")


def forget_who_it_is(path: Path) -> None:
    execute(path, "DELETE FROM node")


def belong_to_another(path: Path) -> None:
    execute(path, "UPDATE node SET id = 'server9'")


def become_newer(path: Path) -> None:
    execute(path, "UPDATE node SET schema_version = 3")


def hold_text_for_a_number(path: Path) -> None:
    execute(path, "UPDATE reservation SET end_ms = 'noon'")


def hold_an_unknown_event(path: Path) -> None:
    execute(path, "UPDATE journal SET type = 'point.moved' WHERE ver = 2")


def hold_no_json(path: Path) -> None:
    execute(path, "UPDATE journal SET data = '{' WHERE ver = 2")


def hold_a_list(path: Path) -> None:
    execute(path, "UPDATE journal SET data = '[]' WHERE ver = 2")


def hold_half_an_event(path: Path) -> None:
    execute(path, "UPDATE journal SET data = '{\"spec\": {}}' WHERE ver = 1")


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        (overwrite, "cannot be read as a node's database: file is not a database"),
        (empty, "cannot be read as a node's database: no such table: node"),
        (damage, "the database is damaged: "),
        (cut, "cannot be read as a node's database: database disk image is malformed"),
        (drop_journal, "cannot be read as a node's database: no such table: journal"),
        (forget_who_it_is, "expected one row in table node, found 0"),
        (belong_to_another, "belongs to node server9; expected server2"),
        (become_newer, "schema 3; this audit knows schema 2"),
        (hold_text_for_a_number, "table reservation, id 'server2.c.r1-2': end_ms holds 'noon'"),
        (hold_an_unknown_event, "journal, ver 2: this audit knows no event 'point.moved'"),
        (hold_no_json, "journal, ver 2: the data is no JSON"),
        (hold_a_list, "journal, ver 2: expected a JSON object"),
        (hold_half_an_event, "journal, ver 1: spec: name is missing or wrong: None"),
        (become_a_folder, "cannot be read: Is a directory"),
    ],
)
def test_a_database_that_cannot_be_read(tmp_path: Path, wrong: Callable[[Path], None], text: str):
    """File, place and reason."""
    path = run_in(tmp_path) / "nodes" / "server2.db"
    wrong(path)
    assert message(tmp_path).startswith(f"{path}: {text}")


def test_reading_leaves_no_trace(tmp_path: Path):
    """Evidence is not touched: no byte changes, no file appears."""
    folder = run_in(tmp_path) / "nodes"
    execute(folder / "server1.db", "PRAGMA journal_mode = WAL")
    before = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    read_databases(folder)
    assert {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()} == before


def test_what_a_killed_node_left_in_its_log_counts(tmp_path: Path):
    """Committed is durable, whether or not SQLite had time to move it into the database."""
    path = run_in(tmp_path / "run") / "nodes" / "server2.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE node SET epoch = 77")
        connection.commit()
        killed = tmp_path / "killed"
        killed.mkdir()
        for name in ("server2.db", "server2.db-wal"):
            (killed / name).write_bytes(path.with_name(name).read_bytes())
    before = sorted(each.name for each in killed.iterdir())
    assert read_database(killed / "server2.db").node.epoch == 77
    assert sorted(each.name for each in killed.iterdir()) == before


def test_a_node_that_still_writes_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """What was read may be half of one moment and half of another."""
    path = run_in(tmp_path) / "nodes" / "server2.db"

    def write_on(folder: Path, row: object) -> object:
        execute(path, "UPDATE node SET epoch = epoch + 1")
        return original(folder, row)  # type: ignore[arg-type]

    from sim.audit import databases

    original = databases.read_event
    monkeypatch.setattr(databases, "read_event", write_on)
    with pytest.raises(AuditError, match="somebody writes to it; stop the node first"):
        read_database(path)


def test_a_run_without_violations_still_passes_after_all_this(tmp_path: Path):
    """The damage above is what fails, not the folder."""
    assert audit(run_in(tmp_path)).verdict is Verdict.PASS
