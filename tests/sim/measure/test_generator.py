from dataclasses import replace

from sim.measure.course import RunEnd
from sim.measure.generator import generator_health

WELL = RunEnd(civil_s=3_600, departed=10, unfinished=0, late_ms_p99=5, late_ms_max=60, late_ms_p99_max=250)


def test_a_generator_that_kept_time_passes() -> None:
    assert generator_health(WELL, 10).verdict == "PASS"
    assert generator_health(replace(WELL, late_ms_p99=250), 10).verdict == "PASS"


def test_a_generator_that_fell_behind_makes_the_run_invalid() -> None:
    """Its load was not the scenario's, so its latencies are nobody's."""
    health = generator_health(replace(WELL, late_ms_p99=431.4), 10)
    assert health.verdict == "INVALID"
    assert health.reasons == ["one request in a hundred was sent 431 ms late or more, where the scenario allows 250 ms"]


def test_vehicles_that_were_not_done_make_the_run_invalid() -> None:
    """They asked for less than the scenario says; that must not be hidden."""
    health = generator_health(replace(WELL, unfinished=3), 10)
    assert (health.verdict, health.unfinished) == ("INVALID", 3)
    assert health.reasons == ["3 of 10 vehicles were not done when the run ended"]


def test_a_run_without_an_end_is_invalid() -> None:
    health = generator_health(None, 10)
    assert (health.verdict, health.late_ms_p99) == ("INVALID", None)
