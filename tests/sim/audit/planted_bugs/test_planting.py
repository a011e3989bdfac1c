"""Planting changes what a fresh process imports, and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from sim.audit.planted_bugs import Edit, EditMissed, PlantedBug, edited_sources
from sim.audit.planted_bugs.planting import edited, source_path

ROOT = Path(__file__).parents[4]


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own: whatever is planted ends with it."""
    return subprocess.run(
        [sys.executable, *options, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def printed(program: str, *options: str) -> str:
    """Return what it prints."""
    done = run(program, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


PLANT = "from sim.audit.planted_bugs import find, plant\nplant(find({name!r}))\n"
COST = "from nodes.domain.tariff import cost_minor\nprint(cost_minor(1000, 100))"


def test_importing_the_catalogue_imports_no_node() -> None:
    """Else it would be too late to plant anything."""
    program = "import sys, sim.audit.planted_bugs\nprint([name for name in sys.modules if name.startswith('nodes')])"
    assert printed(program) == "[]"


def test_planting_imports_no_node() -> None:
    """The module with the bug in it is imported when the node's own code does, in its own order."""
    program = PLANT.format(name="cost-off-by-one") + "import sys\nprint('nodes' in sys.modules)"
    assert printed(program) == "False"


def test_a_process_has_the_bug_and_the_next_one_has_not() -> None:
    """Neither the files nor the byte code that Python keeps beside them are touched."""
    before = source_path("nodes.domain.tariff").read_bytes()
    assert printed(COST) == "100"
    assert printed(PLANT.format(name="cost-off-by-one") + COST) == "101"
    assert printed(COST) == "100"
    assert source_path("nodes.domain.tariff").read_bytes() == before


def test_a_bug_in_several_modules_is_planted_in_all_of_them() -> None:
    """Half of a bug is another bug."""
    show = "from nodes.node import Node\nfrom nodes.actors.server import Server\nprint(hasattr(Server, 'adopt'), 'adopt' in Node.handle.__code__.co_names)"
    assert printed(PLANT.format(name="dead-owner-taken-over") + show) == "True True"


@pytest.mark.parametrize(
    "imported", ["nodes.domain.tariff", "nodes.domain.charging"], ids=["itself", "one-that-needs-it"]
)
def test_planting_too_late_is_an_error(imported: str) -> None:
    """A bug that is not there would count as one that was not found."""
    done = run(f"import {imported}\n" + PLANT.format(name="cost-off-by-one"))
    assert done.returncode != 0
    assert (
        done.stderr.strip()
        .splitlines()[-1]
        .endswith("cost-off-by-one cannot be planted: this process has imported nodes.domain.tariff already")
    )


def test_a_line_that_is_not_there_is_an_error_before_anything_is_planted() -> None:
    """It names the module and the line, for whoever moved it."""
    bug = PlantedBug("gone", "P9", 1, "", (Edit("nodes.domain.tariff", "    return 1\n", "    return 2\n"),))
    with pytest.raises(
        EditMissed, match=r"^nodes\.domain\.tariff: 'return 1' stands there 0 times, expected once"
    ) as raised:
        edited_sources(bug)
    assert (raised.value.module, raised.value.times) == ("nodes.domain.tariff", 0)


def test_a_line_that_stands_there_twice_is_an_error() -> None:
    """Which one is meant?"""
    with pytest.raises(EditMissed, match="stands there 2 times"):
        edited("x = 1\nx = 1\n", [Edit("m", "x = 1", "x = 2")])


def test_edits_follow_each_other() -> None:
    """A later one may build on what an earlier one has made of the source."""
    assert edited("a", [Edit("m", "a", "b"), Edit("m", "b", "c")]) == "c"


def test_a_package_has_a_source_too() -> None:
    """A bug may be in one."""
    assert source_path("nodes.domain").name == "__init__.py"
    assert source_path("nodes").name == "__init__.py"
