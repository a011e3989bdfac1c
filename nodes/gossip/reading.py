"""What a message says, if it is one of ours: nothing that it does not fit its topic with, and for its own node only."""

from functools import lru_cache
from typing import Any

from pydantic import BaseModel, ValidationError

from nodes.domain.ids import owner_of
from nodes.gossip.messages import Availability, Birth, Charging, Death, Digest, Event, Reservations
from nodes.gossip.topics import Kind, Topic, parse_topic

_MODELS: dict[Kind, type[Event[Any]]] = {
    Kind.AVAILABILITY: Event[Availability],
    Kind.RESERVATION: Event[Reservations],
    Kind.CHARGING: Event[Charging],
    Kind.BIRTH: Event[Birth],
    Kind.DEATH: Event[Death],
    Kind.DIGEST: Event[Digest],
}


@lru_cache(maxsize=64)
def read_message(topic_text: str, cluster: str, payload: bytes) -> tuple[Topic, Event[Any]] | str:
    """Return what a message says, or why it is dropped.

    A broker may deliver a message more than once, and a laboratory delivers one to many nodes of a process.
    """
    topic = parse_topic(topic_text, cluster)
    if topic is None:
        return "unknown-topic"
    if not payload:
        return "cleared"
    try:
        event = _MODELS[topic.kind].model_validate_json(payload)
    except ValidationError:
        return "malformed"
    return (topic, event) if _is_consistent(topic, event) else "forged"


def _is_consistent(topic: Topic, event: Event[Any]) -> bool:
    """Whether the message speaks of what its topic says, and for its own node only."""
    data: BaseModel = event.data
    if isinstance(data, Availability) and data.id != topic.subject:
        return False
    return (
        event.subject == topic.subject
        and event.node == owner_of(topic.subject)
        and event.source == f"/nodes/{event.node}"
    )


def lasting(data: Availability) -> tuple[object, ...]:
    """Return what one version of a point has, whatever time it is."""
    return (
        data.name,
        data.max_power_w,
        data.price_per_kwh_minor,
        data.maintenance,
        data.fault,
        data.session_id,
        data.updated_ms,
        data.terms,
    )
