"""One seed of an exploration: which faults exist, how strong they are, and in what world.

Swarm testing (Groce, Zhang, Eide, Chen and Regehr, 2012): a test that leaves most features out, another choice for each
seed, finds more than one that has all of them on all the time, because features hide one another: a network that loses
everything never shows what a torn disk does. So each seed draws a world of its own:

==================  ==================================================================================================
faults              each kind exists in a third of the seeds, 1 to 20 times an hour (evenly in the logarithm), for about
                    1, 10 or 60 s each time; one seed in 20 has none: then nothing may even be refused without reason.
                    Nodes that move do so 3 to 30 times an hour
last blow           in 15 % of the seeds, a minute before all is mended, the broker crashes, and then a node: whoever
                    comes back knows of a point what its owner tells anew, and nothing else
old backup          in 4 % of the seeds, and then nothing else breaks: a node comes back with its database as it was
                    15 to 30 minutes ago, for a minute
network, disk       one of a few profiles each, from a rack to another continent, from NVMe to a disk with hiccups
clocks              right in half of the seeds, else tens of milliseconds or some seconds apart
limits              each of those in ``TINY`` is tiny in a quarter of the seeds: full queues, batches of one record, and
                    forgotten keys are the rule there and not the exception
buggify             each place in a quarter of the seeds, as FoundationDB does
aimed faults        a crash at up to 2 % of the commits (some 20 in a run of a thousand) and at up to 10 % of the answers
                    that leave during one, up to 30 % repeated requests
crowds              in half of the seeds, up to 15 an hour: 3, 6 or 10 drivers who want a point at once
operator            in half of the seeds, 20 or 60 acts an hour: prices change, points are out of service for a while
nuisances           in half of the seeds, up to 16 an hour: who reserves from now on, uses a key twice, cancels another's
                    reservation, or acts only if the point is as it was
readers             in half of the seeds, 60 or 240 an hour: for a point that somebody is about to change
patience            vehicles wait for as long as the scenario says in half of the seeds, else for 1 s or 0.6 s at the most
jams                a tenth of the seeds: one or two requests fit into each mailbox and batch, disks are slow, crowds come
API                 a tenth of the seeds: it costs twice the time
==================  ==================================================================================================

Everything is drawn from a stream of its own, named by what it is for: another place or limit moves nothing else.
"""

import json
import math
from random import Random
from typing import Any

from nodes.buggify import PLACES
from sim.engine.randomness import Randomness
from sim.faults.plan import plan_faults
from sim.scenario.faults import plain_fault
from sim.scenario.quantities import NOT_NODES
from sim.scenario.random_faults import RandomFaults
from sim.scenario.schema import Scenario

Json = dict[str, Any]

_NO_FAULTS_SHARE = 0.05
_KIND_SHARE = 1 / 3
_PER_HOUR = (1.0, 20.0)
_PER_HOUR_OF = {"move": (3.0, 30.0)}
"""Of a move only the moments count in which somebody meets the old process before it knows what it is."""
_FOR_S = (1, 10, 60)
_PLACE_SHARE = 0.25
_LIMIT_SHARE = 0.25
_LINKS_SHARE = 0.3
_THROUGH_API_SHARE = 0.1

_LATENCIES_MS: tuple[Json, ...] = (
    {"lognormal": [2, 0.5]},
    {"lognormal": [0.3, 0.3]},
    {"lognormal": [40, 0.5]},
    {"exponential": 20},
    {"uniform": [1, 200]},
)
_FSYNCS_MS: tuple[Json, ...] = (
    {"uniform": [0.3, 3]},
    {"constant": 0.1},
    {"uniform": [2, 20]},
    {"lognormal": [3, 1.5], "at_most": 2_000},
    {"exponential": 100, "at_most": 2_000},
)
_READS_MS: tuple[Json, ...] = ({"uniform": [0.02, 0.3]}, {"uniform": [0.5, 20]}, {"exponential": 100, "at_most": 2_000})
_SKEWS_MS: tuple[Json, ...] = (
    {"constant": 0},
    {"constant": 0},
    {"uniform": [-50, 50]},
    {"uniform": [-3_000, 3_000]},
)
_BOOTS_S: tuple[Json, ...] = ({"uniform": [0.5, 3]}, {"constant": 0.05}, {"uniform": [5, 30]})
_CRASH_SHARES = (0.0, 0.0, 0.002, 0.006, 0.02)
_REPEAT_SHARES = (0.0, 0.0, 0.05, 0.3)
_CROWDS_PER_HOUR = (0.0, 0.0, 6.0, 15.0)
_CROWD_SIZES = (3, 6, 10)
_OPERATOR_ACTS_PER_HOUR = (0.0, 0.0, 20.0, 60.0)
_NUISANCE_PER_HOUR = (0.0, 0.0, 8.0, 16.0)
_POINT_READS_PER_HOUR = (0.0, 0.0, 60.0, 240.0)
_PATIENCE_MS = (None, None, 1_000, 600)
_LAST_BLOW_SHARE = 0.15
_LAST_BLOW_S = 60.0
_OLD_BACKUP_SHARE = 0.04
_OLD_BACKUP_AT_S = (600.0, 2_400.0)
_OLD_BACKUP_AGE_S = (900.0, 1_800.0)
_JAM_SHARE = 0.1
_JAM_SIZES = (1, 2)
_JAM_FSYNC_MS: Json = {"exponential": 400, "at_most": 2_000}

