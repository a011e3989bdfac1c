"""The trio: make targets, ports, points and broker as its users know them; and nothing acknowledged is lost when parts fail.

The tests go through one life of it, from `make run-servers` to `make down`: to start it takes longer than all they ask of it.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import aiomqtt
import pytest

from tests.deploy.bookings import Driver, Ledger, kept
from tests.deploy.engine import ROOT, TAG, Project, project, run
from tests.deploy.faults import cut_off_and_mend, kill_and_start
from tests.deploy.http import Server, session
from tests.deploy.seed_walk import create, walk
from tests.deploy.terminal import CTRL_C, IN_THE_FILTER, UNDER_THE_CURSOR, Terminal

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server1": 9007, "server2": 9002, "server3": 9003}
MQTT, WEBSOCKETS = 1889, 9006
REVISION = "a-commit"
ZONE = ZoneInfo("America/Sao_Paulo")
"""Three hours from the containers' own."""


@pytest.fixture(scope="module")
def trio(image: None) -> Iterator[Project]:
    """Have the trio's servers, started as users start them where nothing is there yet."""
    with project("recarga-test-trio", "docker/compose.trio.yaml") as trio:
        make(trio, "run-servers")
        trio.wait_until_healthy()
        yield trio


def environment(trio: Project) -> dict[str, str]:
    ours = {"TRIO_PROJECT": trio.name, "RECARGA_TAG": TAG, "RECARGA_REVISION": REVISION, "DOCKER_BUILDKIT": "0"}
    return ours | {"TZ": ZONE.key}


def make(trio: Project, *targets: str) -> None:
    run("make", *targets, env=environment(trio))


async def test_run_servers_starts_whatever_servers_need(trio: Project) -> None:
    """On a machine where nothing was before: the broker too, at its ports, and every server speaks to it."""
    assert set(trio.health()) == {*SERVERS, "broker", "keeper"}
    async with session() as http, asyncio.timeout(120):
        for port in SERVERS.values():
            while not (await Server(http, port).get("/healthz")).body["broker_connected"]:
                await asyncio.sleep(0.2)


def test_make_up_ends_with_every_service_healthy(trio: Project) -> None:
    """The terminal client too: it reaches a server."""
    make(trio, "up")
    trio.wait_until_healthy()
    assert set(trio.health()) == {*SERVERS, "broker", "keeper", "client"}


async def test_each_server_has_the_points_of_its_file_and_speaks_the_seed_contract(trio: Project) -> None:
    """At the port that its users know."""
    async with session() as http:
        servers = {name: Server(http, port) for name, port in SERVERS.items()}
        for name, server in servers.items():
            listed = {point["id"] for point in (await server.get("/")).body}
            file = (ROOT / "data" / f"{name}.yaml").read_text()
            assert len(listed) >= file.count("- id:") > 0
            assert all(point_id.startswith(f"{name}.") for point_id in listed)
        names = list(servers)
        for number, name in enumerate(names, start=1):
            await create(servers[name], f"Novo {number}")
            await walk(servers[name], servers[names[number % 3]], number, f"Novo {number}")


@pytest.mark.parametrize(("port", "transport"), [(MQTT, "tcp"), (WEBSOCKETS, "websockets")])
async def test_the_broker_tells_everybody_of_all_points(trio: Project, port: int, transport: str) -> None:
    """Without a name, over TCP and over WebSocket: who subscribes to `pontos/+/disponibilidade` knows the network."""
    expected = {f"{name}.{line.split()[2]}" for name in SERVERS for line in _entries(name)}
    heard: set[str] = set()
    async with asyncio.timeout(120), aiomqtt.Client("localhost", port, transport=transport) as ear:
        await ear.subscribe("pontos/+/disponibilidade")
        async for message in ear.messages:
            heard.add(message.topic.value.split("/")[1])
            if expected <= heard:
                break


async def test_a_node_cannot_publish_as_another(trio: Project) -> None:
    """Server 1's own user, in its own network, is not heard when it speaks of server 2's points."""
    password = trio.execute("server1", "cat", "/run/recarga/password")
    expected = f"server1.{_entries('server1')[0].split()[2]}"
    async with asyncio.timeout(120), aiomqtt.Client("localhost", MQTT) as ear:
        await ear.subscribe("pontos/+/reserva")
        async with aiomqtt.Client("localhost", MQTT, username="server1", password=password) as voice:
            await voice.publish(f"pontos/server2.{_entries('server2')[0].split()[2]}/reserva", "forged", qos=1)
            await voice.publish(f"pontos/{expected}/reserva", "its own", qos=1)
        async for message in ear.messages:
            assert message.payload != b"forged"
            if message.payload == b"its own":
                break


async def test_a_trip_over_all_three_is_sold_whole(trio: Project) -> None:
    """Every stop at its owner, asked for at one of them."""
    async with session() as http:
        ana = Server(http, SERVERS["server2"], trio.token("driver", "ana"))
        start_ms = time.time_ns() // 1_000_000 + 3_600_000
        stops = [
            {
                "point_id": f"{name}.{_entries(name)[number].split()[2]}",
                "start_ms": start_ms + number * 7_200_000,
                "end_ms": start_ms + number * 7_200_000 + 1_800_000,
            }
            for number, name in enumerate(SERVERS)
        ]
        trip = await ana.post("/v1/trips", {"stops": stops}, Idempotency_Key="a-trip")
        assert trip.status == 201, trip
        assert trip.body["status"] == "CONFIRMED"
        assert [stop["status"] for stop in trip.body["stops"]] == ["RESERVED"] * 3


