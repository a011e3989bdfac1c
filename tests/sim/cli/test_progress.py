"""How fast a run's time goes is what tells people that it is a time lapse."""

from sim.cli.progress import TimeLapse


def test_speed_is_the_scenarios_time_over_the_walls() -> None:
    """From when it began to be counted; before some time has passed there is nothing to tell."""
    lapse = TimeLapse()
    assert lapse.speed(0.0, 100.0) is None
    assert lapse.speed(600.0, 100.01) is None
    assert lapse.speed(7_200.0, 103.0) == 2_400.0
