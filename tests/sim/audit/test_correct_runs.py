"""A correct run passes: an audit that cries wolf is not looked at any more."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.audit import AuditResult, Verdict
from tests.sim.audit.random_run import RandomRun

CHECKED = ("P1", "P2", "P4", "P5", "P6", "P8", "P9")


def said_against(result: AuditResult) -> list[str]:
    return [line for promise in result.to_json().values() for each in promise["violations"] for line in each["story"]]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), vehicles=st.integers(1, 12), points=st.integers(1, 3), faults=st.booleans())
def test_a_correct_run_passes_whatever_happens(seed: int, vehicles: int, points: int, faults: bool):
    """Retries, lost answers, crashes, late requests, operators and no-shows are all part of a correct run."""
    run = RandomRun(seed, points=points, vehicles=vehicles, faults=faults).play(400)
    with TemporaryDirectory() as folder:
        result = run.audit_in(Path(folder))
    assert said_against(result) == []


def test_a_long_correct_run_passes_every_check(tmp_path: Path):
    """Every promise that can be checked was checked, so that none passes by default."""
    result = RandomRun(7, vehicles=20).play(20_000).audit_in(tmp_path)
    assert said_against(result) == []
    assert {name: result.promises[name].verdict for name in CHECKED} == dict.fromkeys(CHECKED, Verdict.PASS)
    assert all(result.promises[name].checked > 50 for name in CHECKED)
    assert result.verdict is Verdict.PASS


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), faults=st.booleans())
def test_a_crowd_on_one_point_passes_the_search_for_an_order(seed: int, faults: bool):
    """Many requests at once for few windows: where a search that knows no witnesses might go wrong."""
    run = RandomRun(seed, nodes=1, points=1, vehicles=30, faults=faults).play(300)
    with TemporaryDirectory() as folder:
        result = run.audit_in(Path(folder))
    assert said_against(result) == []


def test_what_nothing_was_there_to_break_says_so(tmp_path: Path):
    """What is not checked must not look as if it had held."""
    result = RandomRun(1).play(100).audit_in(tmp_path)
    for name, text in (("P3", "no trips"), ("P7", "no view"), ("P10", "no node told")):
        promise = result.to_json()[name]
        assert (promise["verdict"], promise["checked"]) == ("NO DATA", 0)
        assert text in promise["note"]
