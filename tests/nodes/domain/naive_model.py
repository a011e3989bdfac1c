"""A charging point written a second time, as plainly as the rules read: lists, linear scans, no calendar.

It shares the words of the domain (commands, specs) and none of its code. Where the domain looks at the first window
because it can prove that no other matters, this looks at all of them.
"""

from dataclasses import asdict, replace

from nodes.domain.commands import (
    AbortStop,
    Cancel,
    ChangePoint,
    ClearFault,
    Command,
    CommitStop,
    CreatePoint,
    Meter,
    PlugIn,
    PrepareStop,
    ReportFault,
    Reserve,
    ReserveNow,
    StartReservation,
    Stop,
    Tick,
)
from nodes.domain.point import PointSpec
from nodes.domain.terms import Terms
from tests.nodes.domain.naive_energy import limit_wh
from tests.nodes.domain.naive_state import Booking, NaiveState, Refused

TOLERANCE_MS = 60_000


class NaiveModel(NaiveState):
    """What each command does, in the order in which the rules refuse it."""

    def handle(self, command: Command, now_ms: int) -> Refused | None:
        """Do what the command asks; what was due must be done already. None: accepted."""
        if isinstance(command, CreatePoint):
            return self._create(command, now_ms)
        if self.seq == 0:
            return Refused("UnknownPoint", {"point_id": self.point_id})
        match command:
            case Tick():
                return None
            case ChangePoint() | ReportFault() | ClearFault():
                return self._operate(command, now_ms)
            case Reserve():
                outcome = self._reserve(command.driver_id, command.start_ms, command.end_ms, now_ms)
                return outcome if isinstance(outcome, Refused) else None
            case ReserveNow():
                return self._reserve_now(command, now_ms)
            case Cancel():
                return self._cancel(command, now_ms)
            case PrepareStop():
                return self._prepare(command, now_ms)
            case CommitStop():
                return self._commit(command, now_ms)
            case AbortStop():
                return self._abort(command, now_ms)
            case StartReservation():
                return self._start(command, now_ms)
            case PlugIn():
                return self._plug_in(command, now_ms)
            case Meter() | Stop():
                return self._read_meter(command, now_ms)

    def _create(self, command: CreatePoint, now_ms: int) -> Refused | None:
        if self.seq:
            return Refused("PointExists", {"point_id": self.point_id})
        self._happened(now_ms)
        self.spec, self.described_ms = command.spec, now_ms
        return None

    def _operate(self, command: ChangePoint | ReportFault | ClearFault, now_ms: int) -> Refused | None:
        spec, maintenance, fault = self.spec, self.maintenance, self.fault
        if isinstance(command, ChangePoint):
            try:
                spec = changed_spec(spec, command)
            except ValueError:
                return Refused("PointInvalid", {})
            maintenance = maintenance if command.maintenance is None else command.maintenance
        elif isinstance(command, ClearFault):
            fault = None
        else:
            fault = command.description
            if (charge := self.running()) is not None:
                self._happened(now_ms)
                self._finish(charge, charge.energy_wh, now_ms, "fault")
        if (spec, maintenance, fault) != (self.spec, self.maintenance, self.fault):
            self._happened(now_ms)
            self.spec, self.maintenance, self.fault, self.described_ms = spec, maintenance, fault, now_ms
        return None

    def _reserve(self, driver_id: str, start_ms: int, end_ms: int, now_ms: int) -> Refused | Booking:
        if self.out_of_service():
            return self._unavailable()
        if end_ms <= start_ms:
            return Refused("WindowInvalid", {"start_ms": start_ms, "end_ms": end_ms})
        if start_ms + TOLERANCE_MS < now_ms or end_ms <= now_ms:
            return Refused("WindowInPast", {"start_ms": start_ms, "now_ms": now_ms})
        terms, length_ms = self.spec.terms, end_ms - start_ms
        if length_ms < terms.min_window_s * 1000:
            return Refused("WindowTooShort", {"length_ms": length_ms, "min_window_s": terms.min_window_s})
        if length_ms > terms.max_window_s * 1000:
            return Refused("WindowTooLong", {"length_ms": length_ms, "max_window_s": terms.max_window_s})
        latest_ms = now_ms + terms.horizon_s * 1000
        if start_ms > latest_ms:
            return Refused("WindowBeyondHorizon", {"start_ms": start_ms, "latest_start_ms": latest_ms})
        start_ms = max(start_ms, now_ms)
        if self._overlapping(start_ms, end_ms):
            return self._taken(start_ms, end_ms, now_ms)
        seq = self._happened(now_ms)
        name, price = f"{self.point_id}.r{self.epoch}-{seq}", self.spec.price_per_kwh_minor
        booking = Booking(
            name, driver_id, start_ms, end_ms, price, self.spec.currency, now_ms, epoch=self.epoch, seq=seq
        )
        self.bookings.append(booking)
        return booking

    def _reserve_now(self, command: ReserveNow, now_ms: int) -> Refused | None:
        terms = self.spec.terms
        end_ms = now_ms + 1000 * min(command.duration_s, terms.max_window_s)
        worth_it_ms = now_ms + 1000 * terms.min_window_s
        if not self._overlapping(now_ms, worth_it_ms):
            end_ms = min([end_ms, *(b.start_ms for b in self.in_force() if b.start_ms >= worth_it_ms)])
        outcome = self._reserve(command.driver_id, now_ms, end_ms, now_ms)
        return outcome if isinstance(outcome, Refused) else None

    def _cancel(self, command: Cancel, now_ms: int) -> Refused | None:
        booking = self._find(command.reservation_id, command.driver_id)
        if booking is None:
            return Refused("UnknownReservation", {"reservation_id": command.reservation_id})
        if booking.status == "PENDING":
            return Refused("ReservationPending", {"reservation_id": booking.id, "trip_id": booking.trip_id})
        if booking.status == "ACTIVE":
            return Refused("ReservationOver", {"reservation_id": booking.id, "reservation_status": "ACTIVE"})
        if self.cancel_until_ms(booking) < now_ms:
            return Refused("TooLateToCancel", {"cancel_until_ms": self.cancel_until_ms(booking)})
        self._happened(now_ms)
        self._release(booking, "CANCELED", now_ms, "driver")
        return None

    def _prepare(self, command: PrepareStop, now_ms: int) -> Refused | None:
        for booking in self.promised():
            if (booking.trip_id, booking.trip_stop) == (command.trip_id, command.stop):
                return Refused("ReservationPending", {"reservation_id": booking.id, "trip_id": command.trip_id})
        outcome = self._reserve(command.driver_id, command.start_ms, command.end_ms, now_ms)
        if isinstance(outcome, Refused):
            return outcome
        outcome.status = "PENDING"
        outcome.trip_id, outcome.trip_stop, outcome.trip_points = command.trip_id, command.stop, command.points
        return None

    def _commit(self, command: CommitStop, now_ms: int) -> Refused | None:
        booking = self._find(command.reservation_id, None)
        if booking is None or booking.trip_id != command.trip_id:
            return Refused("UnknownReservation", {"reservation_id": command.reservation_id})
        if booking.status == "PENDING":
            booking.status, booking.epoch, booking.seq = "RESERVED", self.epoch, self._happened(now_ms)
        return None

    def _abort(self, command: AbortStop, now_ms: int) -> Refused | None:
        for booking in self.promised():
            if (booking.trip_id, booking.trip_stop) == (command.trip_id, command.stop):
                self._happened(now_ms)
                reason = "stop-replaced" if command.is_replaced else "trip-aborted"
                self._release(booking, "REJECTED", min(now_ms, booking.end_ms), reason)
                return None
        return Refused("UnknownReservation", {"reservation_id": f"stop {command.stop} of {command.trip_id}"})

    def _start(self, command: StartReservation, now_ms: int) -> Refused | None:
        booking = self._find(command.reservation_id, command.driver_id)
        if booking is None:
            return Refused("UnknownReservation", {"reservation_id": command.reservation_id})
        if booking.status == "ACTIVE":
            return None
        if self.out_of_service():
            return self._unavailable()
        if booking.status == "PENDING":
            return Refused("ReservationPending", {"reservation_id": booking.id, "trip_id": booking.trip_id})
        if now_ms < self.start_from_ms(booking):
            return Refused("TooEarlyToStart", {"start_from_ms": self.start_from_ms(booking)})
        if in_the_way := self._in_the_way_of(booking, now_ms):
            return Refused("PointOccupied", {"free_from_ms": in_the_way[0].end_ms})
        self._charge(booking, command.max_energy_wh, now_ms)
        return None

    def _plug_in(self, command: PlugIn, now_ms: int) -> Refused | None:
        mine = [b for b in self.in_force() if b.driver_id == command.driver_id and b.status != "PENDING"]
        if any(b.status == "ACTIVE" for b in mine):
            return None
        if self.out_of_service():
            return self._unavailable()
        for booking in mine:
            if now_ms >= self.start_from_ms(booking) and not self._in_the_way_of(booking, now_ms):
                self._charge(booking, command.max_energy_wh, now_ms)
                return None
        if holders := self._overlapping(now_ms, now_ms + 1):
            return Refused("PointOccupied", {"free_from_ms": holders[0].end_ms})
        end_ms, terms = command.end_ms, self.spec.terms
        if end_ms is None:
            starts = [b.start_ms for b in self.in_force() if b.start_ms >= now_ms]
            end_ms = min([now_ms + terms.max_window_s * 1000, *starts])
            shortest_ms = now_ms + terms.min_window_s * 1000
            if end_ms < shortest_ms:
                return self._taken(now_ms, shortest_ms, now_ms)
        booking_or_not = self._reserve(command.driver_id, now_ms, end_ms, now_ms)
        if isinstance(booking_or_not, Refused):
            return booking_or_not
        self._charge(booking_or_not, command.max_energy_wh, now_ms)
        return None

    def _read_meter(self, command: Meter | Stop, now_ms: int) -> Refused | None:
        charge = self.running()
        if charge is None or charge.id != command.session_id or command.driver_id not in {None, charge.driver_id}:
            return Refused("UnknownSession", {"session_id": command.session_id})
        energy_wh = charge.energy_wh if command.energy_wh is None else command.energy_wh
        if energy_wh < charge.energy_wh:
            return Refused("MeterWentBack", {"energy_wh": energy_wh, "last_energy_wh": charge.energy_wh})
        if energy_wh > (most_wh := limit_wh(charge, now_ms)):
            return Refused("EnergyImplausible", {"energy_wh": energy_wh, "max_energy_wh": most_wh})
        if isinstance(command, Stop):
            self._happened(now_ms)
            self._finish(charge, energy_wh, now_ms, "driver")
        elif energy_wh != charge.energy_wh:
            charge.seq = self._happened(now_ms)
            charge.epoch, charge.energy_wh, charge.metered_ms = self.epoch, energy_wh, now_ms
        return None


def changed_spec(spec: PointSpec, command: ChangePoint) -> PointSpec:
    """Return what the operator now says of the point; a ``ValueError`` where no point may be so."""
    if command.spec is not None:
        spec = command.spec
    if command.name is not None:
        spec = replace(spec, name=command.name)
    if command.price_per_kwh_minor is not None:
        spec = replace(spec, price_per_kwh_minor=command.price_per_kwh_minor)
    return replace(spec, terms=Terms(**{**asdict(spec.terms), **dict(command.terms)}))
