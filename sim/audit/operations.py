"""A run's history, read: what the vehicles asked and were told, what views said, what the run says of itself."""

from dataclasses import dataclass
from pathlib import Path

from sim.audit.circumstances import Circumstances
from sim.audit.errors import AuditError
from sim.audit.operation import Operation
from sim.audit.pairing import Pairing
from sim.history import HistoryError, read_history

_NOT_A_PROCESS = ("run", "nemesis")


@dataclass(frozen=True, slots=True)
class History:
    """All operations in order of invocation, and what else the history says."""

    path: Path
    operations: list[Operation]
    views: list[Operation]
    """Reads of what nodes believe of others' points, in order of invocation."""
    circumstances: Circumstances

    @property
    def ended(self) -> bool:
        """Whether the run said that it had ended."""
        return self.circumstances.ended


def read_operations(path: Path) -> History:
    """Pair the lines of a history. Raises ``AuditError`` naming file and line when it is not well formed."""
    pairing, circumstances = Pairing(path), Circumstances()
    last_ns = -1
    try:
        for line in read_history(path):
            time_ns = line["time_ns"]
            if type(time_ns) is not int or time_ns < last_ns:
                raise pairing.error(line, f"time_ns {time_ns!r} follows {last_ns}")
            last_ns = time_ns
            if line["process"] in _NOT_A_PROCESS:
                circumstances.take(path, line)
            else:
                pairing.take(line)
    except HistoryError as error:
        raise AuditError(str(error)) from error
    if last_ns < 0:
        raise AuditError(f"{path}: is empty")
    circumstances.end_ns = last_ns
    return History(path, pairing.operations, pairing.views, circumstances)
