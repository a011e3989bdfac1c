"""Points, calendars and charging over HTTP."""

from typing import Any

import pytest

from nodes.peers.wire import timing_from
from tests.nodes.running import MINUTE, POINT, Client


async def test_a_point_is_created_found_and_changed(client: Client) -> None:
    """What an operator does."""
    made = await client.create(location={"lat": -8.0, "lon": -34.9, "address": "Rua 1"}, terms={"no_show_s": 60})
    assert made.status == 201
    assert made.headers["Location"] == "/v1/points/server1.centro-01"
    assert made.body["terms"]["no_show_s"] == 60
    changed = await client.send(
        "PATCH", "/v1/points/server1.centro-01", {"price_per_kwh_minor": 5, "terms": {"horizon_s": 9}}
    )
    assert (changed.body["price_per_kwh_minor"], changed.body["terms"]["horizon_s"]) == (5, 9)
    assert changed.body["terms"]["no_show_s"] == 60
    assert (await client.create()).problem == "point-exists"


async def test_a_search_says_where_its_time_went_if_it_is_asked(client: Client) -> None:
    """Finding points is what most requests are about."""
    await client.create()
    found = await client.get("/v1/points", headers={"Recarga-Timing": "?1"})
    timing = timing_from(found.headers["Server-Timing"])
    assert timing is not None
    assert (timing.queue_s, timing.forward_s) == (0, 0)
    assert timing.decide_s > 0
    assert "Server-Timing" not in (await client.get("/v1/points")).headers


async def test_lists_are_filtered_and_paged(client: Client) -> None:
    """Every filter of the contract, and a cursor that loses and repeats nothing."""
    for number in range(7):
        lat = -8.0 + number / 100
        await client.create(f"p{number}", location={"lat": lat, "lon": -34.9}, max_power_w=10_000 * (number + 1))
    await client.send("PATCH", "/v1/points/server1.p3", {"maintenance": True})
    await client.reserve(60, 30, point_id="server1.p5")
    now = client.node.clock.now_ms()

    async def ids(query: str) -> list[str]:
        reply = await client.get(f"/v1/points?{query}")
        assert reply.status == 200, reply.body
        return [item["id"].removeprefix("server1.") for item in reply.body["items"]]

    assert await ids("available=true") == ["p0", "p1", "p2", "p4", "p5", "p6"]
    assert await ids("maintenance=true") == ["p3"]
    assert await ids("min_power_w=50000") == ["p4", "p5", "p6"]
    assert await ids("connector=CHADEMO") == []
    assert await ids("node=server2") == []
    assert await ids("near=-7.94,-34.9&radius_m=1500") == ["p6", "p5"]
    assert await ids(f"free_from={now + 65 * MINUTE}&free_until={now + 70 * MINUTE}") == ["p0", "p1", "p2", "p4", "p6"]
    seen, cursor = [], ""
    while cursor is not None:
        page = (await client.get(f"/v1/points?limit=3{f'&cursor={cursor}' if cursor else ''}")).body
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [f"server1.p{number}" for number in range(7)]
    near = "near=-7.94,-34.9&radius_m=100000&limit=4"
    page = (await client.get(f"/v1/points?{near}")).body
    rest = (await client.get(f"/v1/points?{near}&cursor={page['next_cursor']}")).body
    order = [item["id"][-2:] for item in page["items"] + rest["items"]]
    assert order == ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]


@pytest.mark.parametrize(
    "query",
    [
        "near=91,0",
        "near=x",
        "near=1",
        "near=0,0&radius_m=-1",
        "near=0,0&radius_m=nan",
        "free_from=5",
        "free_until=5",
        "free_from=9&free_until=8",
        "free_from=yesterday&free_until=9",
        "limit=0",
        "limit=100000",
        "cursor=../../etc",
        "connector=plug",
        "available=perhaps",
        "min_power_w=-1",
        "node=UPPER",
    ],
)
async def test_a_wrong_query_gets_a_problem(client: Client, query: str) -> None:
    """It names the field."""
    refused = await client.get(f"/v1/points?{query}")
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert refused.body["errors"][0]["field"][:4] in query