TINY: dict[str, tuple[int, ...]] = {
    "mailbox_capacity": (1, 2, 4),
    "mailbox_burst": (1, 2),
    "requests_max": (4, 8, 16),
    "segment_records": (1, 2, 5),
    "request_timeout_ms": (200, 1_000),
    "answers_recent": (1, 4, 32),
    "keys_known": (1, 10, 100),
    "alarms_burst": (1, 2),
    "gossip_flush_ms": (10, 1_000),
    "digest_ms": (100, 5_000),
    "gossip_items_max": (1, 3),
    "busy_windows_max": (1, 2),
    "peer_requests_max": (1, 3),
    "trips_max": (2, 5),
    "trip_decide_ms": (5_000,),
    "trip_candidates_max": (1, 2),
    "in_doubt_after_ms": (100, 1_000),
    "in_doubt_at_once": (1, 2),
    "breaker_failures": (1, 2),
    "pull_items": (1, 2),
    "pull_events_max": (1, 10),
    "attest_events": (1, 5),
}
"""Bounds so small that they are reached. Left out are those that would break a promise the audit checks, such as the time
that keys are remembered, and how many points fit into a view."""


def swarm(data: Json, seed: int) -> Json:
    """Return the explicit scenario of one seed of an exploration.

    ``data`` is a scenario as plain data. What it says under ``virtual`` and ``random_faults`` is kept, everything else of
    the world is drawn, and how long vehicles wait at the most; in the result nothing is random any more: its faults are a list, from which single ones can be taken away.
    """
    randomness = Randomness(seed)
    virtual = dict(data.get("virtual") or {})
    rates = _rates(randomness, dict(data.get("random_faults") or {}))
    drawn = data | {"seed": seed, "virtual": virtual, "random_faults": rates, "client": _client(randomness, data)}
    scenario = Scenario.model_validate_json(json.dumps(drawn))
    for name, value in _world(randomness, scenario.network.node_ids).items():
        virtual.setdefault(name, value)
    faults = [plain_fault(fault) for fault in plan_faults(scenario)]
    is_free = not (data.get("virtual") or data.get("random_faults") or scenario.faults)
    if is_free and randomness.stream("swarm", "is_old_backup").random() < _OLD_BACKUP_SHARE:
        faults = _old_backup(randomness, scenario, virtual)
    elif faults:
        blown = [*faults, *_last_blow(randomness, scenario)]
        faults = sorted(blown, key=lambda fault: (fault["at_s"], fault["kind"], fault.get("node", "")))
    return {name: value for name, value in drawn.items() if name != "random_faults"} | {"faults": faults}


def _old_backup(randomness: Randomness, scenario: Scenario, virtual: Json) -> list[Json]:
    """Return the one fault of a world in which a node is set back to an old backup, and make it such a world.

    Nothing else is broken: a node that can ask nobody serves on an old backup, as it should.
    """
    rng, end_s = randomness.stream("swarm", "old_backup"), scenario.time.duration_s
    at_s, age_s, node = (
        rng.uniform(*_OLD_BACKUP_AT_S),
        rng.uniform(*_OLD_BACKUP_AGE_S),
        rng.choice(scenario.network.node_ids),
    )
    if at_s + age_s > end_s:
        return []
    virtual |= {"latency_ms": _LATENCIES_MS[0], "links": [], "buggify": [], "crash_at_commit_share": 0.0}
    virtual["limits"] = {**virtual.get("limits", {}), "attest_events": 1}
    return [{"at_s": round(at_s, 3), "kind": "restore", "for_s": round(age_s, 3), "node": node}]


