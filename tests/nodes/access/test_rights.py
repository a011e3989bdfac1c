"""At a real Mosquitto, with the configuration and the script that are deployed, a node speaks as itself and as nobody else."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from nodes.access.folder import AccessFolder
from nodes.access.keeper import Keeper
from tests.nodes.access.mosquitto import Mosquitto, mosquitto
from tests.nodes.running import Client, running_node

POINTS = {"server1": {"server1.a", "server1.b"}, "server2": {"server2.a"}, "server10": {"server10.a"}}
MARK = "pontos/server1.a/carregamento"
"""What server1 may say, said last: whatever is heard before it, is all that gets through."""


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    folder = AccessFolder(tmp_path / "access", "recarga")
    folder.write_passwords(POINTS)
    folder.write_acl(POINTS)
    async with mosquitto(tmp_path) as broker:
        yield broker


async def heard(broker: Mosquitto, user: str | None, topics: list[str], reader: str | None = "server2") -> list[str]:
    """Return on which of these topics a reader hears what a user says there."""
    found: list[str] = []
    end = os.urandom(8).hex()
    async with asyncio.timeout(60), broker.client(reader) as ear:
        for topic in ("pontos/#", "recarga/#", "$SYS/broker/uptime"):
            await ear.subscribe(topic, qos=1)
        for topic in topics:
            await broker.publish_as(user, topic, "said")
        await broker.publish_as("server1", MARK, end)
        async for message in ear.messages:
            if (message.topic.value, message.payload) == (MARK, end.encode()):
                break
            if not message.retain and not message.topic.value.startswith("$SYS"):
                found.append(message.topic.value)
    return found


async def test_a_node_may_say_what_is_its_own(broker: Mosquitto) -> None:
    """Or else it would not gossip at all."""
    own = [f"pontos/server1.{slug}/{kind}" for slug in "ab" for kind in ("disponibilidade", "reserva", "carregamento")]
    own += [f"recarga/recarga/server1/{kind}" for kind in ("birth", "death", "digest")]
    assert await heard(broker, "server1", own) == own


async def test_a_node_cannot_speak_as_another(broker: Mosquitto) -> None:
    """Neither as a node nor of its points, nor of points that nobody has, nor where nobody has any business."""
    topics = [
        "pontos/server2.a/disponibilidade",
        "pontos/server10.a/disponibilidade",
        "pontos/server1.made-up/disponibilidade",
        "pontos/server1.a/disponibilidade/more",
        "pontos/server1.a",
        "recarga/recarga/server2/birth",
        "recarga/recarga/server2/digest",
        "recarga/recarga/server10/death",
        "recarga/other/server1/birth",
        "recarga/recarga/server1/order",
        "$SYS/broker/uptime",
        "anything",
    ]
    assert await heard(broker, "server1", topics) == []


async def test_without_a_name_one_reads_the_public_feed_and_says_nothing(broker: Mosquitto) -> None:
    """What nodes tell each other is not for everybody, and nobody speaks without a name."""
    assert await heard(broker, None, ["pontos/server1.a/reserva", "recarga/recarga/server1/birth"]) == []
    told = ["recarga/recarga/server1/birth", "pontos/server1.b/disponibilidade"]
    assert await heard(broker, "server1", told, reader=None) == ["pontos/server1.b/disponibilidade"]


@pytest.mark.parametrize(("user", "password"), [("server1", "wrong"), ("server1", ""), ("nobody", "nothing")])
async def test_who_has_no_password_is_not_let_in(broker: Mosquitto, user: str, password: str) -> None:
    """A name alone is worth nothing; another node's password neither."""
    for attempt in (password, broker.password("server2")):
        with pytest.raises(aiomqtt.MqttError, match=r"refused|authorised|authorized"):
            async with broker.client(user, attempt):
                pass


async def test_a_point_that_is_created_while_all_runs_is_soon_heard_of(broker: Mosquitto, tmp_path: Path) -> None:
    """The broker cannot know of it beforehand: the keeper asks, and the node tells of it once more."""
    async with running_node(
        tmp_path / "data",
        broker=broker.url("server1"),
        broker_password_file=broker.access / "server1" / "password",
    ) as node:
        keeper = Keeper(AccessFolder(broker.access, "recarga"), {"server1": node.url})
        following = asyncio.create_task(keeper.follow(0.2))
        try:
            async with asyncio.timeout(60), broker.client() as ear:
                await ear.subscribe("pontos/+/disponibilidade")
                await node.create("fresh")
                async for message in ear.messages:
                    if message.topic.value == "pontos/server1.fresh/disponibilidade":
                        break
        finally:
            following.cancel()
            await asyncio.wait([following])


async def test_a_node_has_nothing_listed_but_its_own_points(
    broker: Mosquitto, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Who answers as another node, or tells of another's points, gets no right by it."""
    folder = AccessFolder(broker.access, "recarga")
    keeper = Keeper(folder, {"server1": "http://127.0.0.1:9", "server2": "http://127.0.0.1:9"})
    assert not keeper.add("server1", {"server2.new", "server1.x/+\nuser server2", "server1.#", "server1.a"})
    async with running_node(tmp_path / "data", "server2") as node:
        await node.create("centro-01")
        mistaken = Keeper(folder, {"server1": node.url})
        following = asyncio.create_task(mistaken.follow(0.05))
        rightful = asyncio.create_task(Keeper(folder, {"server2": node.url}).follow(0.05))
        try:
            async with asyncio.timeout(60):
                while (
                    "does not tell its points" not in caplog.text
                    or "server2.centro-01" not in folder.known_points().get("server2", ())
                ):
                    await asyncio.sleep(0.05)
        finally:
            for task in (following, rightful):
                task.cancel()
            await asyncio.wait([following, rightful])
    assert "server1" not in folder.known_points()


async def test_who_may_not_clear_what_is_retained_of_another_says_that_it_is_not_cleared(
    broker: Mosquitto, tmp_path: Path
) -> None:
    """The broker confirms the order and drops it; only that nothing is heard of it tells."""

    def node(name: str, **more: Any) -> AbstractAsyncContextManager[Client]:
        password = broker.access / name / "password"
        url = broker.url(name)
        return running_node(tmp_path / name, name, broker=url, broker_password_file=password, **more)

    async with node("server1") as one:
        async with node("server2", peers={"server1": one.url}) as two:
            await two.create("a")
            async with asyncio.timeout(60):
                while "server2.a" not in one.node.view.points:
                    await asyncio.sleep(0.05)
        async with asyncio.timeout(60):
            while (removed := await one.send("DELETE", "/v1/nodes/server2")).status == 409:
                await asyncio.sleep(0.05)
        assert (removed.status, removed.body["points"], removed.body["cleared"]) == (200, 1, False)
        async with asyncio.timeout(60), broker.client() as ear:
            await ear.subscribe("pontos/server2.a/disponibilidade")
            assert (await anext(aiter(ear.messages))).retain
