"""Outcomes: told from process to process, compared, counted."""

from dataclasses import replace

import orjson

from sim.explore.outcome import KEPT_MAX, Broken, Mistake, SeedOutcome, kept
from sim.explore.tally import Tally

BROKEN = Broken("P1", "overlap", "server1.p1", "two at once", [3, 9], ["P1 overlap: two at once", "  history 3"])
FAILED = SeedOutcome(
    7, "FAIL", "ab", "cd", violations=[BROKEN], violation_count=1, figures={"requests": 5}, virtual_s=100, cpu_s=2
)
MISTAKEN = SeedOutcome(8, "MISTAKE", mistake=Mistake("KeyError", "nodes.node:ask", "no such\nthing"))
PASSED = SeedOutcome(9, "PASS", "ef", figures={"requests": 7, "crash": 1}, virtual_s=50, cpu_s=1, audit_cpu_s=0.5)


def test_an_outcome_survives_the_way_between_processes() -> None:
    """Nothing is lost on a line of JSON."""
    for outcome in (FAILED, MISTAKEN, PASSED):
        assert SeedOutcome.from_json(orjson.loads(outcome.to_line())) == outcome


def test_what_makes_failures_the_same() -> None:
    """A promise and the check that found it, or a mistake and its place: the shrinker must not slip to another bug."""
    assert FAILED.signatures == [("P1", "overlap")]
    assert MISTAKEN.signatures == [("KeyError", "nodes.node:ask")]
    assert PASSED.signatures == []
    assert (FAILED.failed, MISTAKEN.failed, PASSED.failed) == (True, True, False)
    assert FAILED.first_failure == "P1 overlap: two at once"
    assert MISTAKEN.first_failure == "KeyError: no such"


def test_the_same_run_is_the_same_whatever_time_it_took() -> None:
    """CPU time is no part of a run; everything else is."""
    assert PASSED.same_as(replace(PASSED, cpu_s=3, audit_cpu_s=2))
    for other in (replace(PASSED, trace_hash="x"), replace(PASSED, history_hash="x"), replace(PASSED, figures={})):
        assert not PASSED.same_as(other)


def test_of_many_violations_one_of_every_check_is_told() -> None:
    """A broken node breaks hundreds of the same kind: the rare one among them must not get lost."""
    rare = replace(BROKEN, check="rare")
    told = kept([BROKEN] * 100 + [rare])
    assert len(told) == KEPT_MAX
    assert told[-1] == rare


def test_a_tally_sums_up() -> None:
    """Figures by name; failed seeds in order, whichever ended first; speed with and without the audit."""
    tally = Tally()
    for outcome in (MISTAKEN, FAILED, PASSED):
        tally.add(outcome)
    assert (tally.seeds, tally.failed) == (3, [7, 8])
    assert tally.figures == {"requests": 12, "crash": 1}
    assert (tally.times_the_clock, tally.times_the_clock_without_audit) == (50, 60)
    assert Tally().times_the_clock == 0
