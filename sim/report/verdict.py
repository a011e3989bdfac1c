"""The verdict of a run, and why, in plain words."""

from collections.abc import Mapping

from sim.measure.generator import INVALID, GeneratorHealth
from sim.measure.outcomes import Tally
from sim.report.promises import FAIL, PASS, PROMISES, Promise
from sim.report.wording import count, listed, sentence, times

_NO_TRIPS = Tally()


def judge(promises: Mapping[str, Promise], generator: GeneratorHealth) -> str:
    """Return ``FAIL`` if a promise is broken; else ``INVALID`` if the run proves nothing; else ``PASS``."""
    verdicts = {promise.verdict for promise in promises.values()}
    if FAIL in verdicts:
        return FAIL
    if generator.verdict == INVALID or PASS not in verdicts:
        return INVALID
    return PASS


def explain(
    promises: Mapping[str, Promise], generator: GeneratorHealth, reserve: Tally, points: int, trips: Tally = _NO_TRIPS
) -> str:
    """Return the reason for the verdict: one or two sentences. ``reserve`` and ``trips`` tell what was asked for."""
    broken = {name: promise for name, promise in promises.items() if promise.verdict == FAIL}
    if broken:
        return _broken(broken)
    if generator.verdict == INVALID:
        return sentence(f"the run proves nothing: {listed(generator.reasons)}")
    kept = [name for name, promise in promises.items() if promise.verdict == PASS]
    if not kept:
        return "The run proves nothing: no promise was checked."
    others = [PROMISES[name].kept for name in kept if name != "P1"]
    first = _not_twice(promises["P1"], reserve, trips, points)
    return f"{first} {sentence(listed(others))}" if others else first


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
