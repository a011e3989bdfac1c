"""A history, read once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sim.history import HistoryError, Json, read_history
from sim.measure.course import RunBegin, RunEnd, facts_from
from sim.measure.errors import MeasureError
from sim.measure.fates import Fates
from sim.measure.faults import Faults
from sim.measure.operations import Operations
from sim.measure.outcomes import outcome_of

OnLines = Callable[[int], None]
"""Is told now and then how many lines have been read."""
_LINES_PER_NEWS = 20_000


@dataclass(slots=True)
class Recording:
    """What a history holds."""

    begin: RunBegin
    end: RunEnd | None = None
    """None: the run did not get to its end."""
    duration_s: float = 0.0
    """From its first line to its last, in the history's time."""
    operations: Operations = field(default_factory=Operations)
    fates: Fates = field(default_factory=Fates)
    faults: Faults = field(default_factory=Faults)

    @property
    def civil_duration_s(self) -> float:
        """How much of the scenario's time was played."""
        return self.duration_s * self.begin.scale if self.end is None else self.end.civil_s


def read_recording(path: Path, on_lines: OnLines = lambda _: None) -> Recording:
    """Read a history. Raises ``MeasureError`` naming file and line when it is missing, cut or not well formed."""
    reader: _Reader | None = None
    number = 0
    try:
        for number, line in enumerate(read_history(path), 1):
            if reader is None:
                reader = _Reader(line)
            else:
                reader.take(line)
            if number % _LINES_PER_NEWS == 0:
                on_lines(number)
    except HistoryError as error:
        raise MeasureError(str(error)) from error
    except KeyError as error:
        raise MeasureError(f"{path}:{number}: {error.args[0]} is missing") from error
    except (TypeError, ValueError, OverflowError) as error:
        raise MeasureError(f"{path}:{number}: {error}") from error
    if reader is None:
        raise MeasureError(f"{path}: is empty")
    on_lines(number)
    return reader.recording


class _Reader:
    """Takes the lines of a history in order."""

    def __init__(self, first: Json) -> None:
        if first["process"] != "run" or first["f"] != "begin":
            raise ValueError("a history begins with the run's begin line")
        self.recording = Recording(facts_from(RunBegin, first["value"]))
        self._open: dict[tuple[object, ...], int] = {}
        """The row of every request that is under way."""

    def take(self, line: Json) -> None:
        recording, process = self.recording, line["process"]
        recording.duration_s = line["time_ns"] / 1e9
        if process == "nemesis":
            at_ns, node = line["time_ns"], line.get("node")
            recording.faults.add(line["f"], node, at_ns, line["civil_ms"], line["value"])
        elif process != "run":
            self._take_request(line)
        elif line["f"] == "fate":
            recording.fates.add(line.get("class", ""), line["value"])
        elif line["f"] == "end":
            recording.end = facts_from(RunEnd, line["value"])

    def _take_request(self, line: Json) -> None:
        operations, f, point, sent_ns = self.recording.operations, line["f"], line.get("point"), line["time_ns"]
        identity = (line["process"], f, point, line.get("key"))
        if line["type"] == "invoke":
            intended_ns = line["intended_ns"]
            self._open[identity] = operations.send(f, line.get("node", ""), point or "", intended_ns, sent_ns)
            return
        row = self._open.pop(identity, None)
        if row is None:
            raise ValueError(f"process {line['process']} completes a {f} that it never invoked")
        outcome = outcome_of(line["type"], line.get("status"))
        operations.complete(row, outcome, line.get("error", ""), sent_ns)
