"""One driver against another: others' reservations, sessions, trips and keys are as if they did not exist."""

from collections.abc import AsyncIterator
from itertools import count

import orjson
import pytest
import pytest_asyncio

from tests.nodes.attacks.network import Caller, Network, network
from tests.nodes.running import Reply

pytestmark = pytest.mark.asyncio(loop_scope="module")
_SERIAL = count()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("drivers"), "server1", "server2") as made:
        yield made


def told(reply: Reply, identifier: str) -> bytes:
    """Return all that an answer tells, but for the name that was asked for."""
    headers = {
        str(name): value for name, value in reply.headers.items() if name.lower() not in ("date", "content-length")
    }
    return orjson.dumps([reply.status, headers, reply.body], option=orjson.OPT_SORT_KEYS).replace(
        identifier.encode(), b"ID"
    )


async def same_as_unknown(eve: Caller, method: str, path: str, known: str, unknown: str, body: object = None) -> None:
    """Both answers are the same, to the last byte."""
    first = await eve.send(method, path.format(known), body, Idempotency_Key=f"eve-{next(_SERIAL)}")
    second = await eve.send(method, path.format(unknown), body, Idempotency_Key=f"eve-{next(_SERIAL)}")
    assert first.status == 404, (method, path, first.body)
    assert told(first, known) == told(second, unknown)


@pytest.mark.parametrize("at", ["server1", "server2"])
async def test_anothers_reservation_is_unknown(net: Network, at: str) -> None:
    """At its owner, and asked through another node: look, cancel and start it, in force or over."""
    ana, eve = net.caller("driver", "ana"), net.caller("driver", "eve", at=at)
    minute = {"server1": 60, "server2": 120}[at]
    reservation = (await ana.reserve(minute=minute)).body["id"]
    unknown = "server1.a.r1-9999"
    for _ in range(2):
        await same_as_unknown(eve, "GET", "/v1/reservations/{}", reservation, unknown)
        await same_as_unknown(eve, "DELETE", "/v1/reservations/{}", reservation, unknown)
        await same_as_unknown(eve, "POST", "/v1/reservations/{}/start", reservation, unknown)
        assert (await ana.get(f"/v1/reservations/{reservation}")).body["driver_id"] == "ana"
        assert (await ana.send("DELETE", f"/v1/reservations/{reservation}")).status == 200
    for path in (
        f"/v1/reservations/{reservation}?driver_id=ana",
        "/v1/reservations?driver_id=ana",
        "/v1/reservations?driver_id=ana&node=server1",
        "/v1/sessions?driver_id=ana",
        "/v1/trips?driver_id=ana",
    ):
        assert (await eve.get(path)).problem == "forbidden"


LISTS = ("reservations", "sessions", "trips")


@pytest.mark.parametrize("at", ["server1", "server2"])
async def test_a_list_holds_a_drivers_own_only(net: Network, at: str) -> None:
    """Whatever is asked for: a point, a node, what is over, a page behind another's things, repeated names, everything."""
    ana, eve = net.caller("driver", "ana-listed"), net.caller("driver", "eve-listed", at=at)
    minute = {"server1": 20_000, "server2": 25_000}[at]
    planned = await ana.trip("server1.a", "server2.a", key=f"listed-{at}", minute=minute)
    assert planned.status == 201, planned.body
    hers = (await ana.reserve(minute=minute + 500)).body
    mine = (await eve.reserve("server2.a", minute=minute + 500)).body
    until_ms = hers["created_ms"] + 10**6
    ways = [
        "",
        "?limit=1000",
        "?active=true",
        "?active=false",
        "?node=server1",
        "?point_id=server1.a",
        "?driver_id=eve-listed&driver_id=eve-listed",
    ]
    ways += [f"?cursor={ms}_server1.a.r1-2" for ms in (0, hers["created_ms"], until_ms, 10**15 - 1)]
    seen = []
    for way in ways:
        reply = await eve.get(f"/v1/reservations{way}")
        assert reply.status == 200, (way, reply.body)
        assert {item["driver_id"] for item in reply.body["items"]} <= {"eve-listed"}, way
        assert b"ana-listed" not in orjson.dumps(reply.body)
        seen += [item["id"] for item in reply.body["items"]]
    assert mine["id"] in seen
    assert {hers["id"], *(stop["id"] for stop in planned.body["stops"])}.isdisjoint(seen)
    for kind in ("sessions", "trips"):
        assert (await eve.get(f"/v1/{kind}?limit=1000")).body["items"] == []
    found = (await net.caller("driver", "ana-listed", at=at).get("/v1/reservations")).body
    assert {item["driver_id"] for item in found["items"]} == {"ana-listed"}
    assert found["missing"] == []


