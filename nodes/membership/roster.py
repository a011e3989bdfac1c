"""All claims that a node believes: their fingerprint, and those to tell a peer who believes something else."""

from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import islice

from nodes.tidings import Claim


class Roster:
    """Claims by node, the last changed at the end."""

    def __init__(self) -> None:
        self._claims: dict[str, Claim] = {}
        self._hashes: dict[str, int] = {}
        self._hash = 0
        self._turn = 0
        self.text = ""
        """The fingerprint, 16 hexadecimal digits: equal beliefs give equal ones, in whatever order they came."""

    def put(self, claim: Claim) -> None:
        """Believe that of its node, and nothing else."""
        self._claims.pop(claim.node, None)
        self._claims[claim.node] = claim
        new = _hash(claim)
        self._hash ^= self._hashes.get(claim.node, 0) ^ new
        self._hashes[claim.node] = new
        self.text = f"{self._hash:016x}"

    def news(self, first: Iterable[str], without: str, limit: int) -> tuple[Claim, ...]:
        """Return up to ``limit`` claims, those of ``first`` before all others, none of the node ``without``.

        Half of the others are the last that changed; the rest takes turns, so that in the end all are told.
        """
        chosen = dict.fromkeys(node_id for node_id in first if node_id in self._claims)
        others = [node_id for node_id in reversed(self._claims) if node_id != without and node_id not in chosen]
        room = limit - len(chosen)
        if len(others) > room:
            others = list(self._some(others, room))
        return tuple(self._claims[node_id] for node_id in (*chosen, *others))

    def _some(self, others: list[str], room: int) -> Iterator[str]:
        recent = room // 2
        yield from others[:recent]
        rest = others[recent:]
        start = self._turn % len(rest)
        self._turn = start + room - recent
        yield from islice((*rest[start:], *rest[:start]), room - recent)


def _hash(claim: Claim) -> int:
    """Where a node is reached is not part of it: its peers may have been told different addresses by their operators."""
    text = f"{claim.node} {claim.state} {claim.epoch} {claim.incarnation}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
