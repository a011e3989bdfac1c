"""Which points would do for a trip's stops."""

from collections.abc import Callable, Sequence

from nodes.catalogue import Catalogue, Filters, Near
from nodes.domain.trip import WantedStop
from nodes.domain.window import Window
from nodes.problems import NO_POINT_FITS, problem
from nodes.records import Answer
from nodes.request import PlanTrip, StopWish

Candidates = Callable[[PlanTrip], "Sequence[WantedStop] | Answer"]
"""Says which points would do for each stop, or why there are none."""


def candidates(catalogue: Catalogue, plan: PlanTrip, limit: int) -> Sequence[WantedStop] | Answer:
    """Return the points to try for each stop, the best first: in the order given, or the nearest that seem free.

    The answer that a stop has none, if so. What seems free may be taken: only the owner knows.
    """
    wanted: list[WantedStop] = []
    for at, stop in enumerate(plan.stops):
        points = stop.points or _nearby(catalogue, stop, limit)
        if not points:
            return problem(NO_POINT_FITS, f"stop {at}: no point there seems free then", stop=at)
        wanted.append(WantedStop(stop.start_ms, stop.end_ms, tuple(points)))
    return wanted


def _nearby(catalogue: Catalogue, stop: StopWish, limit: int) -> Sequence[str]:
    assert stop.near is not None, "a stop names points or a place"
    near = stop.near
    filters = Filters(
        min_power_w=near.min_power_w,
        near=Near(near.lat, near.lon, near.radius_m),
        free=Window(stop.start_ms, stop.end_ms),
    )
    found, _ = catalogue.page(filters, "", limit)
    return [point["id"] for point in found]
