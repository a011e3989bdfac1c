"""What happened, as the vehicles saw it: one JSON object a line, in Jepsen's shape.

Every request has an ``invoke`` and, if it ends before the run does, a completion: ``ok``, ``fail`` (it was refused:
nothing was done) or ``info`` (what became of it is not known). A process that got ``info`` never invokes again; the
vehicle goes on as another process.

===============  ===================================================================================================
``index``        line number, from 0
``time_ns``      monotonic (local) or virtual time since the run began
``process``      who: a number, below 0 the laboratory's own; ``"run"`` for what the run says of itself, ``"nemesis"`` for faults
``type``         ``invoke``, ``ok``, ``fail``, ``info``
``f``            ``reserve cancel start meter stop trip cancel_trip operate read``; of the run ``begin heal
                 gauges copy fate members agreement calm resources end``;
                 of faults their kind
``value``        what was asked, what was answered
``error``        problem type (``window-taken``), ``timeout`` or ``disconnected``
``status``       HTTP status, of a completion
``node``         the node that was asked
``point``        the point it was about; a trip, which is about several, has none
``witness``      ``[epoch, seq]`` of the answer
``key``          idempotency key
``trip``         trip id: of a trip that is cancelled or read, and of what an answer to ``trip`` is about
``intended_ns``  when the request should have been sent, of an invoke; latency is counted from here
``vehicle``      which vehicle, ``class`` which class of vehicle, ``civil_ms`` the scenario's time
``retry_after_s``  of a 429 or 503: what it says about asking again
``seen``         of a reserve's invoke: ``[epoch, seq, civil_ms]`` of the view of the point that the driver chose by
``way_us``       of a completion: what the nodes say of its time, ``[queue, decide, write, forward]`` in microseconds
===============  ===================================================================================================
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from sim.errors import LaboratoryError

Json = dict[str, Any]

FUNCTIONS = ("reserve", "cancel", "start", "meter", "stop", "trip", "cancel_trip", "operate", "read")
"""What a process can invoke."""


class HistoryError(LaboratoryError):
    """A history cannot be read: which file, which line, what is wrong."""


class HistoryWriter:
    """Appends lines to a history. ``time_ns`` must never go back."""

    def __init__(
        self,
        file: BinaryIO,
        on_line: Callable[[bytes], None] | None = None,
        on_record: Callable[[Json], None] | None = None,
    ) -> None:
        """``on_line`` hears of every line but those in which a run says how it began and ended, ``on_record`` of all."""
        self._file = file
        self._on_line = on_line
        self._on_record = on_record
        self._index = 0
        self._last_ns = 0

    def __len__(self) -> int:
        return self._index

    def write(self, time_ns: int, process: int | str, kind: str, f: str, **members: Any) -> None:
        """Append one line; members that are None are left out."""
        self._last_ns = max(self._last_ns, time_ns)
        line: Json = {"index": self._index, "time_ns": self._last_ns, "process": process, "type": kind, "f": f}
        line |= {name: value for name, value in members.items() if value is not None}
        text = orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        self._file.write(text)
        self._index += 1
        if self._on_line is not None and f not in ("begin", "end"):
            self._on_line(text)
        if self._on_record is not None:
            self._on_record(line)


def read_history(path: Path) -> Iterator[Json]:
    """Yield the lines of a history. Raises ``HistoryError`` naming file and line.

    A last line that was cut is no line: whoever wrote it was killed. The history has no ``end`` then, and proves nothing.
    """
    try:
        with path.open("rb") as file:
            for number, text in enumerate(file, 1):
                if not text.endswith(b"\n") and not _is_json(text):
                    return
                yield _line(path, number, text)
    except OSError as error:
        raise HistoryError(f"{path}: cannot be read: {error.strerror}") from error


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _line(path: Path, number: int, text: bytes) -> Json:
    try:
        line = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HistoryError(f"{path}:{number}: no JSON ({error}); the history may have been cut") from error
    if not isinstance(line, dict) or not {"index", "time_ns", "process", "type", "f"} <= line.keys():
        raise HistoryError(f"{path}:{number}: expected an object with index, time_ns, process, type and f")
    if line["index"] != number - 1:
        raise HistoryError(f"{path}:{number}: expected index {number - 1}, found {line['index']}; lines are missing")
    return line
