"""The AsyncAPI document of the MQTT side, and what nodes really say, held against it.

No well-kept Python package carries AsyncAPI's own JSON Schema, so the form is held against the rules that matter here.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from nodes.asyncapi import asyncapi_document
from nodes.config import NodeConfig
from nodes.domain.commands import Meter, PlugIn, Reserve, Stop
from nodes.domain.point import Location, PointSpec
from nodes.gossip.channels import CHANNELS
from nodes.gossip.reading import _MODELS
from nodes.gossip.topics import Kind
from nodes.node import Node
from nodes.ports import Message
from nodes.request import Request
from tests.nodes.gated_store import GatedStore
from tests.nodes.manual_clock import ManualClock
from tests.nodes.test_buggify import Echo

COMMITTED = Path(__file__).parents[2] / "docs" / "asyncapi.json"
DOCUMENT = orjson.loads(COMMITTED.read_bytes())
MESSAGES = DOCUMENT["components"]["messages"]


def found(reference: str) -> Any:
    """Return what a reference leads to."""
    place = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    return place


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for each in part.values():
            yield from references(each)
    elif isinstance(part, list):
        for each in part:
            yield from references(each)


def flaws(payload: Any, name: str) -> list[str]:
    """Return what speaks against a payload of that message."""
    jsonschema = pytest.importorskip("jsonschema_rs")
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "components": DOCUMENT["components"],
        **MESSAGES[name]["payload"],
    }
    return [error.message for error in jsonschema.validator_for(schema).iter_errors(payload)]


def test_the_committed_document_is_the_nodes() -> None:
    """Drift: ``make schemas`` writes it anew."""
    assert asyncapi_document() == COMMITTED.read_bytes()


def test_every_topic_is_described_with_what_a_node_reads_there() -> None:
    """A new kind of message that nobody can look up would be a secret of the code."""
    assert [channel.kind for channel in CHANNELS] == list(Kind)
    assert {channel.kind: channel.event for channel in CHANNELS} == _MODELS
    assert set(DOCUMENT["channels"]) == set(MESSAGES) == set(map(str, Kind))


def test_it_has_the_form_of_asyncapi_3() -> None:
    """Tools stop at a reference that leads nowhere, or at a parameter of an address that is not described."""
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"title", "version"} <= set(DOCUMENT["info"])
    for reference in references(DOCUMENT):
        assert found(reference), reference
    for channel in DOCUMENT["channels"].values():
        assert re.findall(r"{(\w+)}", channel["address"]) == list(channel["parameters"])
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in ("send", "receive")
        told = {reference["$ref"] for reference in operation["messages"]}
        assert told == {
            f"{operation['channel']['$ref']}/messages/{name}"
            for name in found(operation["channel"]["$ref"])["messages"]
        }
        assert operation["bindings"]["mqtt"]["qos"] == 1


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.name)
def test_every_example_is_what_a_node_accepts(channel: Any) -> None:
    """People copy examples."""
    (example,) = MESSAGES[channel.name]["examples"]
    assert flaws(example["payload"], channel.name) == []
    assert channel.event.model_validate_json(orjson.dumps(example["payload"]))


@pytest.mark.parametrize(
    "change", [{"epoch": -1}, {"node": "Server 1"}, {"data": {}}, {"type": "recarga.node.birth"}, {"specversion": "2"}]
)
def test_what_a_node_does_not_send_is_not_in_it(change: dict[str, Any]) -> None:
    """A schema that allows everything says nothing."""
    (example,) = MESSAGES["disponibilidade"]["examples"]
    assert flaws(example["payload"] | change, "disponibilidade")


class Recorder:
    """A bus that keeps what it is given."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def start(self, listener: object, subscriptions: object) -> None: ...

    async def publish(self, *messages: Message) -> None:
        self.messages += messages

    async def stop(self) -> None: ...


async def everything_a_node_says() -> list[Message]:
    """Play a point's day: reserved, charged at, out of service; and a node that comes and goes."""
    clock, bus, point = ManualClock(), Recorder(), "server1.a"
    node = Node(NodeConfig("server1"), clock, GatedStore(), bus, Echo(), url="http://server1.test:9000")
    await node.enter([("a", PointSpec("A", Location(1, 2, "Recife"), 22_000, None, 100))])
    await node.start()
    bus.messages.append(node.ear.will())
    node.ear.on_connected()
    now_ms = clock.now_ms()
    told = await node.handle(Request(point, Reserve("ana", now_ms + 3_600_000, now_ms + 7_200_000)))
    plugged = orjson.loads((await node.handle(Request(point, PlugIn("bia", now_ms + 1_800_000)))).body)
    assert told.status == 201
    for action in (Meter(plugged["id"], 10), Stop(plugged["id"], 20)):
        await clock.advance(60)
        assert (await node.handle(Request(point, action))).status == 200
    await clock.advance(60)
    await node.stop()
    return bus.messages


async def test_what_a_node_says_is_in_the_document() -> None:
    """Topic, payload and whether it is retained: a watcher who relies on the document is not surprised."""
    seen = set()
    for message in await everything_a_node_says():
        names = [name for name, channel in DOCUMENT["channels"].items() if _fits(message.topic, channel["address"])]
        assert len(names) == 1, message.topic
        assert flaws(orjson.loads(message.payload), names[0]) == [], message
        said = DOCUMENT["operations"][f"send{names[0].title()}"]["bindings"]["mqtt"]["retain"]
        assert said is message.retain, message.topic
        seen.add(names[0])
    assert seen == set(map(str, Kind))


def _fits(topic: str, address: str) -> bool:
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", address), topic) is not None
