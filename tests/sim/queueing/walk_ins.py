"""Vehicles without reservations at one node's points, played by the real nodes in virtual time."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.explore.one_seed import loaded_from
from sim.fleet.fleet import Fleet
from sim.history import read_history
from sim.run_folder import RunFolder
from sim.scenario.load import LoadedScenario
from sim.virtual_run import VirtualRun

SERVICE_S = 180.0
"""Mean time at a point. A request takes some milliseconds: nothing, next to it."""
_SHORTEST_S = 2.0
"""A node takes no window that is over when the request arrives; of exponential stays that is one in a hundred."""


@dataclass(frozen=True)
class Site:
    """A queueing system: ``points`` in front of which vehicles come at a rate."""

    points: int
    load: float
    """Offered, in Erlang."""
    stay_s: Any = None
    """As a scenario says it; None: exponential."""
    queues: bool = True
    """Whether who finds all points taken waits (first come, first served) or leaves."""


@dataclass(frozen=True)
class Visit:
    """What one vehicle came to."""

    arrived_s: float
    wait_s: float | None
    """None: it left again."""


EXPONENTIAL = {"exponential": SERVICE_S, "at_least": _SHORTEST_S}
UNIFORM = {"uniform": [_SHORTEST_S, 2 * SERVICE_S - _SHORTEST_S]}
HALF_AND_HALF = {"lognormal": [SERVICE_S / 1.5, 0.9005166]}
"""Lognormal with mean 180 s: median * exp(sigma^2 / 2) with exp(sigma^2 / 2) = 1.5."""


def scenario(site: Site, seed: int, vehicles: int) -> LoadedScenario:
    """Return a scenario in which about so many vehicles come."""
    rate_per_h = site.load / SERVICE_S * 3_600
    patient: dict[str, Any] = {
        "walk_up_share": 1,
        "queue_share": float(site.queues),
        "stay_s": site.stay_s or EXPONENTIAL,
        "patience_s": 1e8,
        "attempts_max": 100,
        "overstay_share": 0,
        "think_s": 0,
        "battery": {"capacity_wh": 1e9, "soc_at_arrival": 0, "max_power_w": 1_000},
    }
    data = {
        "name": "walk_ins",
        "seed": seed,
        "time": {"duration_s": vehicles / rate_per_h * 3_600, "drain_s": 1e6},
        "network": {
            "nodes": 1,
            "points_per_node": site.points,
            "terms": {"min_window_s": 1, "max_window_s": 2_592_000},
            "area": {"radius_m": 10},
        },
        "fleet": {"rate_per_h": rate_per_h, "meter_every_s": 1e6, "look_radius_m": 1_000, "classes": [patient]},
        "virtual": {
            "view_reads_per_hour": 0,
            "latency_ms": 1,
            "fsync_ms": 1,
            "read_ms": 0.1,
            "boot_s": 1,
            "settle_s": 1,
        },
    }
    return loaded_from(data, "walk-ins")


def play(loaded: LoadedScenario, folder: Path) -> list[Visit]:
    """Play it; return what the vehicles came to, in order of arrival."""
    run = RunFolder(folder)
    VirtualRun(loaded, run, "test", lambda _: None).play()
    start_ms = int(loaded.scenario.time.start.timestamp() * 1000)
    visits: list[Visit] = []
    for line in read_history(run.history):
        if line["f"] == "fate":
            value = line["value"]
            assert value["fate"] in ("served", "gave_up"), value
            visits.append(Visit((value["decided_ms"] - start_ms) / 1000, value.get("waited_s")))
    return sorted(visits, key=lambda visit: visit.arrived_s)


def plans_of(loaded: LoadedScenario) -> list[tuple[float, float]]:
    """Return arrival and length of stay of every vehicle, in order of arrival."""
    return [(plan.arrival_s, plan.stay_s) for plan in Fleet(loaded.scenario)._plans()]