@pytest.mark.parametrize("kind", LISTS)
async def test_a_list_is_a_drivers_or_an_operators(net: Network, kind: str) -> None:
    """An operator names whom; nobody else is told, also not a node for itself, nor with a cursor or a limit of their own make."""
    for caller in (net.caller("reader", "display"), net.caller("node", "server2")):
        assert (await caller.get(f"/v1/{kind}?driver_id=ana")).problem == "forbidden"
    assert (await net.guest().get(f"/v1/{kind}?driver_id=ana")).problem == "unauthenticated"
    root, eve = net.caller("operator", "root"), net.caller("driver", "eve")
    assert (await root.get(f"/v1/{kind}")).problem == "invalid-request"
    assert (await root.get(f"/v1/{kind}?driver_id=ana")).status == 200
    for query in (
        "limit=1000000000",
        "limit=-1",
        "cursor=x",
        "cursor=1_",
        "cursor=1_server1.a.r1-2'--",
        "cursor=-1_server1.a.r1-2",
    ):
        assert (await eve.get(f"/v1/{kind}?{query}")).problem == "invalid-request", query
    for claim in ({"Recarga_Forwarded_By": "server2"}, {"Recarga_On_Behalf_Of": root.headers["Authorization"][7:]}):
        assert (await eve.get(f"/v1/{kind}", **claim)).problem == "untrusted-node"


@pytest.mark.parametrize("at", ["server1", "server2"])
async def test_anothers_session_is_unknown(net: Network, at: str) -> None:
    """Nobody meters, stops or watches another's charge."""
    ana, eve = net.caller("driver", "ana"), net.caller("driver", "eve", at=at)
    started = await ana.send("POST", "/v1/points/server1.a/start", {})
    assert started.status == 201, started.body
    session, unknown = started.body["id"], "server1.a.s1-9999"
    for _ in range(2):
        await same_as_unknown(eve, "GET", "/v1/sessions/{}", session, unknown)
        await same_as_unknown(eve, "POST", "/v1/sessions/{}/meter", session, unknown, {"energy_wh": 0})
        await same_as_unknown(eve, "POST", "/v1/sessions/{}/stop", session, unknown)
        assert (await eve.get("/v1/sessions")).body["items"] == []
        assert session in {item["id"] for item in (await ana.get("/v1/sessions")).body["items"]}
        assert (await ana.send("POST", f"/v1/sessions/{session}/stop")).status == 200
    plugged = await eve.send("POST", "/v1/points/server1.a/start", {"driver_id": "ana"})
    assert plugged.problem == "forbidden"


