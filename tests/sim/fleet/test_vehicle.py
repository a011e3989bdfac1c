"""What one vehicle does when the network says yes, no, or nothing."""

import asyncio
import time
from collections.abc import Callable
from itertools import count, pairwise
from pathlib import Path
from typing import Any

import pytest
from simpy import Environment

from nodes.domain.commands import Cancel, Meter, PlugIn, Reserve, StartReservation, Stop
from nodes.laboratory import Rate
from nodes.request import Request
from sim.engine.pacing import Pacer
from sim.engine.randomness import Randomness
from sim.fleet.desk import Desk
from sim.fleet.fleet import Fleet
from sim.fleet.target import NoAnswerError, NotSentError
from sim.history import HistoryWriter, read_history
from sim.worlds.http_target import HttpTarget
from tests.nodes.running import running_node
from tests.sim.fleet.examples import scenario
from tests.sim.fleet.scripted_city import SPEC, Reply, Script, ScriptedCity, problem


def replies(kind: type, *said: Reply | None) -> Script:
    """Return a script: requests of that kind get these replies, in order, and after them yes."""
    serial = count()

    def script(_: str, request: Request) -> Reply | None:
        if not isinstance(request.action, kind):
            return None
        number = next(serial)
        return said[number] if number < len(said) else None

    return script


def always(kind: type, reply: Callable[[], Reply]) -> Script:
    """Return a script: requests of that kind always get this reply."""
    return lambda _, request: reply() if isinstance(request.action, kind) else None


def test_a_driver_who_gets_what_he_wants() -> None:
    """Reserve, drive there, plug in, meter, unplug: once each, at the times of the plan."""
    city = ScriptedCity()
    lines = city.drive(power_w=10_000.0, capacity_wh=100_000.0, soc=0.1)
    asked = [request.action for _, request in city.target.asked]
    assert [type(action) for action in asked] == [Reserve, StartReservation, Meter, Meter, Stop]
    reserve, stop = asked[0], asked[-1]
    assert isinstance(reserve, Reserve)
    assert isinstance(stop, Stop)
    assert (reserve.start_ms, reserve.end_ms) == (city.desk.start_ms + 600_000, city.desk.start_ms + 1_500_000)
    starts = [line["civil_ms"] - city.desk.start_ms for line in lines if line["f"] == "start" and "civil_ms" in line]
    assert starts == [600_000]
    assert stop.energy_wh == 2_500
    assert city.fate == "served"
    assert len({request.key for _, request in city.target.asked}) == 5, "every request is another one"


def test_after_no_answer_the_same_request_goes_to_another_node_by_another_process() -> None:
    """With the same key: it may have taken effect, and must not take effect twice."""
    city = ScriptedCity(replies(Reserve, NoAnswerError("timeout"), NotSentError("refused"), problem("draining", 503)))
    lines = city.drive()
    sent = city.asked(Reserve)
    assert len(sent) == 4
    assert len({request for _, request in sent}) == 1, "point, window and key are the same"
    assert [node for node, _ in sent] == ["server1", "server2", "server3", "server1"]
    processes = [line["process"] for line in lines if line["type"] == "invoke" and line["f"] == "reserve"]
    assert processes == [4, 14, 14, 14], "only an unknown outcome makes another process"
    assert city.fate == "served"
    never_again(lines)


def never_again(lines: list[dict[str, Any]]) -> None:
    """Assert that no process invokes while it waits, or after it got info."""
    state: dict[object, str] = {}
    for line in lines:
        process, kind = line["process"], line["type"]
        if isinstance(process, int):
            before = state.get(process)
            assert before != "info", f"{process} goes on after an unknown outcome"
            assert (kind == "invoke") == (before != "invoke"), f"{process}: {before} then {kind}"
            state[process] = kind