def _last_blow(randomness: Randomness, scenario: Scenario) -> list[Json]:
    """Return, in some of the seeds, the end of the safety phase: the broker forgets, and then a node does."""
    rng, end_s = randomness.stream("swarm", "last_blow"), scenario.time.duration_s
    given = scenario.random_faults
    said = any(rate is not None and rate.per_hour == 0 for rate in (given.crash, given.broker_crash))
    if rng.random() >= _LAST_BLOW_SHARE or said or end_s < _LAST_BLOW_S:
        return []
    at_s = end_s - _LAST_BLOW_S
    node = rng.choice(scenario.network.node_ids)
    return [
        {"at_s": at_s, "kind": "broker_crash", "for_s": 10.0},
        {"at_s": at_s + 20, "kind": "crash", "for_s": 10.0, "node": node},
    ]


def _world(randomness: Randomness, node_ids: list[str]) -> Json:
    """Return the world's settings, each drawn from its own stream."""

    def rng(name: str) -> Random:
        return randomness.stream("swarm", name)

    world: Json = {
        "latency_ms": rng("latency").choice(_LATENCIES_MS),
        "links": _links(rng("links"), node_ids),
        "fsync_ms": rng("fsync").choice(_FSYNCS_MS),
        "read_ms": rng("read").choice(_READS_MS),
        "boot_s": rng("boot").choice(_BOOTS_S),
        "clock_skew_ms": rng("skew").choice(_SKEWS_MS),
        "shuffle": True,
        "buggify": [place for place in PLACES if rng(f"buggify.{place}").random() < _PLACE_SHARE],
        "limits": {
            name: rng(f"size.{name}").choice(values)
            for name, values in TINY.items()
            if rng(f"limit.{name}").random() < _LIMIT_SHARE
        },
        "through_api": rng("through_api").random() < _THROUGH_API_SHARE,
        "crash_at_commit_share": rng("crash_at_commit").choice(_CRASH_SHARES),
        "repeat_share": rng("repeat").choice(_REPEAT_SHARES),
        "crowds_per_hour": rng("crowds").choice(_CROWDS_PER_HOUR),
        "crowd_size": rng("crowd_size").choice(_CROWD_SIZES),
        "operator_acts_per_hour": rng("operator").choice(_OPERATOR_ACTS_PER_HOUR),
        "nuisance_per_hour": rng("nuisance").choice(_NUISANCE_PER_HOUR),
        "point_reads_per_hour": rng("point_reads").choice(_POINT_READS_PER_HOUR),
    }
    return _jammed(world, rng("jam")) if rng("is_jammed").random() < _JAM_SHARE else world


def _jammed(world: Json, rng: Random) -> Json:
    """Return the world with queues that are full whenever several want something, because the disk is behind."""
    sizes = {name: rng.choice(_JAM_SIZES) for name in ("mailbox_capacity", "segment_records")}
    crowds = {"crowds_per_hour": max(_CROWDS_PER_HOUR), "crowd_size": max(_CROWD_SIZES)}
    return world | crowds | {"fsync_ms": _JAM_FSYNC_MS, "limits": world["limits"] | sizes}


def _client(randomness: Randomness, data: Json) -> Json:
    client: Json = dict(data.get("client") or {})
    most_ms = randomness.stream("swarm", "patience").choice(_PATIENCE_MS)
    if most_ms is not None:
        client["timeout_ms"] = min(client.get("timeout_ms", most_ms), most_ms)
    return client


def _links(rng: Random, node_ids: list[str]) -> list[Json]:
    """Return one or two bad links, in some of the seeds."""
    if rng.random() >= _LINKS_SHARE:
        return []
    hosts = [*node_ids, *NOT_NODES]
    links: list[Json] = []
    for _ in range(rng.choice((1, 2))):
        one, other = rng.sample(hosts, 2)
        bad = rng.choice(({"loss_share": 0.1}, {"duplicate_share": 0.3}, {"latency_ms": {"exponential": 500}}))
        links.append({"from": [one], "to": [other], **bad})
    return links


def _rates(randomness: Randomness, given: Json) -> Json:
    """Return the rates: those that are given, and drawn ones of the kinds that this seed has."""
    rates = dict(given)
    has_none = randomness.stream("swarm", "no_faults").random() < _NO_FAULTS_SHARE
    for kind in RandomFaults.model_fields:
        rng = randomness.stream("swarm", f"fault.{kind}")
        exists = rng.random() < _KIND_SHARE
        per_hour = math.exp(rng.uniform(*map(math.log, _PER_HOUR_OF.get(kind, _PER_HOUR))))
        for_s = rng.choice(_FOR_S)
        if kind not in rates and exists and not has_none:
            rates[kind] = {"per_hour": round(per_hour, 2), "for_s": {"lognormal": [for_s, 1]}}
    return rates
