"""The figures of one replication: what they are called, what they mean, and which way is better."""

from dataclasses import dataclass

SHARE, SECONDS, MILLISECONDS, PER_HOUR, KWH_PER_HOUR = "share", "s", "ms", "per_h", "kwh_per_h"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure."""

    name: str
    title: str
    unit: str
    better: int
    """1: more is better; -1: less is; 0: neither."""
    meaning: str
    percentile: tuple[str, float] | None = None
    """Of which histogram, at which share: of several replications it is taken from all their values together."""


WAITING, LATENCY = "waiting_s", "reserve_ms"
"""The histograms of a replication."""

_ALL = (
    Measure("offered_per_h", "vehicles that came", PER_HOUR, 0, "Vehicles that decided to charge, per hour."),
    Measure("served_per_h", "vehicles that charged", PER_HOUR, 1, "Of those, per hour, how many charged in the end."),
    Measure("served_share", "share that charged", SHARE, 1, "Of the vehicles that decided to charge, how many did."),
    Measure("waiting_mean_s", "mean wait", SECONDS, -1, "From the wished start to plugging in, of those that charged."),
    Measure("waiting_p90_s", "90 % wait at most", SECONDS, -1, "The same: nine of ten wait no longer.", (WAITING, 0.9)),
    Measure(
        "granted_per_h",
        "requests granted",
        PER_HOUR,
        1,
        "Requests to reserve (a trip is one) that were granted, per hour.",
    ),
    Measure("refused_share", "refused", SHARE, -1, "Of the requests to reserve, how many an owner refused."),
    Measure(
        "unanswered_share", "not decided", SHARE, -1, "Of these requests, how many nobody decided, or nobody knows."
    ),
    Measure("reserve_p50_ms", "reserve, half within", MILLISECONDS, -1, "From the intended time.", (LATENCY, 0.5)),
    Measure(
        "reserve_p99_ms", "reserve, 99 of 100 within", MILLISECONDS, -1, "From the intended time.", (LATENCY, 0.99)
    ),
    Measure("busy_share", "points busy", SHARE, 0, "Share of the time that points were reserved or charging."),
    Measure("charging_share", "points charging", SHARE, 0, "Share of the time that a vehicle was plugged in."),
    Measure("energy_kwh_per_h", "energy", KWH_PER_HOUR, 1, "Energy that the nodes have delivered, per hour."),
)
MEASURES = {measure.name: measure for measure in _ALL}

PRECISE = ("served_share", "waiting_mean_s")
"""Whose intervals a stopping rule is about, if nobody says."""
