"""The verdict of a run, and why, in plain words."""

from collections.abc import Mapping, Sequence

from sim.measure.generator import INVALID, GeneratorHealth
from sim.measure.limits import LimitVerdict
from sim.measure.outcomes import Tally
from sim.report.promises import FAIL, NO_DATA, PASS, PROMISES, Promise
from sim.report.wording import count, figure, listed, sentence, times

_NO_TRIPS = Tally()
_LIMITS_TOLD = 3


def judge(promises: Mapping[str, Promise], generator: GeneratorHealth, limits: Sequence[LimitVerdict] = ()) -> str:
    """Return ``FAIL`` if a promise is broken or a strict limit does not hold or has no data; else ``INVALID`` if the run

    proves nothing; else ``PASS``.
    """
    verdicts = {promise.verdict for promise in promises.values()}
    if FAIL in verdicts or any(limit.fails_the_run for limit in limits):
        return FAIL
    if generator.verdict == INVALID or PASS not in verdicts:
        return INVALID
    return PASS


def explain(
    promises: Mapping[str, Promise],
    generator: GeneratorHealth,
    reserve: Tally,
    points: int,
    trips: Tally = _NO_TRIPS,
    limits: Sequence[LimitVerdict] = (),
    aborted_by: str | None = None,
) -> str:
    """Return the reason for the verdict: a few sentences. ``reserve`` and ``trips`` tell what was asked for."""
    broken = {name: promise for name, promise in promises.items() if promise.verdict == FAIL}
    failed = [limit for limit in limits if limit.fails_the_run]
    told = [_broken(broken)] if broken else []
    told += [_failed(failed)] if failed else []
    told += [f"The run was ended early by the limit {aborted_by}."] if aborted_by is not None else []
    if broken:
        return " ".join(told)
    if generator.verdict == INVALID:
        return " ".join([*told, sentence(f"the run proves nothing: {listed(generator.reasons)}")])
    kept = [name for name, promise in promises.items() if promise.verdict == PASS]
    if not kept:
        return " ".join([*told, "The run proves nothing: no promise was checked."])
    others = [PROMISES[name].kept for name in kept if name != "P1"]
    told.append(_not_twice(promises["P1"], reserve, trips, points))
    told += [sentence(listed(others))] if others else []
    if limits and not failed:
        held = sum(limit.verdict == PASS for limit in limits)
        told.append(f"{count(held, 'limit')} of {len(limits)} held." if held < len(limits) else _all_held(held))
    return " ".join(told)


def _all_held(held: int) -> str:
    return "The limit held." if held == 1 else f"All {held} limits held."


def _failed(failed: Sequence[LimitVerdict]) -> str:
    """Return which limits failed, with their figures."""
    told = [
        f"{limit.limit} (no data)" if limit.verdict == NO_DATA else f"{limit.limit} (it was {figure(limit.figure)})"
        for limit in failed[:_LIMITS_TOLD]
    ]
    more = len(failed) - len(told)
    what = "A limit did not hold" if len(failed) == 1 else f"{len(failed)} limits did not hold"
    return f"{what}: {listed([*told, f'{more} more' if more else ''])}."


def _broken(broken: Mapping[str, Promise]) -> str:
    told = [f"{name} “{PROMISES[name].title}” {times(promise.violation_count)}" for name, promise in broken.items()]
    few = "A promise was broken" if len(told) == 1 else f"{len(told)} promises were broken"
    return f"{few}: {listed(told)}."


def _not_twice(promise: Promise, reserve: Tally, trips: Tally, points: int) -> str:
    if not reserve.accepted and not trips.accepted:
        offered = reserve.offered + trips.offered
        asked = f"none of {offered:,} requests was accepted" if offered else "nobody asked for one"
        return f"No vehicle reserved a charger ({asked}), so none could be promised twice."
    acknowledged = count(reserve.accepted, "acknowledged reservation")
    if trips.accepted:
        acknowledged = listed([acknowledged if reserve.accepted else "", count(trips.accepted, "acknowledged trip")])
    if promise.verdict != PASS:
        return f"{acknowledged} on {count(points, 'point')}; whether they overlap was not checked."
    return f"No charger was promised twice: {acknowledged} on {count(points, 'point')}, 0 overlaps."
