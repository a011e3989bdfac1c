"""What tells curves apart that coincide, in print and without colour."""

import re
from importlib.resources import files

from sim.experiments.markers import key, marker
from sim.experiments.page import SERIES_MAX


def test_every_curve_has_a_marker_of_its_own() -> None:
    """Two that look alike are one curve to who cannot see their colours."""
    shapes = {re.sub(r"series-\d", "", marker(at, 0, 0)) for at in range(SERIES_MAX)}
    assert len(shapes) == SERIES_MAX
    assert all(f"series-{at}" in key(at) and "<svg" in key(at) for at in range(SERIES_MAX))


def test_every_curve_but_the_first_is_broken_in_its_own_way() -> None:
    """What lies below shows through the gaps."""
    style = (files("sim.experiments") / "assets" / "sweep.css").read_text(encoding="utf-8")
    dashes = dict(re.findall(r"\.curve\.series-(\d) \{ stroke-dasharray: ([\d ]+);", style))
    assert set(dashes) == {str(at) for at in range(1, SERIES_MAX)}
    assert len(set(dashes.values())) == len(dashes)