async def test_no_promise_is_lost_to_kills_cut_networks_and_upgrades(trio: Project) -> None:
    """One server is killed, another cut off, the broker killed, each made anew, while drivers reserve at all of them."""
    ledger, over = Ledger(), asyncio.Event()
    points = [f"{name}.{line.split()[2]}" for name in SERVERS for line in _entries(name)[:6]]
    async with session() as http:
        tokens = [trio.token("driver", f"driver-{number}") for number in range(6)]
        drivers = [
            Driver(f"driver-{number}", [Server(http, port, token) for port in SERVERS.values()], points, ledger,
                   random.Random(number))
            for number, token in enumerate(tokens)
        ]  # fmt: skip
        working = asyncio.gather(*(driver.work(over) for driver in drivers))
        try:
            await _promised(ledger, 30, working)
            await asyncio.to_thread(kill_and_start, trio, "server2")
            await _promised(ledger, 30, working)
            await asyncio.to_thread(cut_off_and_mend, trio, "server3")
            await _promised(ledger, 30, working)
            await asyncio.to_thread(kill_and_start, trio, "broker")
            await _promised(ledger, 30, working)
            for name in SERVERS:  # as docs/deploy.md upgrades
                await asyncio.to_thread(trio.compose, "up", "-d", "--no-deps", "--force-recreate", name)
                await trio.wait_for_health()
                await _promised(ledger, 10, working)
            over.set()
            await working
        finally:
            working.cancel()
        await trio.wait_for_health()
        operator = Server(http, SERVERS["server1"], trio.token("operator", "auditor"))
        print(f"\n{len(ledger.promised)} promised, {ledger.refused} refused, {ledger.asked_again} asked again")
        assert ledger.asked_again, "no request was under way at any fault"
        assert ledger.overlaps() == []
        assert await kept(ledger, operator) == []


def test_servers_stop_in_order_within_their_grace(trio: Project) -> None:
    """SIGTERM: exit code 0, long before Docker would kill them."""
    began_s = time.monotonic()
    trio.compose("stop", *SERVERS)
    took_s = time.monotonic() - began_s
    print(f"\nthree servers stopped in {took_s:.1f} s")
    assert {name: told["State"]["ExitCode"] for name, told in trio.containers().items() if name in SERVERS} == (
        dict.fromkeys(SERVERS, 0)
    )


async def test_run_client_opens_the_terminal_client_in_which_a_driver_reserves(trio: Project) -> None:
    """The servers are started, which are not up. By keys: a point is found, and its window is the driver's, in local time."""
    when = (datetime.now(ZONE) + timedelta(hours=2)).replace(second=0, microsecond=0)
    terminal = Terminal("run-client", environment(trio))
    terminal.wait_for(b"live")
    terminal.wait_for(b"Salvador")
    terminal.type("/")
    terminal.wait_for(IN_THE_FILTER)
    terminal.type("ubatuba-02")
    terminal.wait_for(b"1 of ")
    terminal.type("\r")
    terminal.wait_for(UNDER_THE_CURSOR + b"Ubatuba 2")
    terminal.type("r")
    terminal.wait_for(b"From (")
    terminal.type(f"{when:%H:%M}")
    terminal.wait_for(f"{when:%H:%M}".encode())
    terminal.type("\r")
    terminal.wait_for(b"reserved: Ubatuba 2")
    terminal.type("2")
    terminal.wait_for(f"{when:%H:%M}\N{EN DASH}".encode())
    async with session() as http:
        held = await Server(http, SERVERS["server1"], trio.token("driver", "client")).get("/v1/reservations")
    assert [(each["point_id"], each["start_ms"], each["status"]) for each in held.body["items"]] == [
        ("server2.ubatuba-02", int(when.timestamp() * 1000), "RESERVED")
    ]
    terminal.end("q")
    assert set(SERVERS) <= set(trio.health())
    trio.wait_until_healthy()


def test_run_server_takes_the_place_of_the_one_in_the_background(trio: Project) -> None:
    """With a terminal; Ctrl-C stops it in order."""
    terminal = Terminal("run-server2", environment(trio))
    terminal.wait_for(b"server2 is ready")
    terminal.end(CTRL_C)
    assert b"server2 has stopped" in terminal.seen


def test_the_build_targets_build_and_up_build_and_down_end_it(trio: Project) -> None:
    """What is in volumes stays. The image says from which commit it was built."""
    make(trio, "build-client", "build-server", "build", "up-build")
    trio.wait_until_healthy()
    assert trio.containers()["server1"]["Config"]["Labels"]["org.opencontainers.image.revision"] == REVISION
    make(trio, "down")
    assert trio.containers() == {}
    assert f"{trio.name}_server1-data" in run("docker", "volume", "ls", "-q")


def _entries(name: str) -> list[str]:
    return [line for line in (ROOT / "data" / f"{name}.yaml").read_text().splitlines() if line.startswith("  - id:")]


async def _promised(ledger: Ledger, more: int, working: "asyncio.Future[list[None]]") -> None:
    """Wait until so many more promises have been made."""
    wanted = len(ledger.promised) + more
    async with asyncio.timeout(240):
        while len(ledger.promised) < wanted:
            await asyncio.wait((working,), timeout=0.05)
            if working.done():
                working.result()
