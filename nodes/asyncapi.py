"""``python -m nodes.asyncapi``: print the AsyncAPI document of the MQTT side, which is committed as ``docs/asyncapi.json``.

It is made of what a node accepts (``nodes.gossip.messages``) and what is said of the topics (``nodes.gossip.channels``).
"""

import re
import sys
from typing import Any

import orjson
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core.core_schema import TupleSchema

from nodes.gossip.channels import CHANNELS, EXAMPLE_CLUSTER, EXAMPLE_MS, EXAMPLE_NODE, EXAMPLE_POINT, Channel
from nodes.gossip.messages import encode_event
from nodes.gossip.topics import Kind, node_topic, point_topic
from nodes.representation import Json

_MQTT_BINDING = "0.2.0"
_DESCRIPTION = """\
How nodes tell each other what happens to their charging points, and what anybody may listen to: who subscribes to
`pontos/+/disponibilidade` knows the network.

Gossip informs and decides nothing: what is lost, late, repeated or forged makes a view stale and no booking wrong.
Whoever wants to reserve asks a node over HTTP (`openapi.json`).

Payloads are CloudEvents 1.0 in JSON. Members that are not described may be there; who reads ignores them.
"""


def asyncapi_document() -> bytes:
    """Return the document as indented JSON, the same for every run of a version."""
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Recarga gossip",
            "version": "see the distribution",
            "description": _DESCRIPTION,
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/cloudevents+json",
        "servers": {"broker": _broker()},
        "channels": {channel.name: _channel(channel) for channel in CHANNELS},
        "operations": {
            f"{action}{channel.name.title()}": _operation(channel, action)
            for channel in CHANNELS
            for action in ("send", "receive")
        },
        "components": {"messages": {channel.name: _message(channel) for channel in CHANNELS}, "schemas": _schemas()},
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Draft7(GenerateJsonSchema):
    """JSON Schema as AsyncAPI has it: draft 07, in which ``items`` may be a list."""

    def tuple_schema(self, schema: TupleSchema) -> JsonSchemaValue:
        said = super().tuple_schema(schema)
        said["items"] = said.pop("prefixItems")
        return said


def _broker() -> Json:
    will = {"topic": node_topic("{cluster}", "{node}", Kind.DEATH), "qos": 1, "retain": True}
    return {
        "host": "127.0.0.1:1883",
        "protocol": "mqtt",
        "protocolVersion": "3.1.1",
        "description": "Any MQTT 3.1.1 broker, also the embedded one (`recarga broker`).",
        "bindings": {"mqtt": {"cleanSession": True, "lastWill": will, "bindingVersion": _MQTT_BINDING}},
    }


def _channel(channel: Channel) -> Json:
    if channel.is_about_a_point:
        address = point_topic("{point}", channel.kind)
        parameters = {"point": _parameter("The point's id", "subject", EXAMPLE_POINT)}
    else:
        address = node_topic("{cluster}", "{node}", channel.kind)
        parameters = {
            "cluster": {"description": "Nodes gossip within a cluster", "examples": [EXAMPLE_CLUSTER]},
            "node": _parameter("The node's id", "node", EXAMPLE_NODE),
        }
    return {
        "address": address,
        "title": channel.title,
        "description": channel.text,
        "messages": {channel.name: {"$ref": f"#/components/messages/{channel.name}"}},
        "parameters": parameters,
    }


def _parameter(text: str, member: str, example: str) -> Json:
    return {"description": text, "location": f"$message.payload#/{member}", "examples": [example]}


def _operation(channel: Channel, action: str) -> Json:
    mqtt: Json = {"qos": 1, "bindingVersion": _MQTT_BINDING}
    if action == "send":
        mqtt["retain"] = channel.is_retained
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{channel.name}"},
        "title": f"{channel.title} ({'told' if action == 'send' else 'heard'} by a node)",
        "messages": [{"$ref": f"#/channels/{channel.name}/messages/{channel.name}"}],
        "bindings": {"mqtt": mqtt},
    }


def _message(channel: Channel) -> Json:
    return {
        "name": channel.type,
        "title": channel.title,
        "payload": {
            "allOf": [{"$ref": f"#/components/schemas/{_schema_name(channel.event)}"}],
            "properties": {"type": {"const": channel.type}},
        },
        "examples": [{"name": "example", "payload": _example(channel)}],
    }


def _example(channel: Channel) -> Any:
    subject, pointseq = (EXAMPLE_POINT, 17) if channel.is_about_a_point else (EXAMPLE_NODE, 0)
    payload = encode_event(
        type_=channel.type.removeprefix("recarga."),
        node=EXAMPLE_NODE,
        subject=subject,
        epoch=3,
        ver=240,
        pointseq=pointseq,
        now_ms=EXAMPLE_MS,
        data=channel.data,
    )
    return orjson.loads(payload)


def _schemas() -> Json:
    """Return the schemas of all events and what they are made of."""
    events: list[tuple[type[BaseModel], Any]] = [(channel.event, "validation") for channel in CHANNELS]
    template = "#/components/schemas/{model}"
    _, made = models_json_schema(events, ref_template=template, schema_generator=_Draft7)
    named: Json = orjson.loads(_named(orjson.dumps(made["$defs"]).decode()))
    return dict(sorted(named.items()))


def _schema_name(model: type[BaseModel]) -> str:
    return _named(model.__name__)


def _named(text: str) -> str:
    """Return a text in which ``Event[Birth]``, which pydantic calls ``Event_Birth_`` in places, is a ``BirthEvent``."""
    return re.sub(r"\bEvent(?:_(\w+?)_|\[(\w+)\])(?=\W|$)", lambda found: f"{found[1] or found[2]}Event", text)


if __name__ == "__main__":
    sys.stdout.buffer.write(asyncapi_document())
