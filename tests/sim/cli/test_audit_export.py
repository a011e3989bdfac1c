"""``recarga audit --export``: the history for other checkers, and one line for whatever is wrong."""

from pathlib import Path

import pytest

from sim.audit.export import export
from tests.sim.audit.scripted_run import scripted_run
from tests.sim.cli.commands import recarga


@pytest.fixture
def run_dir(tmp_path: Path) -> Path:
    return scripted_run().run.write(tmp_path / "run")


@pytest.mark.parametrize("name", ["elle", "porcupine"])
def test_an_export_goes_where_it_is_told_to(run_dir: Path, tmp_path: Path, name: str):
    """To a file, or to standard output with nothing around it."""
    expected = "".join(f"{line}\n" for line in export(run_dir, name))
    printed = recarga("audit", run_dir, "--export", name)
    assert (printed.code, printed.out, printed.err) == (0, expected, "")
    written = recarga("audit", run_dir, "--export", name, "--out", tmp_path / "out")
    assert (written.code, written.out) == (0, "")
    assert (tmp_path / "out").read_text() == expected


def test_an_export_for_a_script_says_where_it_is(run_dir: Path, tmp_path: Path):
    """``--json`` prints JSON and nothing else."""
    said = recarga("audit", run_dir, "--export", "elle", "--out", tmp_path / "out", "--json")
    assert said.events == [{"event": "export", "format": "elle", "path": str(tmp_path / "out")}]


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--export", "knossos"), "--export knossos: there is no such format; expected elle or porcupine"),
        (("--out", "file"), "--out says where --export writes to; there is no --export"),
        (("--export", "elle", "--json"), "--json with --export needs --out: standard output cannot be both"),
    ],
)
def test_options_that_cannot_be_meant(run_dir: Path, options: tuple[str, ...], text: str):
    """Exit code 2, one line."""
    said = recarga("audit", run_dir, *options)
    assert (said.code, said.err) == (2, f"{text}\n")


def test_a_folder_that_is_not_there(tmp_path: Path):
    """Exit code 1, one line; nothing is written."""
    said = recarga("audit", tmp_path / "none", "--export", "elle", "--out", tmp_path / "out")
    assert (said.code, said.err) == (1, f"recarga: {tmp_path}/none: there is no such folder\n")
    assert not (tmp_path / "out").exists()
