"""What a node notes of each of its peers while it watches them."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Watch:
    """Of one peer. Seconds are process time."""

    heard_s: float = float("-inf")
    """When anything was last heard of it: an answer, a question, news of it that only it can have told."""
    probes_failed: int = 0
    """Since it last answered."""
    indirect_failed: int = 0
    """Others who could not reach it either, since then."""
    suspected_s: float = 0.0
    accusers: dict[str, None] = field(default_factory=dict)
    """Others who suspect it too."""
    members_hash: str = ""
    """What it last said the fingerprint of its beliefs is."""

    def answered(self, now_s: float) -> None:
        """Take note that it is there."""
        self.heard_s = now_s
        self.probes_failed = self.indirect_failed = 0
