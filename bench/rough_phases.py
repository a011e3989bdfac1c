"""What became of bookings while something was broken, read from a run's history.

A booking is a reservation or a trip, under its key from the first attempt to its decision. It *could be made* in a phase if no
owner that it names was down or cut off, and the node that was asked first could reach them all; whoever asks a node that is
down, or cut off from drivers, goes to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from sim.history import read_history
from sim.measure.fault_words import named
from sim.scenario.faults import Crash, Fault, OneWay, Partition, Pause

_VEHICLES = "vehicles"
_BOOKINGS = ("reserve", "trip")
_fault: TypeAdapter[Fault] = TypeAdapter(Fault)


@dataclass(slots=True)
class Booking:
    """One key: when it was first asked, when it was decided, and between whom."""

    f: str
    asked_ns: int
    """When its first attempt was due."""
    node: str
    """The one that was asked first."""
    owners: list[str]
    decided_ns: int | None = None

    @property
    def took_ms(self) -> float | None:
        """From when it was due to its decision."""
        return None if self.decided_ns is None else (self.decided_ns - self.asked_ns) / 1e6


@dataclass(slots=True)
class Phase:
    """A span in which the same things were broken."""

    faults: list[Fault]
    begin_ns: int
    end_ns: int = -1
    """When all was mended: of a node, when it took requests again."""
    mending_ns: int = -1

    @property
    def name(self) -> str:
        """Return what was broken, in words."""
        return " and ".join(dict.fromkeys(_words(fault) for fault in self.faults))

    def covers(self, booking: Booking) -> bool:
        """Whether it was first asked for while this was broken."""
        return self.begin_ns <= booking.asked_ns < self.end_ns

    def allows(self, booking: Booking) -> bool:
        """Whether all whom the booking needs were there and could reach one another."""
        asked = None if self._is_away(booking.node) else booking.node
        return not any(
            self._is_away(owner) or (asked is not None and self._is_cut(asked, owner)) for owner in booking.owners
        )

    def _is_away(self, node: str) -> bool:
        is_down = any(isinstance(fault, Crash | Pause) and fault.node == node for fault in self.faults)
        return is_down or self._is_cut(_VEHICLES, node)

    def _is_cut(self, one: str, other: str) -> bool:
        return any(
            isinstance(fault, Partition | OneWay) and (fault.cuts(one, other) or fault.cuts(other, one))
            for fault in self.faults
        )


@dataclass(slots=True)
class RoughHistory:
    """The bookings of a run, and what was broken when."""

    bookings: list[Booking]
    phases: list[Phase]
    calm: dict[str, Any] = field(default_factory=dict)
    """When the network came to rest (``sim.worlds.calm``)."""
    acknowledged: int = 0
    """Answers that said that something was done."""

    def could_be_made(self, booking: Booking) -> bool:
        """Whether nothing that was broken when it was asked for stood in its way."""
        return all(phase.allows(booking) for phase in self.phases if phase.covers(booking))

    def just_mended(self, within_s: float) -> list[Booking]:
        """Return the bookings that were asked for when nothing was broken any more, but something had been so long ago."""
        return [each for each in self._undisturbed() if self._is_near(each, within_s)]

    def quiet(self, within_s: float) -> list[Booking]:
        """Return those that were asked for when nothing was broken, nor had been so long ago."""
        return [each for each in self._undisturbed() if not self._is_near(each, within_s)]

    def quiet_s(self, within_s: float) -> tuple[float, float]:
        """Return how long it was quiet, and how long something was just mended."""
        last_ns = max(booking.asked_ns for booking in self.bookings)
        end_ns, quiet_ns, mended_ns = -round(within_s * 1e9), 0, 0
        for begin_ns, next_ns in [*((phase.begin_ns, phase.end_ns) for phase in self.phases), (last_ns, last_ns)]:
            settled_ns = min(end_ns + round(within_s * 1e9), begin_ns)
            mended_ns += max(0, settled_ns - max(end_ns, 0))
            quiet_ns += max(0, begin_ns - max(settled_ns, 0))
            end_ns = max(end_ns, next_ns)
        return quiet_ns / 1e9, mended_ns / 1e9

    def _undisturbed(self) -> Iterator[Booking]:
        return (each for each in self.bookings if not any(phase.covers(each) for phase in self.phases))

    def _is_near(self, booking: Booking, within_s: float) -> bool:
        return any(0 <= booking.asked_ns - phase.end_ns < within_s * 1e9 for phase in self.phases)


def read_rough_history(path: Path) -> RoughHistory:
    """Read ``history.jsonl``."""
    bookings: dict[str, Booking] = {}
    found = RoughHistory([], [])
    for line in read_history(path):
        f, kind = line["f"], line["type"]
        if line["process"] == "nemesis":
            _take_fault(found.phases, line)
        elif f == "calm":
            found.calm = line["value"]
        elif f in _BOOKINGS and line.get("key"):
            _take_booking(bookings, line)
        found.acknowledged += kind == "ok" and f != "read"
    found.bookings = list(bookings.values())
    return found


def _take_fault(phases: list[Phase], line: dict[str, Any]) -> None:
    value = dict(line["value"])
    state, fault = value.pop("state"), _fault.validate_python(value)
    if state == "broken":
        if phases and phases[-1].faults[0].at_s == fault.at_s:
            phases[-1].faults.append(fault)
        else:
            phases.append(Phase([fault], line["time_ns"]))
        return
    phase = next(each for each in phases if fault in each.faults)
    if state == "mended":
        phase.end_ns = line["time_ns"]
    else:
        phase.mending_ns = line["time_ns"]


def _take_booking(bookings: dict[str, Booking], line: dict[str, Any]) -> None:
    key = line["key"]
    if line["type"] == "invoke":
        due_ns = line.get("intended_ns", line["time_ns"])
        bookings.setdefault(key, Booking(line["f"], due_ns, line["node"], list(_owners(line))))
    elif bookings[key].decided_ns is None and _is_decision(line):
        bookings[key].decided_ns = line["time_ns"]


def _owners(line: dict[str, Any]) -> Iterable[str]:
    """Yield the nodes that a booking cannot do without."""
    if line["f"] == "reserve":
        return [_owner(line["point"])]
    value = line["value"]
    named_points = [stop["point_id"] for stop in value["stops"] if "point_id" in stop]
    some = [point for stop in value["stops"] for point in stop.get("any_of", ())]
    return dict.fromkeys([value["coordinator"], *map(_owner, named_points), *map(_owner, some)])


def _owner(point_id: str) -> str:
    return point_id.partition(".")[0]


def _is_decision(line: dict[str, Any]) -> bool:
    """Whether it was granted, or refused for good; not: ask again."""
    status = line.get("status") or 0
    return line["type"] == "ok" or (line["type"] == "fail" and 400 <= status < 500 and status != 429)


def _words(fault: Fault) -> str:
    if isinstance(fault, OneWay):
        apart = fault.from_ if len(fault.from_) == 1 else fault.to
        return f"{apart[0]} cut off from peers and broker"
    if isinstance(fault, Partition):
        return f"{', '.join(fault.groups[1])} cut off from all"
    if fault.kind in ("broker_crash", "broker_pause"):
        return "broker killed" if fault.kind == "broker_crash" else "broker hung (SIGSTOP)"
    return named(fault.kind, fault.on_node)
