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
_CALLERS = (1, 8)
"""Who waits for an answer before asking again: alone, and several at a time."""


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
            f"{name}, {callers}": partial(_measure, network, wish, callers, options)
            for callers in _CALLERS
            for name, wish in wishes.items()
        }
        turns = interleave(measures, options.rounds)
    ratios = [
        one
        for callers in _CALLERS
        for other, aim in ((_OWN, " (aim at most 4)"), (_FORWARDED, ""))
        for one in _compare(turns, other, callers, aim)
    ]
    notes = [
        "each 2xx is durable on every node that it concerns, and idempotent; the first node is asked, and decides on trips"
    ]
    return Result("A trip", [_row(name, each) for name, each in turns.items()], ratios, notes)


def _measure(network: TripNetwork, new_requests: Callable[[], MakeRequest], callers: int, options: Options) -> _Turn:
    edges_s: list[float] = []
    load = measure_load(
        network.servers[0].port,
        new_requests(),
        connections=callers,
        duration_s=options.duration_s,
        warmup_s=options.warmup_s,
        accept={201},
        at_edge=lambda: edges_s.append(network.cpu_s()),
    )
    return _Turn(load, (edges_s[1] - edges_s[0]) * 1e3 / sum(load.statuses.values()))


def _compare(turns: dict[str, list[_Turn]], other: str, callers: int, aim: str) -> list[Ratio]:
    trips, others = turns[f"{_TRIP}, {callers}"], turns[f"{other}, {callers}"]
    name = f"{_TRIP} / {other}, {callers} at a time"
    return [
        ratio(f"{name}, p50{aim}", [turn.load.p50_ms for turn in trips], [turn.load.p50_ms for turn in others]),
        ratio(f"{name}, CPU of the nodes", [turn.cpu_ms for turn in trips], [turn.cpu_ms for turn in others]),
    ]


def _row(name: str, turns: list[_Turn]) -> Row:
    loads = [turn.load for turn in turns]
    what, _, callers = name.rpartition(", ")
    return {
        "asked for": what,
        "at a time": int(callers),
        "201/s": round(median(load.good_per_s for load in loads)),
        "p50 ms": round(median(load.p50_ms for load in loads), 2),
        "p99 ms": round(median(load.p99_ms for load in loads), 2),
        "CPU ms": round(median(turn.cpu_ms for turn in turns), 2),
        "max ms": round(max(load.max_ms for load in loads), 1),
    }
