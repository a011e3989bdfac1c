"""What the page's tables tell beside the report itself: totals, orders, the rows of small tables."""

from collections import Counter
from collections.abc import Mapping

from sim.measure.gauges import Gauge
from sim.measure.nodes import total_revenue
from sim.report import captions
from sim.report.model import Report

CONTENDED_MAX = 12
"""Points in the list of the most contended."""
_FATES = frozenset({"served", "gave_up", "refused_at_start", "lost", "canceled", "no_show", "left"})
"""Those that have a colour of their own."""


def page_facts(report: Report) -> Mapping[str, object]:
    """Return them, by the name that templates use."""
    return {**_contention(report), **_charging(report), **_resources(report)}


def fate_class(name: str) -> str:
    """Return the name of a fate's colour."""
    return name if name in _FATES else "other"


def _contention(report: Report) -> Mapping[str, object]:
    contended = captions.contended_points(report, CONTENDED_MAX)
    tried: Counter[int] = Counter()
    in_vain: Counter[int] = Counter()
    for each in report.fates:
        tried.update(each.attempts)
        in_vain.update(each.gave_up)
    return {
        "contended": contended,
        "contended_max": CONTENDED_MAX,
        "most_asked": max((point.demand.offered for point in contended), default=1),
        "all_refused": sum(point.demand.refused for point in report.points),
        "attempts": [(number, tried[number], in_vain[number]) for number in sorted(tried)],
        "most_tried": max(tried.values(), default=1),
        "all_tried": tried.total(),
        "fate_names": _fate_names(report),
        "fate_legend": [(f"fill-{fate_class(name)}", name.replace("_", " ")) for name in _fate_names(report)],
        "served": sum(each.served for each in report.fates),
        "ended_vehicles": sum(each.vehicles for each in report.fates),
    }


def _charging(report: Report) -> Mapping[str, object]:
    revenue_minor = total_revenue(report.points)
    return {
        "energy_wh": sum(node.energy_wh for node in report.nodes),
        "revenue_minor": revenue_minor,
        "currency": next(iter(revenue_minor)) if len(revenue_minor) == 1 else None,
    }


def _resources(report: Report) -> Mapping[str, object]:
    by_name: dict[str, dict[str, Gauge]] = {}
    for gauge in report.gauges:
        by_name.setdefault(gauge.name, {})[gauge.node] = gauge
    nodes = list(dict.fromkeys(gauge.node for gauge in report.gauges))
    rows = [
        (
            name,
            max(gauge.bound for gauge in found.values()),
            [found[node].highest if node in found else None for node in nodes],
        )
        for name, found in by_name.items()
    ]
    return {
        "gauge_nodes": nodes,
        "gauge_rows": rows,
        "resources": {used.name: used for used in report.resources},
        "node_ids": [node.id for node in report.nodes],
    }


def _fate_names(report: Report) -> list[str]:
    """Return all fates, the most frequent first."""
    totals: dict[str, int] = {}
    for each in report.fates:
        for name, number in each.fates.items():
            totals[name] = totals.get(name, 0) + number
    return sorted(totals, key=lambda name: (name != "served", -totals[name], name))
