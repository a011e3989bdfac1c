"""A fingerprint of which version of which point somebody has: equal sets give equal fingerprints, whatever the order."""

from functools import lru_cache
from hashlib import blake2b


class PointsHash:
    """The exclusive or of a hash per point and version; changing one point costs two hashes."""

    __slots__ = ("_hash", "_seqs")

    def __init__(self) -> None:
        self._hash = 0
        self._seqs: dict[str, int] = {}

    @property
    def text(self) -> str:
        """The fingerprint, 16 hexadecimal digits."""
        return f"{self._hash:016x}"

    def set(self, point_id: str, seq: int) -> None:
        """Say that the point's version is ``seq`` now."""
        before = self._seqs.get(point_id)
        if before == seq:
            return
        if before is not None:
            self._hash ^= _hash(point_id, before)
        self._hash ^= _hash(point_id, seq)
        self._seqs[point_id] = seq


@lru_cache(maxsize=4_096)
def _hash(point_id: str, seq: int) -> int:
    return int.from_bytes(blake2b(f"{point_id} {seq}".encode(), digest_size=8).digest())
