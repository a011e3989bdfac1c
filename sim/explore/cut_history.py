"""A history that a mistake may have cut."""

from contextlib import suppress
from pathlib import Path

from sim.errors import LaboratoryError
from sim.history import Json, read_history


def readable_lines(history: Path) -> list[Json]:
    """Return the lines of a history up to the first that cannot be read; none, if there is no such file."""
    lines: list[Json] = []
    with suppress(LaboratoryError):
        lines.extend(read_history(history))  # keeps what was read before an error
    return lines
