"""A fingerprint of which version of which point somebody has: equal sets give equal fingerprints, whatever the order."""

from functools import lru_cache
from hashlib import blake2b

from nodes.records import Witness


class PointsHash:
    """The exclusive or of a hash per point and version; changing one point costs two hashes.

    A version is ``(epoch, seq)``: after a restart of the owner nothing is as it was, though no point has changed.
    """

    __slots__ = ("_hash", "_witnesses")

    def __init__(self) -> None:
        self._hash = 0
        self._witnesses: dict[str, Witness] = {}

    @property
    def text(self) -> str:
        """The fingerprint, 16 hexadecimal digits."""
        return f"{self._hash:016x}"

    def set(self, point_id: str, witness: Witness) -> None:
        """Say that the point's version is ``witness`` now."""
        before = self._witnesses.get(point_id)
        if before == witness:
            return
        if before is not None:
            self._hash ^= _hash(point_id, before)
        self._hash ^= _hash(point_id, witness)
        self._witnesses[point_id] = witness

    def discard(self, point_id: str) -> None:
        """Say that there is no such point."""
        before = self._witnesses.pop(point_id, None)
        if before is not None:
            self._hash ^= _hash(point_id, before)


@lru_cache(maxsize=4_096)
def _hash(point_id: str, witness: Witness) -> int:
    return int.from_bytes(blake2b(f"{point_id} {witness[0]}-{witness[1]}".encode(), digest_size=8).digest())
