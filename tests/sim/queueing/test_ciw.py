"""The same vehicles through Ciw, a queueing simulator by others: vehicle by vehicle it comes to the same.

Formulas tell of means; here every single wait must agree, which only first come, first served does, and every lost vehicle be the
same one.
"""

from pathlib import Path
from typing import Any

import pytest

from tests.sim.queueing.walk_ins import HALF_AND_HALF, Site, plans_of, play, scenario

ciw = pytest.importorskip("ciw", reason="ciw is not installed")

VEHICLES = 300
REQUESTS_S = 0.03
"""What a walk-up's requests take, and those of whoever leaves before: a few milliseconds each."""
_ROUNDED_S = 0.05
"""The history tells waits in tenths of a second."""


def by_ciw(plans: list[tuple[float, float]], points: int, *, queues: bool) -> list[float | None]:
    """Return the wait of every vehicle; None: it was lost."""
    arrivals = [arrival_s for arrival_s, _ in plans]
    gaps = [late - early for early, late in zip([0.0, *arrivals], arrivals, strict=False)]

    class Stays(ciw.dists.Distribution):  # type: ignore[misc, name-defined] # carries no types
        def sample(self, t: Any = None, ind: Any = None) -> float:
            return plans[ind.id_number - 1][1]

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps, float("inf")])],
        service_distributions=[Stays()],
        number_of_servers=[points],
        queue_capacities=[float("inf") if queues else 0],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(arrivals[-1] + 1e6)
    waits: list[float | None] = [None] * len(plans)
    for record in simulation.get_all_records(only=["service"]):
        waits[record.id_number - 1] = record.waiting_time
    return waits


@pytest.mark.parametrize(
    ("site", "seed"),
    [
        (Site(1, 0.8), 1),
        (Site(2, 1.8, HALF_AND_HALF), 2),
        (Site(5, 4.5), 3),
        (Site(3, 3.0, queues=False), 4),
        (Site(4, 4.0, HALF_AND_HALF, queues=False), 5),
    ],
    ids=["M/M/1", "M/LN/2", "M/M/5", "M/M/3/3", "M/LN/4/4"],
)
def test_every_vehicle_waits_as_long_as_ciw_says(site: Site, seed: int, tmp_path: Path) -> None:
    """Requests take milliseconds, which add up over the vehicles of a busy period."""
    loaded = scenario(site, seed, VEHICLES)
    plans = plans_of(loaded)
    theirs = by_ciw(plans, site.points, queues=site.queues)
    ours = [visit.wait_s for visit in play(loaded, tmp_path)]
    assert len(ours) == len(theirs) > VEHICLES / 2
    assert [wait is None for wait in ours] == [wait is None for wait in theirs], "the same ones are lost"
    assert site.queues or None in theirs
    off = [abs(one - other) for one, other in zip(ours, theirs, strict=True) if one is not None and other is not None]
    assert max(off) < REQUESTS_S * VEHICLES / 10
    assert sorted(off)[len(off) // 2] <= _ROUNDED_S + REQUESTS_S, "half of the vehicles find short busy periods"
    waited = [one for one in ours if one]
    assert not site.queues or max(waited) > 100 * max(off), "what is compared is large, next to that"
