"""What the naive model knows of a point, what can be seen of it, and what time does to it: lists and linear scans."""

from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from nodes.domain.point import PointSpec
from tests.nodes.domain.naive_energy import Charge, price_of


class Refused(NamedTuple):
    """The name of a refusal's class, and its fields."""

    name: str
    fields: dict[str, Any]


@dataclass
class Booking:
    """A reservation, in force or over."""

    id: str
    driver_id: str
    start_ms: int
    end_ms: int
    price_per_kwh_minor: int
    currency: str
    created_ms: int
    epoch: int
    seq: int
    status: str = "RESERVED"
    released_ms: int | None = None
    reason: str | None = None
    extended: bool = False
    trip_id: str | None = None
    trip_stop: int | None = None
    trip_points: tuple[str, ...] = ()

    @property
    def in_force(self) -> bool:
        return self.status in {"PENDING", "RESERVED", "ACTIVE"}

    def shares_time_with(self, start_ms: int, end_ms: int) -> bool:
        return min(self.end_ms, end_ms) > max(self.start_ms, start_ms)


@dataclass
class NaiveState:
    """The whole history of one point."""

    point_id: str
    spec: PointSpec
    epoch: int = 1
    seq: int = 0
    maintenance: bool = False
    fault: str | None = None
    changed_ms: int = 0
    described_ms: int = 0
    bookings: list[Booking] = field(default_factory=list)
    charges: list[Charge] = field(default_factory=list)

    # What can be seen.

    def time_ms(self, clock_ms: int) -> int:
        return max(clock_ms, self.changed_ms)

    def in_force(self) -> list[Booking]:
        return sorted((b for b in self.bookings if b.in_force), key=lambda b: b.start_ms)

    def promised(self) -> list[Booking]:
        return [b for b in self.in_force() if b.status == "PENDING"]

    def running(self) -> Charge | None:
        active = [c for c in self.charges if c.status == "ACTIVE"]
        assert len(active) <= 1, "two active sessions"
        return active[0] if active else None

    def status(self, at_ms: int) -> str:
        if self.fault is not None:
            return "OUTOFORDER"
        if self.maintenance:
            return "INOPERATIVE"
        if self.running() is not None:
            return "CHARGING"
        held = any(b.start_ms <= at_ms < b.end_ms for b in self.in_force())
        return "RESERVED" if held else "AVAILABLE"

    def out_of_service(self) -> bool:
        return self.fault is not None or self.maintenance

    def no_show_ms(self, booking: Booking) -> int:
        return min(booking.end_ms, max(booking.start_ms + self.spec.terms.no_show_s * 1000, self.described_ms))

    def start_from_ms(self, booking: Booking) -> int:
        return booking.start_ms - self.spec.terms.early_start_s * 1000

    def cancel_until_ms(self, booking: Booking) -> int:
        return booking.start_ms - self.spec.terms.cancel_until_s * 1000

    def next_change_ms(self, now_ms: int) -> int | None:
        """Find by trying every moment that could matter when time alone changes the status or what is in force."""
        present = self._seen(now_ms)
        moments = {t for b in self.in_force() for t in (b.start_ms, b.end_ms, self.no_show_ms(b))}
        for moment_ms in sorted(t for t in moments if t > now_ms):
            future = replace(
                self,
                bookings=[replace(b) for b in self.in_force()],
                charges=[replace(c) for c in self.charges if c.status == "ACTIVE"],
            )
            future.pass_time(moment_ms)
            if future._seen(moment_ms) != present:
                return moment_ms
        return None

    def _seen(self, now_ms: int) -> tuple[str, list[tuple[str, str, int, int]]]:
        return self.status(now_ms), [(b.id, b.status, b.start_ms, b.end_ms) for b in self.in_force()]

    # What time does.

    def pass_time(self, now_ms: int) -> None:
        """Do all that is due, earliest first."""
        while True:
            due = [(self._due_ms(b), b) for b in self.in_force() if b.status != "PENDING"]
            due = [(due_ms, b) for due_ms, b in due if due_ms <= now_ms]
            if not due:
                return
            self._do_due(*min(due, key=lambda pair: pair[0]), now_ms)

    def _due_ms(self, booking: Booking) -> int:
        return booking.end_ms if booking.status == "ACTIVE" else self.no_show_ms(booking)

    def _do_due(self, due_ms: int, booking: Booking, now_ms: int) -> None:
        self._happened(now_ms)
        if booking.status == "RESERVED":
            unavailable = self.out_of_service()
            status, reason = ("CANCELED", "point-unavailable") if unavailable else ("NO_SHOW", "no-show")
            self._release(booking, status, due_ms, reason)
            return
        later = [b.start_ms for b in self.in_force() if b.start_ms >= booking.end_ms]
        longer_ms = min([booking.end_ms + self.spec.terms.late_stop_s * 1000, *later])
        if not booking.extended and longer_ms > booking.end_ms:
            booking.end_ms, booking.extended = longer_ms, True
            booking.epoch, booking.seq = self.epoch, self.seq
            return
        charge = self.running()
        assert charge is not None
        self._finish(charge, charge.energy_wh, booking.end_ms, "window-over")

    # The steps that commands are made of.

    def _happened(self, now_ms: int) -> int:
        self.seq, self.changed_ms = self.seq + 1, now_ms
        return self.seq

    def _find(self, reservation_id: str, driver_id: str | None) -> Booking | None:
        for booking in self.in_force():
            if booking.id == reservation_id and driver_id in {None, booking.driver_id}:
                return booking
        return None

    def _overlapping(self, start_ms: int, end_ms: int) -> list[Booking]:
        return [b for b in self.in_force() if b.shares_time_with(start_ms, end_ms)]

    def _in_the_way_of(self, booking: Booking, now_ms: int) -> list[Booking]:
        return [b for b in self._overlapping(now_ms, max(now_ms + 1, booking.start_ms)) if b is not booking]

    def _unavailable(self) -> Refused:
        return Refused("PointUnavailable", {"point_status": "INOPERATIVE" if self.fault is None else "OUTOFORDER"})

    def _taken(self, start_ms: int, end_ms: int, now_ms: int) -> Refused:
        taken, length_ms = self._overlapping(start_ms, end_ms)[0], end_ms - start_ms
        tries = [start_ms, *(b.end_ms for b in self.in_force() if b.end_ms > start_ms)]
        free_ms = min(t for t in tries if not self._overlapping(t, t + length_ms))
        soon = free_ms <= now_ms + self.spec.terms.horizon_s * 1000
        fields = {"taken_start_ms": taken.start_ms, "taken_end_ms": taken.end_ms}
        fields |= {"next_free_start_ms": free_ms, "next_free_end_ms": free_ms + length_ms} if soon else {}
        return Refused("WindowTaken", {"next_free_start_ms": None, "next_free_end_ms": None, **fields})

    def _charge(self, booking: Booking, room_wh: int | None, now_ms: int) -> None:
        seq = self._happened(now_ms)
        booking.status, booking.start_ms = "ACTIVE", min(booking.start_ms, now_ms)
        booking.epoch, booking.seq = self.epoch, seq
        charge = Charge(
            id=f"{self.point_id}.s{self.epoch}-{seq}",
            reservation_id=booking.id,
            driver_id=booking.driver_id,
            started_ms=now_ms,
            max_power_w=self.spec.max_power_w,
            max_energy_wh=room_wh,
            price_per_kwh_minor=booking.price_per_kwh_minor,
            currency=booking.currency,
            epoch=self.epoch,
            seq=seq,
        )
        self.charges.append(charge)

    def _finish(self, charge: Charge, energy_wh: int, end_ms: int, reason: str) -> None:
        failed = reason == "fault"
        charge.status, charge.reason = ("INVALID" if failed else "COMPLETED"), reason
        charge.energy_wh, charge.ended_ms = energy_wh, end_ms
        charge.cost_minor = 0 if failed else price_of(energy_wh, charge.price_per_kwh_minor)
        charge.epoch, charge.seq = self.epoch, self.seq
        (booking,) = [b for b in self.bookings if b.id == charge.reservation_id]
        self._release(booking, "CANCELED" if failed else "FULFILLED", end_ms, reason)

    def _release(self, booking: Booking, status: str, released_ms: int, reason: str) -> None:
        booking.status, booking.released_ms, booking.reason = status, released_ms, reason
        booking.epoch, booking.seq = self.epoch, self.seq
