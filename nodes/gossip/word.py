"""What a node says of itself when it is asked, as another node reads it.

These models are what is accepted of a peer's answer; what does not fit is no answer. Unknown members are ignored.
"""

from typing import Annotated

from pydantic import Field, ValidationError

from nodes.domain.ids import owner_of
from nodes.errors import NoWord
from nodes.gossip.messages import Availability, Count, NodeId, PointId, Strict


class Word(Strict):
    """How far a node has come."""

    node: NodeId
    epoch: Count
    life: Count | None
    """Which of its connections to the broker this is; None while there is none: then what it gossips comes to nobody."""
    head_ver: Count
    points_hash: Annotated[str, Field(max_length=64)]
    count: Count


class ToldPoint(Availability):
    """A point as its owner tells it."""

    witness: tuple[Count, Count]


class JournalPage(Word):
    """A range of a node's journal: the points that it touched. What happened to them does not matter to a view."""

    points: list[ToldPoint]
    next_after: Count | None


class SnapshotPage(Word):
    """Some of a node's points, in order of id."""

    items: list[ToldPoint]
    next_after: PointId | None


class Attested(Strict):
    """What a node has told of itself to another."""

    of: NodeId
    epoch: Count
    ver: Count
    vouched: bool


def read_journal_page(node_id: str, body: bytes) -> JournalPage:
    """Return what a node's answer says. Raises ``NoWord`` when it is none, or another's."""
    try:
        page = JournalPage.model_validate_json(body)
    except ValidationError as error:
        raise NoWord(f"{node_id} answers what is no page of a journal") from error
    _check(node_id, page, page.points)
    return page


def read_snapshot_page(node_id: str, body: bytes) -> SnapshotPage:
    """Return what a node's answer says. Raises ``NoWord`` when it is none, or another's."""
    try:
        page = SnapshotPage.model_validate_json(body)
    except ValidationError as error:
        raise NoWord(f"{node_id} answers what is no page of a snapshot") from error
    _check(node_id, page, page.items)
    return page


def _check(node_id: str, word: Word, points: list[ToldPoint]) -> None:
    """A node speaks for itself and its own points only."""
    if word.node != node_id or any(owner_of(point.id) != node_id for point in points):
        raise NoWord(f"{node_id} speaks for another node")
