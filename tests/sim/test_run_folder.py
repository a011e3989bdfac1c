"""The folder of a run: new every time, and never that of another run."""

import re
from pathlib import Path

import pytest

from sim.run_folder import RunFolder


def test_a_run_without_a_folder_of_its_own_gets_one_by_name_and_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of a day sort by time."""
    monkeypatch.chdir(tmp_path)
    folder = RunFolder.create(None, "smoke")
    assert re.fullmatch(r"runs/smoke-\d{8}T\d{6}Z", str(folder.path))
    assert folder.nodes.is_dir()
    assert folder.report_html.parent == folder.report_json.parent == folder.history.parent == folder.path


@pytest.mark.parametrize("name", ["history.jsonl", "nodes/server1.db"])
def test_a_folder_that_holds_a_run_is_refused(tmp_path: Path, name: str) -> None:
    """Nodes that went on with the databases of another run would make its audit find things that this one never did."""
    folder = RunFolder.create(tmp_path / "run", "smoke")
    (folder.path / name).touch()
    with pytest.raises(FileExistsError, match="holds a run already"):
        RunFolder.create(tmp_path / "run", "smoke")


def test_choosing_a_folder_makes_nothing(tmp_path: Path) -> None:
    """A scenario that turns out wrong leaves no empty folder behind; the first file that is written makes it."""
    folder = RunFolder.unused(tmp_path / "a" / "run", "smoke")
    assert list(tmp_path.iterdir()) == []
    folder.write_scenario({"name": "smoke", "description": "é: 22:00\n\u2028"})
    assert folder.nodes.is_dir()
    assert "smoke" in folder.scenario.read_text(encoding="utf-8")


def test_a_folder_may_exist_if_it_holds_no_run(tmp_path: Path) -> None:
    """Such as the one that mktemp has made."""
    assert RunFolder.create(tmp_path, "smoke").nodes.is_dir()
