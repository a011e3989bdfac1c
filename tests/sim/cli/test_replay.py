"""``recarga replay``: exit codes and what it says."""

from pathlib import Path

import pytest

from sim.explore.failing_run import keep_run
from sim.explore.workers import Workers
from tests.sim.cli.commands import recarga
from tests.sim.explore.scenarios import TINY

pytestmark = pytest.mark.system


@pytest.fixture
def played(tmp_path: Path) -> Path:
    with Workers(1) as workers:
        keep_run(workers, 4, TINY | {"seed": 4}, tmp_path / "run", "some command")
    return tmp_path / "run"


def test_a_run_is_the_same_until_its_history_is_changed(played: Path) -> None:
    """0 and the hash; then 99 and the line, for people and for programs."""
    said = recarga("replay", played)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("same hash ")
    assert said.out.endswith("; PASS\n")
    history = played / "history.jsonl"
    history.write_bytes(history.read_bytes().replace(b'"f":"reserve"', b'"f":"cancel"', 1))
    said = recarga("replay", played)
    assert said.code == 99
    assert f"of {history}" in said.out
    assert 'recorded: {"index"' in said.out
    (event,) = recarga("replay", played, "--json").events
    assert (event["event"], event["same"]) == ("result", False)
    assert '"f":"cancel"' in event["recorded"]
    assert '"f":"reserve"' in event["replayed"]


def test_what_cannot_be_replayed_is_one_line_and_exit_code_1(played: Path, tmp_path: Path) -> None:
    """A folder that is missing, one without a run, a history that was cut."""
    (tmp_path / "empty").mkdir()
    history = played / "history.jsonl"
    history.write_bytes(history.read_bytes()[:-40])
    for folder in (tmp_path / "nowhere", tmp_path / "empty", played):
        said = recarga("replay", folder)
        assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
        assert str(folder) in said.err


def test_an_audit_of_a_history_that_was_cut_says_so_with_its_place(played: Path) -> None:
    """Between two lines nobody sees it in the file; what is left must not pass, and the reason must not be hidden."""
    history = played / "history.jsonl"
    history.write_bytes(b"".join(history.read_bytes().splitlines(keepends=True)[:-1]))
    said = recarga("audit", played)
    assert said.code == 3
    assert said.err == (
        f"recarga: {history}: the history does not say that the run ended: it was cut, and what is missing was not "
        "checked\n"
    )
