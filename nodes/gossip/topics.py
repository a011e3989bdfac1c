"""The six topics. The three ``pontos/...`` ones are the public feed."""

from dataclasses import dataclass
from enum import StrEnum

from nodes.domain.ids import is_node_id, is_point_id


class Kind(StrEnum):
    """What a topic carries, by its last level."""

    AVAILABILITY = "disponibilidade"
    RESERVATION = "reserva"
    CHARGING = "carregamento"
    BIRTH = "birth"
    DEATH = "death"
    DIGEST = "digest"


WATCHED_KINDS = (Kind.RESERVATION, Kind.CHARGING)
"""What is for people who watch, and no part of a view."""
POINT_KINDS = (Kind.AVAILABILITY, Kind.RESERVATION, Kind.CHARGING)
NODE_KINDS = (Kind.BIRTH, Kind.DEATH, Kind.DIGEST)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a topic is about: a point (its id) or a node (its id)."""

    kind: Kind
    subject: str


def point_topic(point_id: str, kind: Kind) -> str:
    """Return ``pontos/{id}/{kind}``."""
    assert kind in POINT_KINDS
    return f"pontos/{point_id}/{kind}"


def node_topic(cluster: str, node_id: str, kind: Kind) -> str:
    """Return ``recarga/{cluster}/{node}/{kind}``."""
    assert kind in NODE_KINDS
    return f"recarga/{cluster}/{node_id}/{kind}"


def subscriptions(cluster: str) -> list[str]:
    """Return the filters of everything a node of that cluster listens to."""
    return [*(point_topic("+", kind) for kind in POINT_KINDS), *(node_topic(cluster, "+", kind) for kind in NODE_KINDS)]


def is_watched(topic: str) -> bool:
    """Whether a topic's messages tell a node nothing that it keeps: they are for those who watch."""
    return topic.endswith(_WATCHED_ENDS)


def parse_topic(text: str, cluster: str) -> Topic | None:
    """Return what a topic is about; None when it is none of ours."""
    match text.split("/"):
        case ["pontos", point_id, kind] if kind in POINT_KINDS and is_point_id(point_id):
            return Topic(Kind(kind), point_id)
        case ["recarga", other, node_id, kind] if other == cluster and kind in NODE_KINDS and is_node_id(node_id):
            return Topic(Kind(kind), node_id)
    return None


_WATCHED_ENDS = tuple(f"/{kind}" for kind in WATCHED_KINDS)
