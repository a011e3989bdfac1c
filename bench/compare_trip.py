"""What does a trip of three stops on three nodes cost next to a single reservation?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

from bench.interleave import Ratio, interleave, ratio
from bench.load import LoadResult, MakeRequest, measure_load
from bench.result import Options, Result, Row
from bench.trip_network import TripNetwork, trip_network

_OWN, _FORWARDED, _TRIP = "reservation, own point", "reservation, forwarded", "trip, 3 stops on 3 nodes"
_CALLERS = {"now and then": (1, 0.03), "one at a time": (1, 0.0), "eight at a time": (8, 0.0)}
"""How many ask, and how many seconds each waits after an answer before asking again. After 30 ms what a trip leaves to be
done is done; who asks at once meets the rest of the trip before: that is how many trips these cores can carry."""
_AIMED = "now and then"


@dataclass(frozen=True, slots=True)
class _Turn:
    load: LoadResult
    cpu_ms: float
    """Of all three nodes, for each 201."""


def run(options: Options) -> Result:
    """Measure reservations and trips in turns, on the same three nodes."""
    with trip_network() as network:
        wishes: dict[str, Callable[[], MakeRequest]] = {
            _OWN: network.own_reservations,
            _FORWARDED: network.others_reservations,
            _TRIP: network.trips,
        }
        measures = {
            f"{name}, {how}": partial(_measure, network, wish, callers, think_s, options)
            for how, (callers, think_s) in _CALLERS.items()
            for name, wish in wishes.items()
        }
        turns = interleave(measures, options.rounds)
    ratios = [
        one
        for how in _CALLERS
        for other in (_OWN, _FORWARDED)
        for one in _compare(turns, other, how, " (aim at most 4)" if (how, other) == (_AIMED, _OWN) else "")
    ]
    notes = [
        "each 2xx is durable on every node that it concerns, and idempotent; the first node is asked, and decides on trips"
    ]
    return Result("A trip", [_row(name, each) for name, each in turns.items()], ratios, notes)


def _measure(
    network: TripNetwork, new_requests: Callable[[], MakeRequest], callers: int, think_s: float, options: Options
) -> _Turn:
    edges_s: list[float] = []
    load = measure_load(
        network.servers[0].port,
        new_requests(),
        connections=callers,
        duration_s=options.duration_s,
        warmup_s=options.warmup_s,
        accept={201},
        at_edge=lambda: edges_s.append(network.cpu_s()),
        think_s=think_s,
    )
    return _Turn(load, (edges_s[1] - edges_s[0]) * 1e3 / sum(load.statuses.values()))


def _compare(turns: dict[str, list[_Turn]], other: str, how: str, aim: str) -> list[Ratio]:
    trips, others = turns[f"{_TRIP}, {how}"], turns[f"{other}, {how}"]
    name = f"{_TRIP} / {other}, {how}"
    return [
        ratio(f"{name}, p50{aim}", [turn.load.p50_ms for turn in trips], [turn.load.p50_ms for turn in others]),
        ratio(f"{name}, CPU of the nodes", [turn.cpu_ms for turn in trips], [turn.cpu_ms for turn in others]),
    ]


def _row(name: str, turns: list[_Turn]) -> Row:
    loads = [turn.load for turn in turns]
    what, _, how = name.rpartition(", ")
    return {
        "asked for": what,
        "how": how,
        "201/s": round(median(load.good_per_s for load in loads)),
        "p50 ms": round(median(load.p50_ms for load in loads), 2),
        "p99 ms": round(median(load.p99_ms for load in loads), 2),
        "CPU ms": round(median(turn.cpu_ms for turn in turns), 2),
        "max ms": round(max(load.max_ms for load in loads), 1),
    }
