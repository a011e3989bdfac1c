"""What a worker is asked to play."""

from dataclasses import asdict, dataclass
from typing import Any

import orjson

from sim.history import Json

SEED_S_MAX = 300.0
"""Wall-clock seconds for one seed of an exploration, which takes a few: more, and its code goes on without end."""


@dataclass(frozen=True, slots=True)
class Task:
    """One scenario to play and audit."""

    seed: int
    data: Json
    """The scenario as plain data."""
    swarm: bool = True
    """Whether the seed draws faults and settings into it; else it is played as it is."""
    through_api_share: float | None = None
    """Share of seeds that go through the API, if not the swarm decides."""
    folder: str | None = None
    """Where to leave the run; None: nowhere."""
    command: str = ""
    """What the history says of how to repeat it."""
    number: int = 0
    """Which one it is of several that whoever asks has under way."""
    limit_s: float | None = SEED_S_MAX
    """Wall-clock seconds after which its worker gives up; None: it takes as long as it takes."""

    def to_line(self) -> bytes:
        """Return it as one line of JSON."""
        return orjson.dumps(asdict(self), option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_line(cls, line: bytes) -> "Task":
        """Read the same."""
        members: dict[str, Any] = orjson.loads(line)
        return cls(**members)
