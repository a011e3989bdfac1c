"""Runs that a report must cope with, and what an audit may say of them."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.sim.measure.made_run import MadeRun

HOSTILE = "<script>alert('p')</script>&\"x\" 'y' {{ 7*7 }} ]]> --> \u202e العربية 充电 " + "w" * 60
"""A name that breaks what does not escape, and a layout that does not wrap."""
KEPT: dict[str, Any] = {
    name: {"verdict": "PASS", "checked": 1_234, "violations": []} for name in ("P1", "P2", "P4", "P5", "P9")
}
"""An audit that found nothing."""
BROKEN: dict[str, Any] = KEPT | {
    "P1": {
        "verdict": "FAIL",
        "checked": 1_234,
        "violation_count": 137,
        "violations": [
            {
                "check": "overlap-in-journal",
                "point": "server1.p1",
                "message": f"server1.p1.r1-2 and server1.p1.r1-5 are both in force at 17:05 {HOSTILE}",
                "story": [
                    "17:01:00.120  driver-3 was told: 201 RESERVED [17:00, 17:30)  (line 1,204)",
                    "17:01:00.133  driver-9 was told: 201 RESERVED [17:05, 17:35)  (line 1,207)",
                    f"journal ver 77: reservation.reserved {HOSTILE}",
                ],
            }
        ]
        * 12,
    },
    "P2": {"verdict": "FAIL", "checked": 3, "violations": [{"title": "a reservation is lost", "story": "one\ntwo"}]},
    "P5": {"verdict": "FAIL", "checked": 3, "violations": ["point server1.p1: no order explains line 12", {"odd": 1}]},
    "P8": {"verdict": "NO DATA", "checked": 0, "violations": [], "reason": "the scenario has no no-shows"},
}
"""An audit that found violations, told in every shape."""


def ordinary(seed: int = 1) -> MadeRun:
    """A busy run with every outcome, several classes, a crash and a broker that hangs."""
    rng = Random(seed)
    run = MadeRun([f"server{node}.p{point:02}" for node in (1, 2, 3) for point in range(1, 9)], vehicles=600)
    run.fault("crash", "server2", 25.0, 27.0, 29.5)
    run.fault("broker_pause", None, 40.0, 42.0, 42.1)
    for _ in range(2_000):
        at_s, point = rng.uniform(0, 55), rng.choice(run.points)
        took_s, late_s = rng.lognormvariate(-5, 0.8), rng.expovariate(500)
        if 25 < at_s < 29 and point.startswith("server2"):
            error = rng.choice(["owner-unreachable", "unreachable"])
            status = 503 if error == "owner-unreachable" else None
            run.request(at_s, took_s, kind="fail", error=error, status=status, point=point, late_s=late_s)
        elif rng.random() < 0.005:
            run.request(at_s, 1.0, kind="info", error="timeout", point=point)
        elif rng.random() < 0.3:
            run.request(at_s, took_s, point=point, late_s=late_s, way_us=_way_us(rng, took_s))
        else:
            seen = (rng.randint(1, 20), int(60 * at_s)) if rng.random() < 0.5 else None
            run.refused(at_s, took_s, point, way_us=_way_us(rng, took_s), witness=(1, 10), seen=seen)
    for _ in range(800):
        run.request(rng.uniform(0, 55), rng.lognormvariate(-6, 0.5), f="read", status=200, point=None)
    for number in range(600):
        name = "taxi" if number % 5 == 0 else "commuter"
        if rng.random() < 0.4:
            run.served(50, rng.uniform(-200, 1_800), rng.randint(500, 40_000), name)
        else:
            run.fate(50, rng.choice(["gave_up", "gave_up", "no_show", "canceled", "lost", "refused_at_start"]), name)
    fill(run, rng)
    for point in run.points:
        for seq in range(1, 21):
            run.happened(point, 150 * seq, seq)
    run.slo = ["p99(reserve.latency_ms) < 250", {"limit": "gini < 0.001", "strict": False}, "offered > 100"]
    told = {"agreed_ms": 900, "decided_ms": 10, "in_doubt": 0, "views": 48, "late": []}
    run.told(56.0, "calm", **told)
    used = {"cpu_s": 12.5, "rss_peak_bytes": 98_000_000}
    run.told(57.0, "resources", server1=used, server2=used, vehicles=used)
    return run


def _way_us(rng: Random, took_s: float) -> tuple[int, int, int, int]:
    """Return a way that takes part of the time."""
    us = took_s * 1e6
    return int(us * rng.random() / 5), int(us / 50), int(us / 4), int(us / 5)


def fill(run: MadeRun, rng: Random) -> None:
    """Give every point reservations one after another, and most of them a session."""
    end_s = int(run.duration_s * run.scale)
    for point in run.points:
        at_s = rng.randint(0, end_s // 4)
        while at_s < end_s:
            length_s = rng.randint(max(1, end_s // 40), max(2, end_s // 10))
            run.window(point, at_s, at_s + length_s)
            if rng.random() < 0.8:
                run.session(point, at_s + length_s // 5, at_s + length_s, rng.randint(1, 9_000), rng.randint(1, 9_000))
            at_s += length_s + rng.choice([0, 0, end_s // 50])


def one_second() -> MadeRun:
    """A run that is over before it began."""
    run = MadeRun(duration_s=1.0, vehicles=2)
    run.request(0.2, 0.004)
    run.refused(0.7, 0.002)
    run.window("server1.p1", 10, 30)
    run.session("server1.p1", 12, 30)
    run.served(0.9, 12.0)
    run.fate(0.9, "gave_up", attempts=1)
    return run


def nothing_asked() -> MadeRun:
    """A run in which nobody asks for anything."""
    return MadeRun(duration_s=5.0, vehicles=1)


def none_accepted() -> MadeRun:
    """A run in which every reservation is refused."""
    run = MadeRun(duration_s=30.0)
    for number in range(200):
        run.refused(number / 8)
        if number % 20 == 0:
            run.fate(number / 8, "gave_up", attempts=4)
    return run


def all_unknown() -> MadeRun:
    """A run in which no answer ever comes, and the broken node is never mended."""
    run = MadeRun(duration_s=30.0, unfinished=3)
    run.fault("pause", "server1", 1.0, None, None)
    for number in range(100):
        run.request(number / 5, 5.0 if number % 2 else None, kind="info", error="timeout")
        run.fate(number / 5, "lost", error="timeout")
    return run


def everything_fails() -> MadeRun:
    """A run in which all nodes are gone, all limits fail, and whoever comes leaves with nothing."""
    run = MadeRun(duration_s=40.0, vehicles=50)
    for node in ("server1", "server2"):
        run.fault("crash", node, 0.1, None, None)
    for number in range(300):
        f = ("reserve", "read", "trip")[number % 3]
        run.request(
            number / 8, 0.001, f=f, kind="fail", error="unreachable", point=None if f != "reserve" else "server1.p1"
        )
    for number in range(50):
        run.fate(number / 2, "lost" if number % 2 else "gave_up", attempts=4, error="unreachable", wanted_wh=30_000)
    run.slo = ["goodput >= 90 % * offered", "p99(reserve.accepted.latency_ms) < 50", "recovery_s < 10"]
    return run


def many_points() -> MadeRun:
    """More points than a figure shows."""
    rng = Random(3)
    run = MadeRun([f"server{node}.p{point:03}" for node in range(1, 7) for point in range(50)], duration_s=90.0)
    fill(run, rng)
    for _ in range(3_000):
        run.refused(rng.uniform(0, 80), point=rng.choice(run.points))
    return run


def trips(seed: int = 4) -> MadeRun:
    """A run in which most ask for trips, with every outcome, and some for one reservation."""
    rng = Random(seed)
    run = MadeRun([f"server{node}.p{point:02}" for node in (1, 2, 3) for point in range(1, 9)], vehicles=300)
    for _ in range(700):
        at_s, wishes = rng.uniform(0, 55), [rng.sample(run.points, rng.choice([1, 1, 2])) for _ in range(3)]
        wishes[2] = wishes[2] if rng.random() < 0.8 else []
        kind, took_s = rng.random(), rng.lognormvariate(-4, 0.6)
        if kind < 0.2:
            got = [rng.choice(points or run.points) for points in wishes]
            run.trip(at_s, *wishes, got=got, took_s=took_s, way_us=_way_us(rng, took_s))
        elif kind < 0.8:
            run.trip(at_s, *wishes, stop=rng.randrange(3), took_s=took_s, way_us=_way_us(rng, took_s))
        elif kind < 0.95:
            told = {"stop": 2} if rng.random() < 0.5 else None
            run.trip(at_s, *wishes, kind="fail", error="owner-unreachable", status=503, took_s=took_s, told=told)
        else:
            run.trip(at_s, *wishes, kind="info", error="timeout", took_s=rng.choice([1.0, None]))
    for _ in range(200):
        (run.refused if rng.random() < 0.6 else run.request)(rng.uniform(0, 55), point=rng.choice(run.points))
    for number in range(300):
        run.fate(56, "gave_up", "traveller", attempts=4) if number % 3 else run.served(56, 30.0, class_name="traveller")
    fill(run, rng)
    return run


def hostile_names() -> MadeRun:
    """Names that try to break out of text, attributes, scripts and rows."""
    run = MadeRun(["server1.p1", f"server1.{HOSTILE}"], description=f"A description {HOSTILE}", currency=HOSTILE[:20])
    for number in range(20):
        run.refused(number, point=f"server1.{HOSTILE}")
        run.request(number, f=HOSTILE, kind="fail", error=HOSTILE, status=409, point=HOSTILE)
        run.fate(number, HOSTILE, class_name=HOSTILE)
    run.request(3.0, 0.01)
    run.served(30.0, 5.0, class_name=HOSTILE)
    run.window(f"server1.{HOSTILE}", 0, 1_800)
    run.session(f"server1.{HOSTILE}", 60, 1_800)
    run.fault(HOSTILE, "server1", 10.0, 12.0, 13.0)
    return run


def double_booked() -> MadeRun:
    """A run in whose database two reservations overlap."""
    run = one_second()
    run.window("server1.p1", 20, 40)
    return run


def virtual() -> MadeRun:
    """A run in virtual time, in which everything breaks that can, and a bug is planted."""
    run = MadeRun(scale=1.0, duration_s=600.0, late_ms_p99=0.0, mode="virtual")
    run.begin_more = {"through_api": True, "planted": "cost-off-by-one"}
    run.end_more = {"trace_hash": "0f4adf1709dd6c311f18ec37725d91e0", "figures": {"crash_at_commit": 3, "buggified": 1}}
    for number, (kind, parameters) in enumerate(EVERY_KIND.items()):
        at_s = 10.0 + 30 * number
        how = {name: value for name, value in parameters.items() if name != "node"}
        run.fault(kind, parameters.get("node"), at_s, at_s + 20, at_s + 20, **how)
    run.fault("loss", None, 191.0, 192.0, 192.0, share=0.9, hosts=["server1"])
    for number in range(200):
        run.request(3.0 * number, 0.005)
        run.refused(3.0 * number + 1)
    fill(run, Random(1))
    gauges = [{"name": "mailbox_depth", "value": 3, "bound": 256}, {"name": "journal_depth", "value": 9, "bound": 2064}]
    run.told(590.0, "gauges", "server1", gauges=gauges)
    run.told(591.0, "gauges", "server2", gauges=gauges)
    run.told(592.0, "agreement", within_ms=22_500, after_ms=[0, 0, 1_000], late=[{"point": "server1.p1"}])
    return run


EVERY_KIND: dict[str, dict[str, Any]] = {
    "crash": {"node": "server1"},
    "pause": {"node": "server2"},
    "broker_crash": {},
    "broker_pause": {},
    "partition": {"groups": [["server1", "broker"], ["server2"]]},
    "one_way": {"from": ["vehicles"], "to": ["server2"]},
    "loss": {"share": 0.2},
    "delay": {"delay_ms": {"lognormal": [100, 1]}},
    "duplicate": {"share": 0.3},
    "reorder": {"share": 0.3, "delay_ms": {"constant": 200}},
    "disk_slow": {"node": "server1", "factor": 100},
    "disk_full": {"node": "server1"},
    "restore": {"node": "server1"},
    "move": {"node": "server1", "paused": True},
    "clock_jump": {"node": "server2", "by_s": 30},
    "clock_drift": {"node": "server2", "ppm": -5_000},
    "gossip_loss": {"share": 0.5},
    "gossip_repeat": {"share": 0.5},
    "gossip_forge": {"per_s": 1},
}
"""Parameters of a fault of every kind."""
RUNS: dict[str, tuple[Callable[[], MadeRun], dict[str, Any]]] = {
    "ordinary": (ordinary, KEPT),
    "one_second": (one_second, KEPT),
    "nothing_asked": (nothing_asked, {}),
    "none_accepted": (none_accepted, KEPT),
    "all_unknown": (all_unknown, {"P1": {"verdict": "NO DATA", "checked": 0, "violations": []}}),
    "everything_fails": (everything_fails, BROKEN),
    "many_points": (many_points, KEPT),
    "trips": (trips, KEPT),
    "hostile_names": (hostile_names, BROKEN),
    "double_booked": (double_booked, BROKEN),
    "virtual": (virtual, KEPT),
}
"""All of them by name, each with an audit."""


def made(name: str) -> tuple[MadeRun, dict[str, Any]]:
    """Return a run by its name, and what an audit says of it."""
    make, promises = RUNS[name]
    return make(), promises
