"""How what a node says of itself, when it is asked, corrects what was heard of it.

Gossip may be lost, late, repeated, or forged by anybody. A node's own word, asked for at its address, is none of that. So
it counts for more than all hearsay that is older than the question; only what was heard since may be newer still.
One thing it cannot do: take back what the node itself said before. A node that does has lost part of its history.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nodes.domain.ids import owner_of
from nodes.gossip.node_view import NodeView
from nodes.gossip.view import View
from nodes.gossip.word import ToldPoint, Word
from nodes.records import Witness


@dataclass(frozen=True, slots=True)
class Question:
    """What was known when a node was asked."""

    serial: int
    """What was heard up to this is older than the answer (``View.serial``)."""
    attested: Witness


def question(view: View, node: NodeView) -> Question:
    """Return what is known of a node now that it is about to be asked."""
    return Question(view.serial, node.attested)


def take_word(view: View, node: NodeView, word: Word, asked: Question, now_ms: int) -> bool:
    """Believe how far a node says that it has come. Returns False, and calls it forked, when it had come further."""
    if word.epoch < asked.attested[0] or word.head_ver < asked.attested[1]:
        now, before = (word.epoch, word.head_ver), asked.attested
        call_forked(
            node, f"it is at epoch {now[0]}, ver {now[1]}, and told of epoch {before[0]}, ver {before[1]}", now_ms
        )
        return False
    node.attested = max(node.attested[0], word.epoch), max(node.attested[1], word.head_ver)
    if node.heard > asked.serial:
        view.compare(node)
        return True
    if node.born_epoch > word.epoch or (node.ver_epoch, node.ver) > (word.epoch, word.head_ver):
        view.counts["refuted"] += 1
        node.doubted = node.doubted or asked.serial
    if node.forked is not None:
        node.forked, node.since_ms = None, now_ms
    node.life = node.life if word.life is None else word.life
    node.born_epoch, node.points, node.heard_ms = word.epoch, word.count, now_ms
    node.ver_epoch, node.ver, node.digest = word.epoch, word.head_ver, word.points_hash
    view.compare(node)
    return True


def take_points(view: View, points: Sequence[ToldPoint], asked: Question) -> None:
    """Believe what a node says of its points, but for what has been heard since of newer versions."""
    for point in points:
        known = view.points.get(point.id)
        if known is not None and known.heard > asked.serial and known.witness >= point.witness:
            continue
        if known is not None and known.witness > point.witness:
            view.counts["refuted"] += 1
        if not view.put(point.id, point.witness, point):
            view.counts["over-limit"] += 1


def forget_others(
    view: View, node_id: str, points: Sequence[ToldPoint], after: str, last: str | None, asked: Question
) -> None:
    """Forget what was believed to be a node's points with ids above ``after``, up to ``last``, and is not among these."""
    told = {point.id: None for point in points}
    for point_id, known in list(view.points.items()):
        is_asked = point_id > after and (last is None or point_id <= last)
        if is_asked and owner_of(point_id) == node_id and known.heard <= asked.serial and point_id not in told:
            view.counts["refuted"] += 1
            view.forget(point_id)


def call_forked(node: NodeView, reason: str, now_ms: int) -> None:
    """Take note that a node runs on an old copy of its history: what is known of it stays, and nothing is asked of it."""
    if node.forked is None:
        node.since_ms = now_ms
    node.forked = reason
