"""What somebody who has broken into a server's container can sign, and how the servers get new keys."""

import asyncio

import pytest

from tests.deploy.engine import Project
from tests.deploy.http import Server, session

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

SERVERS = {"server_1": 8000, "server_2": 8003}
_OWN = "/run/recarga/keys.json"
_UNLIMIT = f"""
import json, os
keys = json.load(open("{_OWN}"))
for key in keys["keys"]:
    key.pop("recarga_roles", None), key.pop("recarga_sub", None)
json.dump(keys, open("/tmp/unlimited.json", "w"))
"""
_FOLLOWED_S = 60
"""The keeper looks once a second, as servers do; on a machine that does much else it takes longer."""


async def test_a_servers_container_signs_for_nobody_but_itself(duo: Project) -> None:
    """Not with the keys there as they are; and what they sign without their limits is refused by every server."""
    try:
        assert duo.execute("server_1", "sh", "-c", "ls -A /keys").split() == [], "the network's keys are the keeper's"
        for role, sub in (("operator", "ops"), ("driver", "ana"), ("reader", "server-1"), ("node", "server-2")):
            assert "may do so for" in _sign(duo, _OWN, role, sub)
        duo.execute("server_1", "python", "-c", _UNLIMIT)
        async with session() as http:
            for port in SERVERS.values():
                for role, sub in (("operator", "ops"), ("node", "server-2")):
                    forged = Server(http, port, _sign(duo, "/tmp/unlimited.json", role, sub))
                    assert (await forged.get("/v1/points")).status == 401
                own = Server(http, port, _sign(duo, "/tmp/unlimited.json", "node", "server-1"))
                assert (await own.get("/v1/points")).status == 200, "the same key, for whom it is"
                assert (await Server(http, port, duo.token("operator", "ops")).get("/v1/points")).status == 200
    finally:
        duo.execute("server_1", "rm", "-f", "/tmp/unlimited.json")


async def test_servers_take_up_the_keepers_new_key_while_they_run(duo: Project) -> None:
    """`recarga keys add` at the keeper, as docs/deploy.md rotates."""
    started = {name: duo.containers()[name]["State"]["StartedAt"] for name in SERVERS}
    before = duo.token("operator", "ops")
    duo.execute("keeper", "recarga", "keys", "add", "/keys/keys.json")
    after = duo.token("operator", "ops")
    assert before.split(".")[0] != after.split(".")[0], "the header names the key"
    async with session() as http, asyncio.timeout(_FOLLOWED_S):
        for port in SERVERS.values():
            while (await Server(http, port, after).get("/v1/points")).status == 401:
                await asyncio.sleep(0.2)
            for token in (before, after):
                assert (await Server(http, port, token).get("/v1/points")).status == 200
    assert {name: duo.containers()[name]["State"]["StartedAt"] for name in SERVERS} == started


def test_volumes_of_a_version_without_keys_for_nodes_are_taken_over(duo: Project) -> None:
    """The broker's list is there already, but servers start only when the keeper has made what they read."""
    duo.execute("keeper", "sh", "-c", "rm /access/server-1/keys.json /access/server-2/keys.json")
    duo.compose("down")
    duo.compose("up", "-d")
    duo.wait_until_healthy()
    assert {name: duo.containers()[name]["RestartCount"] for name in SERVERS} == dict.fromkeys(SERVERS, 0)


def _sign(duo: Project, keys: str, role: str, sub: str) -> str:
    """Return a token that is signed in the first server's container, or why there is none."""
    command = f"recarga token --keys {keys} --role {role} --sub {sub} 2>&1 || true"
    return duo.execute("server_1", "sh", "-c", command).strip()