@pytest.mark.parametrize(
    "change",
    [
        {"id": "UPPER"},
        {"id": "a/b"},
        {"id": "a" * 200},
        {"id": ""},
        {"name": ""},
        {"name": "x" * 201},
        {"max_power_w": 0},
        {"max_power_w": "22kW"},
        {"max_power_w": 22.5},
        {"price_per_kwh_minor": -1},
        {"currency": "reais"},
        {"connector": "TYPE9"},
        {"location": {"lat": 1}},
        {"location": {"lat": 91, "lon": 0}},
        {"terms": {"no_show_s": -1}},
        {"terms": {"min_window_s": 500, "max_window_s": 400}},
        {"terms": {"no_show": 1}},
        {"colour": "red"},
    ],
)
async def test_a_point_that_makes_no_sense_is_refused(client: Client, change: dict[str, Any]) -> None:
    """Nothing is created."""
    refused = await client.post("/v1/points", {"id": "p", **POINT, **change})
    assert (refused.status, refused.problem) == (422, "invalid-request")
    assert (await client.get("/v1/points")).body["items"] == []


async def test_a_change_that_only_the_point_can_judge_is_refused(client: Client) -> None:
    """Terms are checked together with those that stay."""
    await client.create(terms={"min_window_s": 600})
    refused = await client.send("PATCH", "/v1/points/server1.centro-01", {"terms": {"max_window_s": 500}})
    assert (refused.status, refused.problem) == (422, "point-invalid")


async def test_a_charge_from_plug_to_bill(client: Client) -> None:
    """Reserve, plug in, meter, unplug: energy and money are exact."""
    await client.create(max_power_w=5_000_000)
    made = await client.reserve(5, 30)
    started = await client.post(
        f"/v1/reservations/{made.body['id']}/start", {"driver_id": "ana", "max_energy_wh": 50_000}
    )
    assert started.status == 201
    session = started.body
    assert (await client.post(f"/v1/reservations/{made.body['id']}/start")).status == 200
    point = await client.get("/v1/points/server1.centro-01")
    assert (point.body["status"], point.body["session_id"]) == ("CHARGING", session["id"])
    too_much = await client.post(f"/v1/sessions/{session['id']}/meter", {"energy_wh": 50_001})
    assert (too_much.status, too_much.problem) == (422, "energy-implausible")
    stopped = await client.post(f"/v1/sessions/{session['id']}/stop", {"energy_wh": 0})
    assert (stopped.body["status"], stopped.body["cost_minor"]) == ("COMPLETED", 0)
    again = await client.post(f"/v1/sessions/{session['id']}/stop")
    assert again.body == stopped.body | {"witness": again.body["witness"]}
    listed = await client.get("/v1/sessions?driver_id=ana")
    assert [item["id"] for item in listed.body["items"]] == [session["id"]]
    assert (await client.get(f"/v1/reservations/{made.body['id']}")).body["status"] == "FULFILLED"


async def test_a_walk_up_takes_what_is_free(client: Client) -> None:
    """Without a reservation a driver charges until the next one's time."""
    await client.create()
    later = await client.reserve(60, 30, driver_id="rui")
    walk = await client.post("/v1/points/server1.centro-01/start", {"driver_id": "eva"})
    assert walk.status == 201
    held = await client.get(f"/v1/reservations/{walk.body['reservation_id']}")
    assert held.body["end_ms"] == later.body["start_ms"]
    assert (await client.post("/v1/points/server1.centro-01/start", {"driver_id": "leo"})).problem == "point-occupied"


async def test_a_fault_ends_the_charge_unbilled(client: Client) -> None:
    """The driver does not pay for a charger that broke."""
    await client.create()
    walk = await client.post("/v1/points/server1.centro-01/start", {"driver_id": "eva"})
    broken = await client.send("PATCH", "/v1/points/server1.centro-01", {"fault": "no power"})
    assert (broken.body["status"], broken.body["fault"]) == ("OUTOFORDER", "no power")
    session = await client.get(f"/v1/sessions/{walk.body['id']}")
    assert (session.body["status"], session.body["cost_minor"]) == ("INVALID", 0)
    assert (await client.reserve()).problem == "point-unavailable"
    mended = await client.send("PATCH", "/v1/points/server1.centro-01", {"fault": ""})
    assert mended.body["status"] == "AVAILABLE"


async def test_a_calendar_is_cut_at_its_limit_and_says_so(client: Client) -> None:
    """Whoever reads it knows how far it can be trusted."""
    await client.create()
    for hour in range(1, 6):
        await client.reserve(60 * hour, 30)
    whole = (await client.get("/v1/points/server1.centro-01/calendar")).body
    assert len(whole["busy"]) == 5
    part = (await client.get("/v1/points/server1.centro-01/calendar?limit=2")).body
    assert part["busy"] == whole["busy"][:2]
    assert part["known_until_ms"] == whole["busy"][1][1]
