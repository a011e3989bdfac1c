"""Reports of virtual runs: what a person reads must not take simulated time for time that passed."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from sim.report import Report, print_report
from sim.report.captions import faults_caption, world_words
from tests.sim.report.conftest import Reported
from tests.sim.report.page import read_page
from tests.sim.report.sample_runs import EVERY_KIND


@pytest.fixture(scope="module")
def virtual(reported: Reported) -> tuple[Report, str]:
    """The report, and the text of its page."""
    report, folder = reported("virtual")
    return report, (folder / "report.html").read_text()


def _summary(report: Report, *, terminal: bool = False) -> str:
    file = io.StringIO()
    print_report(report, Path("some run"), Console(file=file, force_terminal=terminal, width=200))
    return file.getvalue()


def test_nothing_is_called_late(virtual: tuple[Report, str]) -> None:
    """There is no generator that could fall behind, and no time between intending and sending."""
    report, page = virtual
    assert "from the send time" not in page.partition("Glossary")[0]
    assert "In virtual time nothing is late" in page
    row = next(line for line in _summary(report).splitlines() if "Load generator" in line)
    assert row.split()[-2:] == ["never", "late"]


def test_milliseconds_are_called_virtual(virtual: tuple[Report, str]) -> None:
    """Or somebody takes them for the speed of the code."""
    report, page = virtual
    assert "milliseconds of virtual time" in page
    assert "<small>virtual ms</small>" in page
    assert "Requests, and milliseconds of virtual time" in _summary(report)
    assert "10 min of virtual time" in _summary(report, terminal=True)


def test_a_local_run_says_none_of_that(reported: Reported) -> None:
    report, folder = reported("ordinary")
    page = (folder / "report.html").read_text().partition("<main>")[2].partition("Glossary")[0]
    assert "virtual" not in page
    assert "from the send time" in page
    assert "recarga replay" not in page
    assert "Replay" not in _summary(report)


def test_it_says_how_to_replay_it_and_to_which_hash_that_comes(virtual: tuple[Report, str]) -> None:
    """The folder with a space in its name can be pasted too."""
    report, page = virtual
    assert "<code>0f4adf1709dd6c311f18ec37725d91e0</code>" in page
    assert "recarga replay RUN_DIR" in page
    assert "Replay: recarga replay 'some run' (trace hash 0f4adf1709dd6c311f18ec37725d91e0)" in _summary(report)


def test_a_planted_bug_and_the_api_are_not_hidden(virtual: tuple[Report, str]) -> None:
    """A report of a run with a planted bug must not be taken for one of the nodes."""
    report, page = virtual
    assert "the bug <code>cost-off-by-one</code>" in page
    assert "virtual, through the API" in page
    assert "Planted: the bug cost-off-by-one, in the nodes' code" in _summary(report)


def test_every_kind_of_fault_is_in_the_table_with_its_words(virtual: tuple[Report, str]) -> None:
    report, page = virtual
    section = next(each for each in read_page(page).all("section") if each.attributes["id"] == "faults")
    rows = [row.text for row in section.all("tr") if row.attributes.get("class") != "more"][1:]
    assert len(rows) == len(EVERY_KIND) + 1
    for fault, row in zip(report.faults, rows, strict=True):
        assert fault.words in row
    assert "of the broker" not in "".join(fault.words for fault in report.faults if not fault.kind.startswith("broker"))
    assert faults_caption(report).startswith(
        f"{len(EVERY_KIND) + 1} faults: crash of server1 at 16:00, pause of server2 at 16:00, "
    )


def test_what_the_world_did_beside_the_faults_is_told(virtual: tuple[Report, str]) -> None:
    """Crashes aimed at a commit are faults of nobody's list."""
    report, page = virtual
    words = world_words(report)
    assert words.startswith("Beside these, the simulated world killed a node 3 times while it committed")
    assert words.endswith("within their contract once.")
    assert "killed a node 3" in page
    calm = report.model_copy(update={"run": report.run.model_copy(update={"figures": {}}), "faults": []})
    assert (world_words(calm), faults_caption(calm)) == ("", "Nothing was broken in this run")
    aimed = report.model_copy(update={"faults": []})
    assert world_words(aimed).startswith("The simulated world killed")
    assert faults_caption(aimed) == "No fault was asked for in this run"


def test_marks_of_faults_over_points_do_not_cover_one_another(virtual: tuple[Report, str]) -> None:
    """Of two that begin together the second has its band, and no number over the first one's."""
    page = virtual[1].partition('<section id="occupancy"')[2]
    drawn = page.partition('<section id="faults"')[0]
    assert "F8: lost messages" in drawn
    assert ">F7<" in drawn
    assert ">F8<" not in drawn


def test_a_report_of_an_earlier_version_can_be_read(virtual: tuple[Report, str]) -> None:
    """It knows nothing of parameters, of planted bugs, or of what a world counted."""
    data = virtual[0].to_json()
    for fault in data["faults"]:
        del fault["parameters"]
    for name in ("through_api", "planted", "figures"):
        del data["run"][name]
    report = Report.model_validate(data)
    assert report.faults[4] == replace(virtual[0].faults[4], parameters={})
    assert (report.run.planted, report.run.figures) == (None, {})