@pytest.mark.parametrize("at", ["server1", "server2"])
async def test_anothers_trip_is_unknown(net: Network, at: str) -> None:
    """Nor is it listed, nor given back."""
    ana, eve = net.caller("driver", "ana"), net.caller("driver", "eve", at=at)
    minute = {"server1": 600, "server2": 1200}[at]
    planned = await ana.trip("server1.a", "server2.a", key=f"trip-{at}", minute=minute)
    assert planned.status == 201, planned.body
    trip, unknown = planned.body["id"], "server1.trip.t1-9999"
    for _ in range(2):
        await same_as_unknown(eve, "GET", "/v1/trips/{}", trip, unknown)
        await same_as_unknown(eve, "DELETE", "/v1/trips/{}", trip, unknown)
        assert (await eve.get("/v1/trips")).body["items"] == []
        assert (await ana.get(f"/v1/trips/{trip}")).body["id"] == trip
    for stop in planned.body["stops"]:
        assert (await eve.get(f"/v1/reservations/{stop['id']}")).status == 404
        assert (await ana.get(f"/v1/reservations/{stop['id']}")).status == 200
    assert (await ana.send("DELETE", f"/v1/trips/{trip}")).status == 200


@pytest.mark.parametrize("at", ["server1", "server2"])
async def test_the_same_key_of_two_drivers_means_two_requests(net: Network, at: str) -> None:
    """Neither the answer nor the existence of another's request is told, whichever node is asked."""
    ana, eve = net.caller("driver", "ana"), net.caller("driver", "eve", at=at)
    first = {"server1": 2_000, "server2": 3_000}[at]
    hers = await ana.reserve(minute=first, key=f"1-{at}")
    assert hers.status == 201
    mine = await eve.reserve(minute=first + 60, key=f"1-{at}")
    assert (mine.status, mine.body["driver_id"]) == (201, "eve")
    assert mine.body["id"] != hers.body["id"]
    assert (await eve.send("DELETE", f"/v1/reservations/{mine.body['id']}", Idempotency_Key=f"1-{at}")).problem == (
        "idempotency-key-reused"
    ), "her own keys are the driver's own affair"
    trips = [
        await who.trip("server1.a", key=f"one-{at}", minute=first + 300 + n * 90) for n, who in enumerate((ana, eve))
    ]
    assert [trip.status for trip in trips] == [201, 201]
    assert trips[0].body["id"] != trips[1].body["id"]


async def test_the_same_driver_gets_the_same_answer_from_any_node(net: Network) -> None:
    """P4 holds with keys that are a driver's own."""
    here, there = net.caller("driver", "ana"), net.caller("driver", "ana", at="server2")
    start_ms = net.nodes["server1"].clock.now_ms() + 5_000 * 60_000
    body = {"point_id": "server1.a", "start_ms": start_ms, "end_ms": start_ms + 1_800_000}
    answers = [await who.send("POST", "/v1/reservations", body, Idempotency_Key="same") for who in (there, here, there)]
    assert [answer.status for answer in answers] == [201] * 3
    assert answers[0].body == answers[1].body == answers[2].body


async def test_a_driver_is_who_their_token_says(net: Network) -> None:
    """No body says otherwise; an operator acts for whom they name, and must name somebody."""
    eve, root = net.caller("driver", "eve"), net.caller("operator", "root", at="server2")
    assert (await eve.reserve(driver_id="ana")).problem == "forbidden"
    assert (await eve.trip("server1.a", driver_id="ana")).problem == "forbidden"
    assert (await root.reserve(minute=7_000)).problem == "invalid-request"
    made = await root.reserve(minute=7_000, driver_id="ana")
    assert (made.status, made.body["driver_id"]) == (201, "ana")
    assert (await net.caller("driver", "ana").get(f"/v1/reservations/{made.body['id']}")).status == 200
    assert (await root.get(f"/v1/reservations/{made.body['id']}")).status == 200


OPERATORS_CALLS = [
    ("POST", "/v1/points", {"id": "eves", "name": "E", "max_power_w": 1, "price_per_kwh_minor": 0}),
    ("POST", "/v1/points", {"id": "server2.eves", "name": "E", "max_power_w": 1, "price_per_kwh_minor": 0}),
    ("PATCH", "/v1/points/server1.a", {"price_per_kwh_minor": 0}),
    ("PATCH", "/v1/points/server2.a", {"maintenance": True}),
    ("PATCH", "/v1/points/server1.a", {"fault": "x"}),
    ("DELETE", "/v1/nodes/server2", None),
    ("GET", "/metrics", None),
    ("GET", "/v1/journal", None),
    ("GET", "/v1/snapshot?node=server2", None),
    ("POST", "/?nome=E&localizacao=L&potencia_maxima=1&tipo_conector=x&preco_kwh=0", None),
]


