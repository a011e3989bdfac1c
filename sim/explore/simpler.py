"""A scenario with less in it: parts that can be left out one by one, and its end earlier."""

from collections.abc import Sequence

from sim.history import Json

_SIMPLE: Json = {
    "latency_ms": 2,
    "links": [],
    "fsync_ms": 1,
    "read_ms": 0.1,
    "boot_s": 1,
    "clock_skew_ms": 0,
    "shuffle": False,
    "through_api": False,
    "crash_at_commit_share": 0.0,
    "repeat_share": 0.0,
    "crowds_per_hour": 0.0,
    "operator_acts_per_hour": 0.0,
    "nuisance_per_hour": 0.0,
    "view_reads_per_hour": 0.0,
    "point_reads_per_hour": 0.0,
}
"""The plainest virtual world; what is a number takes always that long."""
_LISTED = ("limits", "buggify")
"""Settings of which each member can be left out."""
_AIMED = ("crash_at_commit_share", "repeat_share", "crowds_per_hour", "nuisance_per_hour", "point_reads_per_hour")
_LOUD_SHARES = (0.1, 0.4)
_RUSH_S = 1.0
"""At the new end, seconds within which everybody arrives who used to come later."""


def faults_of(data: Json) -> list[Json]:
    """Return its explicit faults."""
    return list(data.get("faults") or [])


def with_faults(data: Json, faults: Sequence[Json]) -> Json:
    """Return it with these faults, and none at random."""
    return {name: value for name, value in data.items() if name != "random_faults"} | {"faults": list(faults)}


def vehicles_of(data: Json) -> list[int]:
    """Return the numbers of the vehicles that take part."""
    fleet = data.get("fleet") or {}
    only = fleet.get("only")
    return list(range(fleet.get("vehicles", 100))) if only is None else list(only)


def with_vehicles(data: Json, vehicles: Sequence[int]) -> Json:
    """Return it with these vehicles only; what they plan is the same."""
    return data | {"fleet": {**(data.get("fleet") or {}), "only": list(vehicles)}}


def settings_of(data: Json) -> list[str]:
    """Return what is not as plain as it can be in its virtual world: ``shuffle``, ``limits.keys_known``, …"""
    virtual = data.get("virtual") or {}
    plain = [name for name, value in _SIMPLE.items() if virtual.get(name) != value]
    return [*plain, *(f"{listed}.{member}" for listed in _LISTED for member in virtual.get(listed) or ())]


def with_settings(data: Json, settings: Sequence[str]) -> Json:
    """Return it with these settings as they are, and all others as plain as they can be."""
    before = data.get("virtual") or {}
    virtual = {name: value for name, value in before.items() if name not in _SIMPLE and name not in _LISTED}
    for name, value in _SIMPLE.items():
        if name not in settings:
            virtual[name] = value
        elif name in before:
            virtual[name] = before[name]
    limits = {name: value for name, value in (before.get("limits") or {}).items() if f"limits.{name}" in settings}
    buggify = [place for place in before.get("buggify") or [] if f"buggify.{place}" in settings]
    return data | {"virtual": virtual | {"limits": limits, "buggify": buggify}}


def louder(data: Json) -> list[Json]:
    """Return it with faults that are aimed at a share of commits or requests hitting more of them.

    Of a few vehicles' requests a small share is none at all: what failed among many is not seen among few.
    """
    virtual = data.get("virtual") or {}
    aimed = [name for name in _AIMED if virtual.get(name)]
    return [
        data | {"virtual": virtual | {name: max(share, virtual[name]) for name in aimed}}
        for share in _LOUD_SHARES
        if any(virtual[name] < share for name in aimed)
    ]


def guesses(data: Json) -> list[Json]:
    """Return scenarios in which much is left out at once, the smallest first: often one of them will do."""
    aimed = [name for name in (*_AIMED, "shuffle") if name in settings_of(data)]
    settings: list[list[str]] = [[], aimed] if aimed else [[]]
    found: list[Json] = []
    for faults in ([], faults_of(data)):
        for kept in settings:
            guess = with_settings(with_faults(data, faults), kept)
            found += [guess, *louder(guess)]
    return found


def with_end(data: Json, end_s: float) -> Json:
    """Return it with vehicles arriving for ``end_s`` seconds only, faults over by then, and nobody's arrival moved.

    A vehicle's arrival is a share of the whole rate. That stays what it was: whoever came later comes in a rush at the end.
    """
    time, fleet = data["time"], data.get("fleet") or {}
    before_s = time["duration_s"]
    steps = fleet.get("arrivals") or [{"from_s": 0, "weight": 1}]
    bounds = [step["from_s"] for step in steps[1:]] + [before_s]
    later = sum(
        step["weight"] * max(0.0, min(until_s, before_s) - max(step["from_s"], end_s))
        for step, until_s in zip(steps, bounds, strict=True)
    )
    kept = [step for step in steps if step["from_s"] < end_s]
    arrivals = [*kept, {"from_s": end_s, "weight": later / _RUSH_S}]
    faults = [
        fault | {"for_s": min(fault.get("for_s", 60), end_s + _RUSH_S - fault["at_s"])}
        for fault in faults_of(data)
        if fault["at_s"] < end_s
    ]
    return with_faults(data, faults) | {
        "time": {**time, "duration_s": end_s + _RUSH_S},
        "fleet": {**fleet, "arrivals": arrivals},
    }


def with_drain(data: Json, drain_s: float) -> Json:
    """Return it with so much time for vehicles to finish."""
    return data | {"time": {**data["time"], "drain_s": drain_s}}


def size_of(data: Json) -> dict[str, float]:
    """Return how large a scenario is: vehicles, faults, settings, seconds."""
    return {
        "vehicles": len(vehicles_of(data)),
        "faults": len(faults_of(data)),
        "settings": len(settings_of(data)),
        "seconds": data["time"]["duration_s"] + data["time"].get("drain_s", 3_600),
    }
