"""Bugs as one would plant them by hand: lines of a node's source, and what they are changed into.

A node process reads its own source with these lines changed (``sitecustomize``, next door); the files stay as they are.
"""

from typing import NamedTuple


class Bug(NamedTuple):
    """Edits of one module; each text to be changed stands in it exactly once."""

    module: str
    edits: tuple[tuple[str, str], ...]


_COPY_OF = """
_COPIES = {}


def _copy_of(actor):
    return _COPIES.get(actor.point.id) or told(None, actor.point, None, actor.witness, 0)
"""
_APPLY = """
            subject = apply(point, event, now_ms)
            if point.seq % 8 == 1:
                _COPIES[point.id] = told(None, point, None, self.witness, now_ms)
"""

BUGS = {
    # The overlap test takes a window's last millisecond for free, and so does the search for free time: whoever is
    # refused and takes the next free window gets one that begins a millisecond too soon.
    "overlap-by-one-ms": Bug(
        "nodes.domain.calendar",
        (
            ("if entry.end_ms <= start_ms:", "if entry.end_ms - 1 <= start_ms:"),
            ("if entry.start_ms < end_ms:", "if entry.start_ms < end_ms - 1:"),
            ("return node.last_ms, False", "return node.last_ms - 1, False"),
            ("max(from_ms, node.entry.end_ms)", "max(from_ms, node.entry.end_ms - 1)"),
        ),
    ),
    # Replies do not wait for their batch, which a slow disk takes two seconds to write.
    "reply-before-commit": Bug(
        "nodes.store.journal",
        (
            ("if self.is_durable(segment):", "if True:"),
            (
                "await self._store.append(segment.batch)",
                "await asyncio.sleep(2); await self._store.append(segment.batch)",
            ),
        ),
    ),
    # No answer is remembered under its key, neither in memory nor in the store: a retry is taken for a new request.
    "retry-forgotten": Bug(
        "nodes.actors.answer_book",
        (
            ("entry = self._recent.get(key)", "entry = None"),
            ("return now_ms < self._blind_until_ms or hashed in", "return False and hashed in"),
        ),
    ),
    # A no-show keeps its point until the window's end, whatever the terms say.
    "no-show-kept": Bug(
        "nodes.domain.point",
        (("due_ms = min(reservation.start_ms", "due_ms = max(reservation.start_ms"),),
    ),
    # Every session costs one cent too much.
    "cost-off-by-one": Bug(
        "nodes.domain.tariff",
        (("+ 500) // 1000", "+ 500) // 1000 + 1"),),
    ),
    # Reads of a point are answered from a copy that is renewed at every eighth change only.
    "read-from-old-copy": Bug(
        "nodes.actors.point_actor",
        (
            (
                "return told(action, self.point,",
                "return _copy_of(self) if subject_id(action) is None else told(action, self.point,",
            ),
            ("def _refuse(", _COPY_OF + "\n\ndef _refuse("),
            ("            subject = apply(point, event, now_ms)\n", _APPLY),
        ),
    ),
}
