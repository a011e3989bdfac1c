"""What there is to see in each figure, in one sentence; or why there is nothing."""

from collections.abc import Sequence

from sim.measure.faults import Fault
from sim.measure.latency import ALL
from sim.measure.points import PointFigures, most_contended
from sim.measure.ways import WaySpread
from sim.report.figures.demand_figure import KIND_WORDS, Strip
from sim.report.model import Report
from sim.report.rates import rate_of
from sim.report.wording import (
    count,
    decimal,
    duration,
    energy,
    listed,
    milliseconds,
    money,
    request_name,
    share,
    staleness,
    times,
)

_ASKED_FOR = {
    "reserve": ("reservation", "Most of what was not accepted was"),
    "trip": ("trip", "Most trips that were not accepted were"),
}


def demand_caption(report: Report) -> str:
    """Of requests to reserve over time."""
    asked = report.bookings
    if not asked.offered:
        return "Nobody asked for a reservation"
    series = report.timeline
    peak = max(series.offered)
    civil_ms = series.civil_start_ms + series.offered.index(peak) * series.civil_bucket_ms
    unit = rate_of(series)
    rate = peak * unit.factor
    words = decimal(rate, 0 if rate >= 10 else 1).removesuffix(".0")
    nouns = booking_nouns(report)
    noun = f"{nouns.removesuffix('s')} was" if words == "1" and len(series.by_kind) == 1 else f"{nouns} were"
    up_to = f"Up to {words} {noun} asked for per {unit.per}, at {report.run.clock(civil_ms)}"
    if asked.accepted == asked.offered:
        return f"{up_to}; all {asked.offered:,} were accepted"
    if asked.accepted:
        return f"{up_to}; {share(asked.accepted, asked.offered)} of all {asked.offered:,} were accepted"
    return f"{up_to}; not one of all {asked.offered:,} was accepted"


def booking_nouns(report: Report) -> str:
    """``reservations``, ``trips``, or both: what was asked for."""
    return listed(KIND_WORDS[kind] for kind in report.timeline.by_kind) or KIND_WORDS["reserve"]


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
    first, asked = contended[0], contended[0].demand
    per = asked.attempts_per_acceptance
    tried = f"; it was asked for {decimal(per)} times for each time it accepted" if per else ", and accepted nobody"
    return f"{first.id} refused most: {times(asked.refused)}{tried}"


def latency_caption(report: Report) -> str:
    """Of latency percentiles."""
    if not report.latency_ms:
        return "No request was answered"
    name = report.main_booking if report.main_booking in report.latency_ms else next(iter(report.latency_ms))
    pairs = report.latency_ms[name]
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
    if not longest:
        return count(sessions, "session")
    waited = f"nobody waited longer than {duration(max(longest))}" if max(longest) > 0 else "nobody waited"
    return f"{count(sessions, 'session')}; {waited}"


def limits_caption(report: Report) -> str:
    """Of limits."""
    held = sum(limit.verdict == "PASS" for limit in report.slo)
    if held == len(report.slo):
        return "The limit holds." if held == 1 else f"All {held} hold."
    return f"{held} of {len(report.slo)} {'holds' if held == 1 else 'hold'}."


def concentration_caption(report: Report) -> str:
    """Of the hot-spot curve."""
    found = report.concentration
    if found.gini is None or found.top_share is None:
        return "Nobody asked for a reservation: there is no hot spot"
    top = max(1, round(found.points / 10))
    of_them = "The most wanted point" if top == 1 else f"The {top} most wanted of {found.points} points"
    return f"{of_them} got {share(found.top_share, 1)} of all windows asked for (Gini {decimal(found.gini, 2)})"


def views_caption(report: Report) -> str:
    """Of refusals by what the driver had seen."""
    seen = report.refused_by_view
    if not seen.refused:
        return "Nobody was refused because a window was taken"
    if not seen.stale:
        return f"Not one of {count(seen.refused, 'refusal')} was for a stale view"
    stale = "was refused because its view was" if seen.stale == 1 else "were refused because their view was"
    return f"{seen.stale:,} of {seen.refused:,} {stale} stale ({share(seen.stale, seen.refused)})"


def staleness_caption(report: Report) -> str:
    """Of how far views were behind."""
    told = report.staleness
    if not told.looked:
        return "Nobody saw another node's view of a point"
    if not told.behind:
        return f"None of {count(told.looked, 'view')} of other nodes' points was behind its owner"
    behind = f"{told.behind:,} of {count(told.looked, 'view')} {'was' if told.behind == 1 else 'were'} behind"
    return f"{behind} ({share(told.behind, told.looked)}), the worst by {staleness(told.max_ms)}"


