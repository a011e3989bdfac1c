"""A history, read once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sim.history import HistoryError, Json, read_history
from sim.measure.course import RunBegin, RunEnd, facts_from
from sim.measure.errors import MeasureError
from sim.measure.fates import Fates
from sim.measure.faults import Faults
from sim.measure.gauges import Agreed, Gauges, ProcessUse
from sim.measure.operations import Operations
from sim.measure.outcomes import Outcome, outcome_of
from sim.measure.stops import Wishes, refused_point, wishes_of
from sim.measure.views import Seen, Views

OnLines = Callable[[int], None]
"""Is told now and then how many lines have been read."""
_LINES_PER_NEWS = 20_000
_UNDECIDED = (Outcome.UNAVAILABLE, Outcome.UNKNOWN)
_WANT_OF_ROOM = "window-taken"
_TRIP = "trip"


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
    views: Views = field(default_factory=Views)
    gauges: Gauges = field(default_factory=Gauges)
    agreed: Agreed | None = None
    resources: list[ProcessUse] = field(default_factory=list)

    def civil_ms(self, at_ns: int) -> int:
        """Return the scenario's time at a moment of the history."""
        return self.begin.civil_start_ms + int(at_ns * self.begin.scale / 1e6)

    @property
    def civil_duration_s(self) -> float:
        """How much of the scenario's time was played."""
        return self.duration_s * self.begin.scale if self.end is None else self.end.civil_s


def read_recording(path: Path, on_lines: OnLines = lambda _: None) -> Recording:
    """Read a history. Raises ``MeasureError`` naming file and line when it is missing, cut or not well formed."""
    reader: Recorder | None = None
    number = 0
    try:
        for number, line in enumerate(read_history(path), 1):
            if reader is None:
                reader = Recorder(line)
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


class Recorder:
    """Takes the lines of a history in order, from a file or as they are written."""

    def __init__(self, first: Json) -> None:
        if first["process"] != "run" or first["f"] != "begin":
            raise ValueError("a history begins with the run's begin line")
        self.recording = Recording(facts_from(RunBegin, first["value"]))
        self._open: dict[tuple[object, ...], tuple[int, int, Json]] = {}
        """Of every request that is under way its row, that of its first stop if it is a trip, and its invocation."""
        self._undecided: set[str] = set()
        """Keys of requests whose last answer decided nothing: asking again is a retry."""

    def take(self, line: Json) -> None:
        """Take the next line."""
        recording, process = self.recording, line["process"]
        recording.duration_s = line["time_ns"] / 1e9
        if process == "nemesis":
            at_ns, node = line["time_ns"], line.get("node")
            recording.faults.add(line["f"], node, at_ns, line["civil_ms"], line["value"])
        elif process != "run":
            self._take_request(line)
        elif line["f"] == "fate":
            recording.fates.add(line.get("class", ""), line["value"])
        elif line["f"] == "gauges":
            recording.gauges.add(line["node"], line["value"]["gauges"])
        elif line["f"] == "agreement":
            recording.agreed = Agreed.of(line["value"])
        elif line["f"] == "calm":
            recording.agreed = Agreed.of_calm(line["value"])
        elif line["f"] == "resources":
            recording.resources = [ProcessUse(name, **used) for name, used in line["value"].items()]
        elif line["f"] == "end":
            recording.end = facts_from(RunEnd, line["value"])

    def _take_request(self, line: Json) -> None:
        operations, f, point, key = self.recording.operations, line["f"], line.get("point"), line.get("key")
        identity = (line["process"], f, point, key)
        if line["type"] == "invoke":
            row = operations.send(
                f,
                line.get("node", ""),
                point or "",
                line["intended_ns"],
                line["time_ns"],
                line.get("class", "") if line.get("vehicle", 0) >= 0 else "",
                retried=key in self._undecided,
            )
            first_stop = operations.stop_at(wishes_of(line.get("value") or {})) if f == _TRIP else -1
            self._open[identity] = row, first_stop, line
            return
        if identity not in self._open:
            raise ValueError(f"process {line['process']} completes a {f} that it never invoked")
        row, first_stop, invoked = self._open.pop(identity)
        outcome = outcome_of(line["type"], line.get("status"))
        way = line.get("way_us")
        operations.complete(row, outcome, line.get("error", ""), line["time_ns"], None if way is None else tuple(way))
        if key is not None:
            (self._undecided.add if outcome in _UNDECIDED else self._undecided.discard)(key)
        if f == _TRIP:
            self._take_stops(line, first_stop, wishes_of(invoked.get("value") or {}), outcome)
        else:
            self._take_view(line, invoked, outcome)

    def _take_stops(self, line: Json, first: int, wishes: Wishes, outcome: Outcome) -> None:
        """Note what became of a trip's stops; who plans a trip has not looked at its points."""
        told = line.get("value") or {}
        self.recording.operations.settle_stops(first, wishes, outcome, told)
        if outcome is Outcome.REFUSED and line.get("error") == _WANT_OF_ROOM:
            self.recording.views.refused(refused_point(wishes, told), None, 0)

    def _take_view(self, line: Json, invoked: Json, outcome: Outcome) -> None:
        """Note what was shown of a point: when it was asked for, or before the driver chose it."""
        views, point, witness = self.recording.views, line.get("point"), line.get("witness")
        if point is None:
            return
        if line["f"] == "read":
            if witness is not None and invoked.get("value", {}).get("what") == "view":
                views.shown(point, line["node"], (witness[1], self.recording.civil_ms(line["time_ns"])))
            return
        if line["f"] != "reserve":
            return
        told = invoked.get("seen")
        seen: Seen | None = None if told is None else (told[1], told[2])
        if seen is not None:
            views.shown(point, line["node"], seen)
        if outcome is Outcome.REFUSED and line.get("error") == _WANT_OF_ROOM and witness is not None:
            views.refused(point, seen, witness[1])
