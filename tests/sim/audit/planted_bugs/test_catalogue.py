"""The catalogue is what it says: every bug can be planted where the nodes' source stands now."""

from dataclasses import fields
from typing import get_args

import pytest

from nodes.config import Limits
from sim.audit.planted_bugs import CATALOGUE, PlantedBug, UnknownBug, edited_sources, find
from sim.audit.planted_bugs.bug import BUDGET_SEEDS_MAX
from sim.audit.planted_bugs.planting import source_path
from sim.errors import LaboratoryError
from sim.scenario.faults import Fault
from sim.scenario.virtual import Virtual

BUGS = pytest.mark.parametrize("bug", CATALOGUE, ids=lambda bug: bug.name)


@BUGS
def test_a_bug_stands_in_the_source_as_it_is_now(bug: PlantedBug) -> None:
    """Who rewrites a line that a bug changes must write the bug anew; else it would silently be no bug any more."""
    for module, source in edited_sources(bug).items():
        compile(source, module, "exec")
        assert source != source_path(module).read_text("utf-8")


@BUGS
def test_a_bug_says_what_it_breaks_and_how_that_is_seen(bug: PlantedBug) -> None:
    """The table of an exploration, and who has to find out why one was not found, live on it."""
    assert bug.promise in {f"P{number}" for number in range(1, 11)}
    assert 1 <= bug.budget_seeds <= BUDGET_SEEDS_MAX
    assert len(bug.story) > 40
    assert all(module.startswith("nodes.") for module in bug.modules)


def test_names_are_unique_and_no_two_bugs_are_the_same() -> None:
    """A bug is found by its name, and a second one of its kind proves nothing more."""
    assert len({bug.name for bug in CATALOGUE}) == len({bug.edits for bug in CATALOGUE}) == len(CATALOGUE)


def test_every_promise_has_a_bug() -> None:
    """A promise without one could be checked by nothing at all."""
    assert {bug.promise for bug in CATALOGUE} == {f"P{number}" for number in range(1, 11)}
    assert len(CATALOGUE) >= 20


def test_a_bug_is_found_by_its_name() -> None:
    """And one that is not there is an error that says which ones are."""
    assert [find(bug.name) for bug in CATALOGUE] == list(CATALOGUE)
    with pytest.raises(UnknownBug, match=r"no planted bug 'overlap'; there are .*overlap-by-one-ms") as raised:
        find("overlap")
    assert isinstance(raised.value, LaboratoryError)


def test_what_a_bug_needs_of_a_run_exists() -> None:
    """Else the hint sends whoever looks for the bug to nowhere."""
    kinds = {member.model_fields["kind"].annotation.__args__[0] for member in get_args(get_args(Fault)[0])}
    known = kinds | Virtual.model_fields.keys() | {field.name for field in fields(Limits)}
    assert {hint for bug in CATALOGUE for hint in bug.scenario} <= known