@pytest.mark.parametrize(("method", "path", "body"), OPERATORS_CALLS, ids=lambda part: str(part)[:40])
async def test_a_driver_is_no_operator_and_no_node(net: Network, method: str, path: str, body: object) -> None:
    """403, and nothing was done."""
    before = {name: node.server.journal.ver for name, node in net.nodes.items()}
    refused = await net.caller("driver", "eve").send(method, path, body)
    assert (refused.status, refused.problem, refused.body["outcome"]) == (403, "forbidden", "none")
    assert {name: node.server.journal.ver for name, node in net.nodes.items()} == before


async def test_what_everybody_may_watch_names_no_driver(net: Network) -> None:
    """The stream of events, its past too, the points, the calendar, and what goes to the broker and to other nodes."""
    ana, eve = net.caller("driver", "ana-the-secret"), net.caller("reader", "display")
    assert (await ana.reserve(minute=8_000)).status == 201
    assert (await ana.trip("server1.a", "server2.a", key="watched", minute=8_100)).status == 201
    seen = []
    async with net.session.get(f"{net.nodes['server1'].url}/v1/events?after_ver=0", headers=eve.headers) as response:
        async for line in response.content:
            seen.append(line)
            if b"trip.settled" in line:
                break
    heard = b"".join(seen)
    assert b"reservation.reserved" in heard
    assert b"trip.confirmed" in heard
    pages = [
        (await eve.get(path)).body
        for path in ("/v1/points", "/v1/points/server1.a", "/v1/points/server1.a/calendar", "/v1/nodes")
    ]
    node = net.caller("node", "server2")
    pages += [(await node.get(path)).body for path in ("/v1/journal", "/v1/snapshot")]
    for everything in (heard, orjson.dumps(pages)):
        assert b"ana-the-secret" not in everything
        assert b"watched" not in everything
    own = [orjson.loads(line[6:]) for line in seen if line.startswith(b"data: ")]
    confirmed = [item for item in own if item["type"] == "trip.confirmed"]
    assert confirmed
    assert "server2.a" not in orjson.dumps(confirmed).decode(), "where somebody travels is theirs to tell"


@pytest.mark.parametrize("role", ["driver", "reader", "operator"])
async def test_no_event_says_that_two_stops_are_of_one_trip(net: Network, role: str) -> None:
    """Under one id all stops, their order and their times would be somebody's whole journey, told to everybody."""
    server1 = net.nodes["server1"]
    planned = await net.caller("driver", "ana").trip("server1.a", "server1.a", key=f"{role}-watched", minute=9_000)
    assert planned.status == 201, planned.body
    stops = {stop["id"] for stop in planned.body["stops"]}
    seen = []
    eve = net.caller(role, "eve").headers
    async with net.session.get(f"{server1.url}/v1/events?after_ver=0", headers=eve) as response:
        async for line in response.content:
            if line.startswith(b"data: "):
                seen.append(orjson.loads(line[6:]))
                if seen[-1]["type"] == "trip.settled" and seen[-1]["point_id"] == planned.body["id"]:
                    break
    of_stops = [item["data"] for item in seen if item["data"].get("reservation_id") in stops]
    assert {item["reservation_id"] for item in of_stops} == stops
    assert planned.body["id"] not in orjson.dumps(of_stops).decode()
    told = [{name: value for name, value in item.items() if name.startswith("trip")} for item in of_stops]
    assert all(told.count(each) > 1 or not each for each in told), "nor is the order of stops told"
    assert (await net.caller("driver", "ana").send("DELETE", f"/v1/trips/{planned.body['id']}")).status == 200
