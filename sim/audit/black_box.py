"""Part of P5, and a second opinion on it: does any order explain the answers to reserve and cancel, witnesses unheard?

Windows that do not even indirectly overlap have nothing to do with each other, so that a point's requests fall into
small groups, of which each is searched on its own. What else changes windows (plugging in, no-shows, the end of a
session, somebody outside the run) is not modelled: a group is searched up to where that may have begun.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from sim.audit.evidence import Evidence
from sim.audit.group_calls import Tried, calls_of
from sim.audit.overlap_groups import Group, overlap_groups
from sim.audit.requests import Request
from sim.audit.verdicts import Findings
from sim.audit.wing_gong import Call, Kind, search

_CALLS_MAX = 64
"""Requests of one group that are searched, of those that did something the first ones, of those that were refused some
from everywhere: the search may take time that grows exponentially. Who was refused changed nothing and may be left out.
"""
_STEPS_MAX = 5_000
"""Steps of one search, about a microsecond each; what cannot be said by then is left open."""
_STEPS_PER_REQUEST = 8
"""Steps of all searches of a run, for each request in it: the audit's time must grow with the run, and no faster."""
_STEPS_LEAST = 50_000
_SHOWN = 12
"""Requests told of a group that nothing explains."""


def check_black_box(evidence: Evidence, findings: Findings) -> None:
    """Search the groups of every point, the small ones first, as far as the steps go."""
    skipped: Counter[str] = Counter()
    tried: list[tuple[int, int, Group, list[Tried]]] = []
    for number, group in enumerate(overlap_groups(evidence)):
        calls = _thinned(calls_of(group, group.limit(_CALLS_MAX)))
        if len(calls) > 1:
            tried.append((len(calls), number, group, calls))
        elif len(group.requests) > 1:
            skipped["changed by something else before"] += 1
    steps_left = max(_STEPS_LEAST, _STEPS_PER_REQUEST * len(evidence.requests))
    searched = 0
    for size, _, group, calls in sorted(tried, key=lambda entry: entry[:2]):
        if steps_left <= 0:
            skipped["would have taken too many steps together"] += 1
            continue
        explained, steps = search(_plain(calls), min(_STEPS_MAX, steps_left))
        steps_left -= steps
        if explained is None:
            skipped["would have taken too many steps"] += 1
            continue
        searched += 1
        findings.checked += size
        if not explained:
            _accuse(group, calls, findings)
    if searched or skipped:
        findings.notes.append(_note(searched, skipped))


def _thinned(calls: list[Tried]) -> list[Tried]:
    """Leave out refusals, evenly, until there are few enough."""
    refused = sum(tried.kind is Kind.REFUSED for tried in calls)
    if refused <= _CALLS_MAX:
        return calls
    kept: list[Tried] = []
    met = 0
    for tried in calls:
        if tried.kind is Kind.REFUSED:
            met += 1
            if met * _CALLS_MAX // refused == (met - 1) * _CALLS_MAX // refused:
                continue
        kept.append(tried)
    return kept


def _until(calls: list[Tried], line: int) -> list[Tried]:
    """Return the calls made before a line; what was answered later had not been answered by then."""
    made = [tried for tried in calls if tried.start < line]
    known = [replace(tried, end=tried.end if tried.end is not None and tried.end < line else None) for tried in made]
    return [tried for tried in known if tried.kind is not Kind.REFUSED or tried.end is not None]


def _note(searched: int, skipped: Counter[str]) -> str:
    reasons = "".join(f", {count} {reason}" for reason, count in sorted(skipped.items()))
    return f"black box: {searched} {'group' if searched == 1 else 'groups'} of overlapping windows searched{reasons}"


def _plain(calls: Iterable[Tried]) -> list[Call]:
    """Return the calls with the bits of those that they have to do with."""
    listed = list(calls)
    number = {tried.reservation_id: at for at, tried in enumerate(listed) if tried.kind is Kind.RESERVE}
    plain = []
    for at, tried in enumerate(listed):
        mask = 0
        if tried.kind is Kind.CANCEL:
            mask = 1 << number[tried.reservation_id]
        else:
            for other_at, other in enumerate(listed):
                if other_at != at and other.kind is Kind.RESERVE and tried.overlaps(other):
                    mask |= 1 << other_at
        plain.append(Call(tried.kind, tried.start, tried.end, mask))
    return plain


def _accuse(group: Group, calls: list[Tried], findings: Findings) -> None:
    """Find the first answer that nothing explains: up to the one before it, some order does."""
    ends = sorted(tried.end for tried in calls if tried.end is not None)
    low, high = 0, len(ends) - 1
    while low < high:
        middle = (low + high) // 2
        explained, _ = search(_plain(_until(calls, ends[middle] + 1)), _STEPS_MAX)
        low, high = (low, middle) if explained is False else (middle + 1, high)
    cut = ends[low]
    (culprit,) = (tried for tried in calls if tried.end == cut)
    before = [tried for tried in calls if tried.start < cut and tried is not culprit]
    about = {culprit.reservation_id} | {tried.reservation_id for tried in before if tried.overlaps(culprit)}
    shown: list[Request] = [tried.request for tried in before if tried.reservation_id in about - {""}]
    told = culprit.request.decisions[0]
    message = (
        f"no order of {len(calls)} requests for overlapping windows explains that what was asked in history "
        f"{culprit.start} was told {told.error or 'ok'} in history {cut}, whatever the witnesses say"
    )
    operations = [request.attempts[-1] for request in shown[-_SHOWN:]] + [told]
    findings.violated("black-box", group.point_id, message, operations=operations)
