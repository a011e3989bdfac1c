"""EDN for Elle's ``rw-register``: every point is a register, and its versions are the values.

A version is the event that made it, ``epoch-seq``. Whoever was told of an event as its own work wrote that version;
whoever was told anything else about the point read the version that the answer names. A request is one operation,
however often it had to be asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson

from sim.audit.claims import is_made_by
from sim.audit.evidence import Evidence
from sim.audit.point_log import PointLog
from sim.audit.requests import Request
from sim.audit.rows import Event, Witness


class _Line(NamedTuple):
    """A line of the export, to be put in its place."""

    place: int
    """Line of the history."""
    kind: str
    process: int
    time_ns: int
    value: str


@dataclass(slots=True)
class _Register:
    """One point: which request wrote which version."""

    log: PointLog
    writers: dict[Witness, Request]
    written: dict[int, Witness]
    """By the request's first line."""

    def write(self, request: Request, event: Event) -> bool:
        """Let the request have written the event's version, if nobody else has."""
        if self.writers.setdefault(event.witness, request) is not request:
            return False
        self.written.setdefault(request.first_index, event.witness)
        return True


def elle_lines(evidence: Evidence) -> Iterator[str]:
    """Yield operation maps in EDN, one a line."""
    registers = _registers(evidence)
    lines = [line for request in evidence.requests for line in _request_lines(registers, request)]
    lines.sort(key=lambda line: line.place)
    for index, line in enumerate([*_own_writes(evidence, registers), *lines]):
        yield (
            f"{{:index {index}, :type :{line.kind}, :process {line.process}, :time {line.time_ns}, "
            f":f :txn, :value {line.value}}}"
        )


def _registers(evidence: Evidence) -> dict[str, _Register]:
    """Find out who wrote what: first those who were told so, then those whose answer was lost."""
    registers = {point_id: _Register(log, {}, {}) for point_id, log in evidence.logs.items()}
    unknown: set[int] = set()
    for request in evidence.requests:
        register = registers.get(request.attempts[0].point or "")
        decision = request.decisions[0] if request.decisions else None
        if register is not None and decision is not None and decision.is_ok and decision.witness is not None:
            event = register.log.by_witness.get(decision.witness)
            if event is not None and is_made_by(event, decision):
                register.write(request, event)
        elif decision is None and request.may_have_acted:
            unknown.add(request.first_index)
    for register in registers.values():
        for event in register.log.events:
            if event.witness not in register.writers:
                callers = [caller for caller in evidence.callers_of(event) if caller.first_index in unknown]
                for caller in callers[:1]:
                    register.write(caller, event)
                    unknown.discard(caller.first_index)
    return registers


def _own_writes(evidence: Evidence, registers: dict[str, _Register]) -> Iterator[_Line]:
    """Yield what nobody in the run wrote: each by a process of its own that never says whether it did."""
    process = max((operation.process for operation in evidence.history.operations), default=0)
    for point_id, register in registers.items():
        for event in register.log.events:
            if event.witness not in register.writers:
                process += 1
                value = _write(point_id, event.witness)
                yield _Line(-1, "invoke", process, 0, value)
                yield _Line(-1, "info", process, 0, value)


def _request_lines(registers: dict[str, _Register], request: Request) -> Iterator[_Line]:
    """Yield invocation and completion of a request about a point."""
    first = request.attempts[0]
    register = registers.get(first.point or "")
    if register is None:
        return
    point_id, version = register.log.point_id, register.written.get(request.first_index)
    told = request.decisions[0] if request.decisions else request.attempts[-1]
    kind, asked, answered = "ok", _read(point_id, None), _read(point_id, _version(register.log, told.witness))
    if version is not None:
        kind, asked = ("ok" if request.decisions else "info"), _write(point_id, version)
        answered = asked
    elif not request.decisions or told.witness is None:
        kind, answered = ("info" if request.may_have_acted else "fail"), asked
        if kind == "info" and first.f != "read":
            asked = answered = f'[[:w {_text(point_id)} "unknown-{first.index}"]]'
    yield _Line(first.index, "invoke", first.process, first.time_ns, asked)
    if told.end_index is not None and told.end_ns is not None:
        yield _Line(told.end_index, kind, first.process, told.end_ns, answered)


def _version(log: PointLog, witness: Witness | None) -> Witness | None:
    """Return the version that a witness names: its last event's, whatever epoch it was told in."""
    if witness is None or log.state_exists(witness) is not None:
        return witness
    return log.event_at(witness[1]).witness


def _write(point_id: str, version: Witness) -> str:
    return f"[[:w {_text(point_id)} {_value(version)}]]"


def _read(point_id: str, version: Witness | None) -> str:
    return f"[[:r {_text(point_id)} {'nil' if version is None else _value(version)}]]"


def _value(version: Witness) -> str:
    return f'"{version[0]}-{version[1]}"'


def _text(text: str) -> str:
    return orjson.dumps(text).decode()