def test_tries_are_bounded_and_wait_longer_each_time() -> None:
    """A node that is down must not be hammered by all vehicles at once."""
    city = ScriptedCity(always(Reserve, lambda: NoAnswerError("timeout")))
    lines = city.drive(attempts_max=2)
    sent = city.asked(Reserve)
    tries = SPEC.client.retries_max + 1
    assert len(sent) == 2 * tries
    assert len({request.key for _, request in sent}) == 2
    times = [line["time_ns"] for line in lines if line["type"] == "invoke" and line["f"] == "reserve"][:tries]
    pauses = [after - before for before, after in pairwise(times)]
    for number, pause_ns in enumerate(pauses):
        assert 0.1 * 2**number <= pause_ns / 1e9 <= 0.3 * 2**number + 0.001
    assert city.fate == "gave_up"
    never_again(lines)


def test_after_the_last_try_nothing_is_waited_for() -> None:
    """Who has given up is gone."""
    city = ScriptedCity(always(Reserve, lambda: NoAnswerError("timeout")))
    *_, answer, fate = city.drive(attempts_max=1, station="server1.p1")
    assert (answer["type"], fate["f"]) == ("info", "fate")
    assert fate["time_ns"] == answer["time_ns"]


def test_retry_after_is_obeyed() -> None:
    """In wall-clock seconds, which are 60 of the scenario's here."""
    city = ScriptedCity(replies(StartReservation, problem("node-busy", 429, 2)))
    lines = city.drive()
    first, second = (line for line in lines if line["f"] == "start" and line["type"] == "invoke")
    assert second["time_ns"] - first["time_ns"] >= 2e9
    assert first["key"] == second["key"]


def test_a_taken_window_is_tried_later_at_the_same_point_by_who_insists() -> None:
    """The node says when the point is free next."""
    start_ms = int(SPEC.time.start.timestamp() * 1000)
    city = ScriptedCity(replies(Reserve, problem("window-taken", next_free_start_ms=start_ms + 1_200_000)))
    city.drive(insists=True)
    first, second = (request for _, request in city.asked(Reserve))
    assert isinstance(second.action, Reserve)
    assert first.point_id == second.point_id
    assert second.action.start_ms == start_ms + 1_200_000
    assert first.key != second.key, "another window is another request"
    assert city.fate == "served"


def test_patience_ends() -> None:
    """Who would be served only after he is gone does not wait; he tries elsewhere as often as he tries."""
    far_ms = int(SPEC.time.start.timestamp() * 1000) + 86_400_000
    city = ScriptedCity(always(Reserve, lambda: problem("window-taken", next_free_start_ms=far_ms)))
    city.drive(attempts_max=3)
    assert len(city.asked(Reserve)) <= 3
    assert all(request.action.start_ms < far_ms for _, request in city.asked(Reserve))  # type: ignore[union-attr]
    assert city.fate == "gave_up"


def test_who_does_not_insist_takes_what_looks_free() -> None:
    """And only that."""
    city = ScriptedCity(replies(Reserve, problem("window-taken")))
    city.target.free = ["server2.p1", "server3.p2"]
    city.drive(insists=False)
    assert {request.point_id for _, request in city.asked(Reserve)} == {"server2.p1", "server3.p2"}
    assert city.fate == "served"


@pytest.mark.parametrize(
    ("changes", "kinds", "fate"),
    [
        ({"shows_up": False}, [Reserve], "no_show"),
        ({"cancels": True}, [Reserve, Cancel], "canceled"),
        ({"walks_up": True}, [PlugIn, Stop], "served"),
    ],
)
def test_habits(changes: dict[str, object], kinds: list[type], fate: str) -> None:
    """Who cancels does so before the start; who does not come says nothing; who walks up reserves nothing."""
    city = ScriptedCity()
    city.target.free = ["server2.p1"]
    lines = city.drive(**changes)
    assert [type(request.action) for _, request in city.target.asked if not isinstance(request.action, Meter)] == kinds
    assert city.fate == fate
    for line in lines:
        if line["f"] == "cancel" and line["type"] == "invoke":
            assert line["civil_ms"] <= city.desk.start_ms + 600_000


