"""What becomes of a request, in four words that hold for every kind of request."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class Outcome(IntEnum):
    """The outcome of a request."""

    ACCEPTED = 0
    """The node did what was asked, and said so."""
    REFUSED = 1
    """The point's owner decided against it: the window is taken, say. Nothing was done."""
    UNAVAILABLE = 2
    """Nobody decided: the node was unreachable, stopping or overloaded. Nothing was done; asking again may help."""
    UNKNOWN = 3
    """No answer, or one that leaves open whether it was done."""

    @property
    def word(self) -> str:
        """The outcome as reports write it."""
        return self.name.lower()


def outcome_of(kind: str, status: int | None) -> Outcome:
    """Return the outcome of a completion: its ``type`` and its HTTP status, if there was an answer."""
    if kind == "ok":
        return Outcome.ACCEPTED
    if kind == "info":
        return Outcome.UNKNOWN
    undecided = status is None or status == 429 or status >= 500
    return Outcome.UNAVAILABLE if undecided else Outcome.REFUSED


@dataclass(frozen=True, slots=True)
class Tally:
    """How many requests were offered, and what became of them; the four outcomes add up to ``offered``."""

    offered: int = 0
    accepted: int = 0
    refused: int = 0
    unavailable: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, counts: Sequence[int]) -> "Tally":
        """Return the tally of four counts, in the order of ``Outcome``."""
        accepted, refused, unavailable, unknown = counts
        return cls(sum(counts), accepted, refused, unavailable, unknown)

    def count(self, outcome: Outcome) -> int:
        """Return the count of one outcome."""
        return (self.accepted, self.refused, self.unavailable, self.unknown)[outcome]
