"""The duo, as the README of its users describes it: every address where they expect it."""

import time

import pytest

from tests.deploy.engine import Project, compose_command, run
from tests.deploy.http import Server, session
from tests.deploy.seed_walk import create, walk

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server_1": 8000, "server_2": 8003}
IMAGES = ("PYTHON", "MOSQUITTO", "PROMETHEUS", "GRAFANA")
CLIENTS = {"client_1": 8001, "client_2": 8002}


def test_ps_shows_every_service_healthy(duo: Project) -> None:
    """It is what users look at first."""
    assert set(duo.health()) == {*SERVERS, *CLIENTS, "broker", "keeper"}
    shown = duo.compose("ps")
    assert shown.count("healthy)") == len(duo.health())


async def test_every_address_answers_on_loopback(duo: Project) -> None:
    """Documentation of both servers, pages of both clients, and nothing that other machines could reach."""
    async with session() as http:
        for port in SERVERS.values():
            page = await Server(http, port).get("/docs")
            assert page.status == 200
            assert "<html" in page.body.lower()
        for port in CLIENTS.values():
            page = await Server(http, port).get("/")
            assert page.status == 200
            assert "<html" in page.body.lower()
    for service, told in duo.containers().items():
        for published in told["NetworkSettings"]["Ports"].values():
            assert {each["HostIp"] for each in published or ()} <= {"127.0.0.1"}, service


@pytest.mark.parametrize(
    ("owner", "other", "server_id"),
    [
        *(("server_1", "server_2", name) for name in (1, "server-1", "server_1")),
        *(("server_2", "server_1", name) for name in (2, "server-2", "server_2")),
    ],
)
async def test_the_seed_contract_holds_at_both_servers(
    duo: Project, owner: str, other: str, server_id: int | str
) -> None:
    """Points of the one are reserved over the other, by whichever name the older clients call it."""
    async with session() as http:
        nome = f"Centro {server_id}"
        await create(Server(http, SERVERS[owner]), nome)
        await walk(Server(http, SERVERS[owner]), Server(http, SERVERS[other]), server_id, nome)


def test_containers_can_do_little(duo: Project) -> None:
    """Whoever breaks into one finds no root, nothing to write on but its data, and no capability."""
    for service, told in duo.containers().items():
        assert told["Config"]["User"] not in ("", "0", "root"), service
        assert told["HostConfig"]["ReadonlyRootfs"] is True, service
        assert told["HostConfig"]["CapDrop"] == ["ALL"], service
        assert "no-new-privileges:true" in told["HostConfig"]["SecurityOpt"], service
    assert duo.execute("server_1", "id", "-u").strip() == "10001"
    assert duo.execute("server_1", "sh", "-c", "touch /venv/x 2>&1 || echo refused").strip().endswith("refused")


def test_nodes_cannot_read_one_anothers_password(duo: Project) -> None:
    """Each has a volume with its own; the broker has hashes."""
    own, others = (duo.execute(service, "cat", "/run/recarga/password") for service in SERVERS)
    assert own != others
    for service in SERVERS:
        assert duo.execute(service, "sh", "-c", "ls /run/recarga").split() == ["keys.json", "password"]
    assert own not in duo.execute("broker", "sh", "-c", "cat /access/*")


async def test_databases_and_keys_outlive_the_containers(duo: Project) -> None:
    """`down` and `up` again: the points are still there, passwords and keys are the same."""
    async with session() as http:
        one = Server(http, SERVERS["server_1"])
        await create(one, "Duradouro")
        before = duo.execute("server_1", "sh", "-c", "cat /run/recarga/keys.json /run/recarga/password")
        began_s = time.monotonic()
        duo.compose("down")
        took_s = time.monotonic() - began_s
        print(f"\ndown took {took_s:.1f} s")
        duo.compose("up", "-d")
        duo.wait_until_healthy()
        assert "Duradouro" in {point["nome"] for point in (await one.get("/")).body}
        assert duo.execute("server_1", "sh", "-c", "cat /run/recarga/keys.json /run/recarga/password") == before


def test_compose_takes_both_files(duo: Project) -> None:
    """With every profile."""
    for file in ("docker/compose.duo.yaml", "docker/compose.trio.yaml"):
        services = run(*compose_command(), "-f", file, "--profile", "monitoring", "config", "--services").split()
        assert {"broker", "keeper", "prometheus", "grafana"} <= set(services)


def test_every_image_can_be_pinned_to_one_that_was_tried(duo: Project) -> None:
    """Tags move: by digest, for whoever deploys on several machines, or long after."""
    pins = {f"RECARGA_{name}_IMAGE": f"an/image@sha256:{number:064}" for number, name in enumerate(IMAGES)}
    configured = run(*compose_command(), "-f", "docker/compose.duo.yaml", "--profile", "monitoring", "config", env=pins)
    assert all(pin in configured for pin in pins.values())
