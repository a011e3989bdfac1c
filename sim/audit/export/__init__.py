"""The history in the shapes that external checkers read. ``docs/audit.md`` says what each line means."""

from collections.abc import Callable, Iterator
from pathlib import Path

from sim.audit.errors import AuditError
from sim.audit.evidence import Evidence, read_evidence
from sim.audit.export.elle import elle_lines
from sim.audit.export.porcupine import porcupine_lines

FORMATS: dict[str, Callable[[Evidence], Iterator[str]]] = {"elle": elle_lines, "porcupine": porcupine_lines}
"""What writes each format, a line at a time."""


def export(run_dir: Path, name: str) -> Iterator[str]:
    """Yield the lines of a run's history in a format. Raises ``AuditError``, also for a format that is not known."""
    lines = FORMATS.get(name)
    if lines is None:
        raise AuditError(f"--export {name}: there is no such format; expected {' or '.join(FORMATS)}")
    return lines(read_evidence(run_dir))
