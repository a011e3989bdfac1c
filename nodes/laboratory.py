"""A laboratory's civil time: one line in a file says how it follows from the wall clock.

``{"wall_ms": W, "civil_ms": C, "factor": F}``: at the wall-clock time W it is C, then F times as fast; before W, and
while F is 0, it stands at C. All nodes of a run read the same file, so that their civil times agree; a node that
starts later, or again, agrees with them. While time stands, the file is looked at again and again.
"""

import time
from contextlib import suppress
from pathlib import Path

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nodes.errors import ConfigError

_LOOK_AGAIN_S = 0.02
_LONGEST_WAIT_S = 1.0


class Rate(BaseModel):
    """How civil time follows from the wall clock."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    wall_ms: int = Field(ge=0)
    civil_ms: int = Field(ge=0)
    factor: float = Field(ge=0, le=1_000_000, allow_inf_nan=False)

    def write(self, path: Path) -> None:
        """Put it into the file at once: whoever reads sees the old one or the new one."""
        draft = path.with_suffix(".new")
        draft.write_bytes(orjson.dumps(self.model_dump()))
        draft.replace(path)


class LaboratoryTime:
    """See ``nodes.live.CivilTime``. Raises ``ConfigError`` when the file says nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_s = 0.0
        self._rate = self._read()

    def now_ms(self) -> int:
        """See ``CivilTime.now_ms``."""
        if self._rate.factor == 0 and time.monotonic() - self._read_s > _LOOK_AGAIN_S:
            self._look_again()
        passed_ms = max(0.0, time.time_ns() / 1e6 - self._rate.wall_ms)
        return self._rate.civil_ms + int(passed_ms * self._rate.factor)

    def seconds_until(self, when_ms: int) -> float:
        """See ``CivilTime.seconds_until``."""
        left_ms = max(0, when_ms - self.now_ms())
        if self._rate.factor == 0:
            return _LOOK_AGAIN_S if left_ms else 0.0
        begins_s = max(0.0, self._rate.wall_ms / 1000 - time.time())
        return min(_LONGEST_WAIT_S, begins_s + left_ms / self._rate.factor / 1000) if left_ms else 0.0

    def _look_again(self) -> None:
        """Read the file anew. When it has gone, as a cleared run's has, time stands where it stood."""
        with suppress(ConfigError):
            self._rate = self._read()

    def _read(self) -> Rate:
        self._read_s = time.monotonic()
        try:
            return Rate.model_validate_json(self._path.read_bytes())
        except (OSError, ValidationError) as error:
            raise ConfigError(f"civil time: {self._path}: {error}") from error