def test_who_overstays_unplugs_after_the_window() -> None:
    """The next driver finds the point in use: that is what late_stop_s is for."""
    city = ScriptedCity()
    lines = city.drive(overstay_s=300.0)
    (stopped,) = (line for line in lines if line["f"] == "stop" and line["type"] == "invoke")
    assert stopped["civil_ms"] == city.desk.start_ms + 1_800_000


def test_a_point_still_in_use_is_waited_for() -> None:
    """As long as patience lasts."""
    free_ms = int(SPEC.time.start.timestamp() * 1000) + 700_000
    city = ScriptedCity(replies(StartReservation, problem("point-in-use", free_from_ms=free_ms)))
    lines = city.drive()
    starts = [line["civil_ms"] for line in lines if line["f"] == "start" and line["type"] == "invoke"]
    assert starts == [city.desk.start_ms + 600_000, free_ms]
    assert city.fate == "served"


def test_when_the_run_closes_vehicles_unplug() -> None:
    """No session is left open behind a run."""
    city = ScriptedCity()

    def close() -> Any:
        yield city.environment.timeout(1_000)
        city.desk.closing.succeed()

    city.environment.process(close())
    lines = city.drive(power_w=1_000.0, capacity_wh=100_000.0, soc=0.0)
    (stopped,) = (line for line in lines if line["f"] == "stop" and line["type"] == "invoke")
    assert stopped["civil_ms"] == city.desk.start_ms + 1_000_000
    assert city.fate == "served"


async def test_a_fleet_on_a_real_node(tmp_path: Path) -> None:
    """Twelve vehicles, ten minutes each, in seconds: every one of them ends, and the node agrees with their history."""
    classes = [{"lead_s": {"uniform": [0, 200]}, "stay_s": {"uniform": [60, 120]}, "patience_s": 400}]
    spec = scenario(
        time={"duration_s": 300, "drain_s": 900},
        network={"nodes": 1, "points_per_node": 3, "terms": {"cancel_until_s": 0, "min_window_s": 30}},
        fleet={"vehicles": 12, "meter_every_s": 30, "classes": classes},
    )
    scale, fleet = 300.0, Fleet(spec)
    start_ms = int(spec.time.start.timestamp() * 1000)
    civil = tmp_path / "civil_time.json"
    Rate(wall_ms=0, civil_ms=start_ms, factor=0.0).write(civil)
    async with asyncio.timeout(120), running_node(tmp_path, civil_time=civil) as client:
        for point in fleet.city.files["server1"]["points"]:
            assert (await client.post("/v1/points", point)).status == 201
        target = HttpTarget({"server1": client.url}, 8)
        environment = Environment()
        Rate(wall_ms=time.time_ns() // 1_000_000, civil_ms=start_ms, factor=scale).write(civil)
        pacer = Pacer(environment, scale, time.monotonic_ns())
        with (tmp_path / "history.jsonl").open("wb") as file:
            desk = Desk(
                scenario=spec,
                environment=environment,
                bridge=pacer,
                target=target,
                history=HistoryWriter(file),
                randomness=Randomness(spec.seed),
                city=fleet.city,
                run_id="run",
                closing=environment.event(),
                scale=scale,
                fleet_size=fleet.size,
            )
            await pacer.run(fleet.start(desk))
        pacer.close()
        await target.close()
        points = (await client.get("/v1/points")).body["items"]
        sessions = [
            session
            for point in points
            for session in (await client.get(f"/v1/sessions?point_id={point['id']}")).body["items"]
        ]
        reservations = {
            line["value"]["id"]: await client.get(f"/v1/reservations/{line['value']['id']}")
            for line in read_history(tmp_path / "history.jsonl")
            if line["f"] == "reserve" and line["type"] == "ok"
        }
    lines = list(read_history(tmp_path / "history.jsonl"))
    never_again(lines)
    fates = [line["value"]["fate"] for line in lines if line["f"] == "fate"]
    assert fleet.departed == len(fates) == 12
    assert "served" in fates
    assert sessions
    assert {session["status"] for session in sessions} == {"COMPLETED"}
    assert reservations
    assert all(reply.status == 200 for reply in reservations.values())