def attempts_caption(report: Report) -> str:
    """Of tries per vehicle."""
    tried = [(number, vehicles) for each in report.fates for number, vehicles in each.attempts.items()]
    vehicles = sum(number for _, number in tried)
    if not vehicles:
        return "No vehicle said how often it tried"
    mean = sum(number * each for number, each in tried) / vehicles
    once = sum(each for number, each in tried if number == 1)
    return f"A vehicle tried {decimal(mean)} times on average; {share(once, vehicles)} needed one try"


def fairness_words(report: Report) -> str:
    """Of how alike classes fared; nothing where there is one class."""
    if report.fairness.jain is None:
        return ""
    return f"Got one: a charger when they wanted it. Jain's index of these shares is {decimal(report.fairness.jain, 2)} (1: all classes alike)."


def queues_caption(report: Report) -> str:
    """Of mailboxes."""
    nodes = report.queues.nodes
    if not nodes:
        return "No node said how long requests waited in mailboxes"
    longest = max(nodes, key=lambda queue: queue.p99_ms)
    if not longest.max_ms:
        return "No request waited in a point's mailbox"
    if longest.p99_ms < 0.005:
        return f"99 of 100 requests did not wait in a mailbox; the longest wait was {milliseconds(max(queue.max_ms for queue in nodes))} ms"
    return f"99 of 100 requests waited {milliseconds(longest.p99_ms)} ms or less in a mailbox of {longest.node}, the slowest node"


def heatmap_caption(report: Report) -> str:
    """Of latency over time."""
    shown = report.heatmap
    assert shown is not None
    pairs = report.latency_ms[shown.kind][ALL]
    return f"{request_name(shown.kind).capitalize()} latency over time: the slowest took {milliseconds(pairs.from_intended.max)} ms"


def ways_caption(report: Report) -> str:
    """Of where time went."""
    way = next((way for way in report.ways if way.kind == report.main_booking), report.ways[0])
    words = {
        "late": "the generator",
        "queue": "waiting to be taken up",
        "decide": "deciding",
        "write": "writing to disk",
    }
    words |= {"forward": "the way between nodes", "network": "the way to the node and back"}
    means: dict[str, float] = {name: getattr(way, name).mean_ms for name in words}
    first = max(means, key=lambda name: means[name])
    return f"Most of a {request_name(way.kind)} request's time went into {words[first]}: {share(means[first], way_length(way))}"


def way_length(way: WaySpread) -> float:
    """Return the mean of the whole time of a kind of request."""
    parts = (way.late, way.queue, way.decide, way.write, way.forward, way.network)
    return sum(part.mean_ms for part in parts)


def slowest_caption(report: Report) -> str:
    """Of the slowest requests."""
    slow = report.slowest[0]
    return f"The slowest request was a {request_name(slow.kind)} at {slow.node}: {milliseconds(slow.took_ms)} ms"


def fault_views(fault: Fault) -> str:
    """Of views while something was broken."""
    views = fault.views
    if views is None:
        return "nobody looked"
    if not views.behind:
        return f"all {views.looked:,} up to date"
    told = f"{views.behind:,} of {views.looked:,} behind, the worst by {staleness(views.worst_ms)}"
    if views.fresh_after_s is None:
        return told
    if not views.fresh_after_s:
        return f"{told}; none afterwards"
    return f"{told}; the last of them {duration(views.fresh_after_s)} of the scenario's time after it was back"


def agreed_words(report: Report) -> str:
    """Of how views came to agree in the end."""
    agreed = report.agreed
    assert agreed is not None
    if agreed.late:
        return f"In the end {agreed.late:,} of {count(agreed.views, 'view')} did not agree with their owners in time."
    after = "" if agreed.max_ms is None else f" within {duration(agreed.max_ms / 1000)}"
    return f"When all was mended and nobody asked any more, all {count(agreed.views, 'view')} agreed with their owners{after}."


def nodes_caption(energy_wh: int, revenue_minor: dict[str, int]) -> str:
    """Of nodes' charging."""
    if not energy_wh:
        return "No node sold energy"
    return f"Altogether {energy(energy_wh)} for {money(revenue_minor)}"


def strips_words(strips: Sequence[Strip]) -> str:
    """Of the small panels."""
    return listed(strip.words for strip in strips)


def contended_points(report: Report, at_most: int) -> list[PointFigures]:
    """Return the points that refused most often."""
    return most_contended(report.points)[:at_most]
