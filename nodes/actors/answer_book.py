"""Which idempotency keys were used, and what was answered."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from nodes.config import Limits
from nodes.ports import Buggify
from nodes.records import Kept

_LEFT_MAX = 4_096
"""Keys remembered as having just left memory: more than leave it while a request waits for its turn."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A kept answer and the journal segment that makes it durable."""

    kept: Kept
    segment: int


class AnswerBook:
    """Answers by idempotency key, for ``answer_retention_s`` from the first use.

    Recent answers are in memory; older ones are in the store, and who asks for them reads them there. Hashes of the
    keys in use say which keys cannot be in the store, so that a new key (nearly all are) costs no read. When more keys
    are in use than ``keys_known``, the hashes are dropped and every key is looked up: slower, never wrong.
    """

    def __init__(self, limits: Limits, is_durable: Callable[[int], bool], buggify: Buggify | None = None) -> None:
        self.evicted = 0
        """How many answers have left memory. Unchanged: what was not in the store then is not there now."""
        self._retention_ms = limits.answer_retention_s * 1000
        self._recent_max = limits.answers_recent
        self._known_max = limits.keys_known
        self._is_durable = is_durable
        self._buggify = buggify
        self._recent: dict[str, Entry] = {}
        self._left: dict[str, int] = {}
        self._known: set[int] = set()
        self._known_before: set[int] = set()
        self._known_since_ms = 0
        self._blind_until_ms = 0

    def __len__(self) -> int:
        """Return the number of answers in memory."""
        return len(self._recent)

    @property
    def keys_known(self) -> int:
        """The number of keys whose hash is kept."""
        return len(self._known) + len(self._known_before)

    def recover(self, keys: Iterable[str], now_ms: int) -> None:
        """Learn which keys the store holds."""
        self._known_since_ms = now_ms
        for key in keys:
            self._know(key, now_ms)

    def find(self, key: str, now_ms: int) -> Entry | None:
        """Return the recent answer under the key, unless it has expired."""
        entry = self._recent.get(key)
        return entry if entry is not None and self.is_valid(entry.kept, now_ms) else None

    def is_valid(self, kept: Kept, now_ms: int) -> bool:
        """Whether the answer still stands for its key."""
        return now_ms < kept.created_ms + self._retention_ms

    def may_be_stored(self, key: str, now_ms: int) -> bool:
        """Whether the store must be asked for the key."""
        if key in self._recent:
            return False
        hashed = hash(key)
        return now_ms < self._blind_until_ms or hashed in self._known or hashed in self._known_before

    def may_have_left(self, key: str, since: int) -> bool:
        """Whether the key's answer may have left memory after ``evicted`` was ``since``."""
        return self._left.get(key, 0) > since or since < self.evicted - len(self._left)

    def remember(self, kept: Kept, segment: int, now_ms: int) -> None:
        """Keep an answer that is on its way to the store."""
        recent = self._recent
        recent.pop(kept.key, None)
        recent[kept.key] = Entry(kept, segment)
        self._know(kept.key, now_ms)
        recent_max = self._recent_max
        if self._buggify is not None and self._buggify("answers.forget"):
            recent_max = 0
        while len(recent) > recent_max:
            oldest = next(iter(recent))
            if not self._is_durable(recent[oldest].segment):
                break
            del recent[oldest]
            self._note_left(oldest)

    def _note_left(self, key: str) -> None:
        self.evicted += 1
        self._left.pop(key, None)
        self._left[key] = self.evicted
        if len(self._left) > _LEFT_MAX:
            del self._left[next(iter(self._left))]

    def _know(self, key: str, now_ms: int) -> None:
        if now_ms - self._known_since_ms >= self._retention_ms:
            self._known_before, self._known, self._known_since_ms = self._known, set(), now_ms
        self._known.add(hash(key))
        if self.keys_known > self._known_max:
            self._known.clear()
            self._known_before.clear()
            self._blind_until_ms = now_ms + self._retention_ms
