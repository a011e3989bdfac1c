"""What there is to see in each figure, in one sentence; or why there is nothing."""

from collections.abc import Sequence

from sim.measure.latency import ALL
from sim.measure.points import PointFigures, most_contended
from sim.report.model import Report
from sim.report.wording import count, decimal, duration, listed, milliseconds, request_name, share, times

_ASKED_FOR = {
    "reserve": ("reservation", "Most of what was not accepted was"),
    "trip": ("trip", "Most trips that were not accepted were"),
}


def demand_caption(report: Report) -> str:
    """Of reservations asked for over time."""
    asked = report.reserve
    if not asked.offered:
        return "Nobody asked for a reservation"
    series = report.timeline
    peak = max(series.offered)
    civil_ms = series.civil_start_ms + series.offered.index(peak) * series.civil_bucket_ms
    rate = peak / max(1.0, series.bucket_s)
    words = decimal(rate, 0 if rate >= 10 else 1).removesuffix(".0")
    per = "second" if series.bucket_s >= 1 else duration(series.bucket_s)
    noun = "reservation was" if words == "1" else "reservations were"
    up_to = f"Up to {words} {noun} asked for per {per}, at {report.run.clock(civil_ms)}"
    if asked.accepted == asked.offered:
        return f"{up_to}; all {asked.offered:,} were accepted"
    if asked.accepted:
        return f"{up_to}; {share(asked.accepted, asked.offered)} of all {asked.offered:,} were accepted"
    return f"{up_to}; not one of all {asked.offered:,} was accepted"


def reasons_caption(report: Report, kind: str = "reserve") -> str:
    """Of outcomes by reason, where somebody asked for that kind of thing: ``reserve`` or ``trip``."""
    noun, most = _ASKED_FOR[kind]
    asked, reasons = report.operations[kind].total, report.operations[kind].reasons
    if not reasons:
        return f"All {count(asked.offered, noun)} asked for were accepted"
    first = max(reasons, key=lambda reason: reason.count)
    return f"{most} {first.outcome}: {first.error} ({share(first.count, asked.offered)} of all)"


def fates_caption(report: Report) -> str:
    """Of what became of vehicles."""
    vehicles = sum(each.vehicles for each in report.fates)
    if not vehicles:
        return "No vehicle came to an end of its trip in this run"
    served = sum(each.served for each in report.fates)
    return f"{served:,} of {count(vehicles, 'vehicle')} charged ({share(served, vehicles)})"


def contended_caption(contended: Sequence[PointFigures]) -> str:
    """Of the most contended points."""
    if not contended:
        return "No point refused anybody"
    first, asked = contended[0], contended[0].reserve
    per = asked.attempts_per_acceptance
    tried = f"{decimal(per)} requests for each one accepted" if per else "and accepted nobody"
    return f"{first.id} refused most: {times(asked.refused)}, {tried}"


def latency_caption(report: Report) -> str:
    """Of latency percentiles."""
    pairs = report.latency_ms.get("reserve") or next(iter(report.latency_ms.values()), None)
    if not pairs:
        return "No request was answered"
    name = "reserve" if "reserve" in report.latency_ms else next(iter(report.latency_ms))
    taken, number = pairs[ALL].from_intended, pairs[ALL].count
    half = f"Half of all {request_name(name)} requests were done within {milliseconds(taken.p50)} ms"
    if number < 100:
        return f"{half}, the slowest of {number} in {milliseconds(taken.max)} ms"
    return f"{half}, 99 of 100 within {milliseconds(taken.p99)} ms, the slowest in {milliseconds(taken.max)} ms"


def occupancy_caption(report: Report) -> str:
    """Of points over time."""
    own = [point for point in report.points if point.max_power_w is not None]
    if not own:
        return "There are no points"
    mean = sum(point.busy_share for point in own) / len(own)
    busiest = max(own, key=lambda point: point.busy_share)
    if not busiest.busy_share:
        return f"None of {count(len(own), 'point')} was reserved at any time of this run"
    return (
        f"Points were busy {share(mean, 1)} of the time on average, {busiest.id} most ({share(busiest.busy_share, 1)})"
    )


def faults_caption(report: Report) -> str:
    """Of faults."""
    if not report.faults:
        return "No fault was asked for in this run" if world_words(report) else "Nothing was broken in this run"
    told = [f"{fault.words} at {report.run.clock(fault.broken.civil_ms)}" for fault in report.faults[:3]]
    more = len(report.faults) - len(told)
    return f"{count(len(report.faults), 'fault')}: {listed([*told, f'{more:,} more' if more else ''])}"


def world_words(report: Report) -> str:
    """Of what a virtual world did beside the faults of its scenario; nothing where it did nothing, or did not count."""
    figures = report.run.figures
    crashes, places = figures.get("crash_at_commit", 0), figures.get("buggified", 0)
    told = [
        f"killed a node {times(crashes)} while it committed, or right after" if crashes else "",
        f"let marked places in the nodes' code misbehave within their contract {times(places)}" if places else "",
    ]
    if not any(told):
        return ""
    beside = "Beside these, the" if report.faults else "The"
    return f"{beside} simulated world {listed(told)}."


def unfinished_words(report: Report) -> str:
    """Of vehicles that were not done."""
    left = report.generator.unfinished
    if not left:
        return "All vehicles were done at the end."
    return f"{left:,} of {count(report.run.vehicles, 'vehicle')} {'was' if left == 1 else 'were'} not done at the end."


def charging_caption(report: Report) -> str:
    """Of energy, money and waiting."""
    sessions = sum(node.sessions for node in report.nodes)
    if not sessions:
        return "Nobody charged"
    longest = [each.waiting.max_s for each in report.fates if each.waiting]
    waited = f"; nobody waited longer than {duration(max(0.0, *longest, 0.0))}" if longest else ""
    return f"{count(sessions, 'session')}{waited}"


def contended_points(report: Report, at_most: int) -> list[PointFigures]:
    """Return the points that refused most often."""
    return most_contended(report.points)[:at_most]
