"""A charging point without a node: the windows that are held, and the rules that vehicles notice."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from nodes.domain.terms import Terms
from sim.history import Json

_MS = 1000
Reply = tuple[int, Json]  # HTTP status, JSON data


@dataclass(slots=True)
class Booking:
    """A window, and the session in it once that has begun."""

    id: str
    driver_id: str
    start_ms: int
    end_ms: int
    energy_wh: int = 0
    is_active: bool = False
    is_extended: bool = False


def problem(status: int, slug: str, **members: int) -> Reply:
    """Return a refusal."""
    return status, {"type": f"urn:recarga:problem:{slug}", **members}


class BarePoint:
    """Bookings in order of time. ``pass_time`` comes before every other call: nothing happens here by itself."""

    def __init__(self, point_id: str, price_per_kwh_minor: int, terms: Terms) -> None:
        self._id = point_id
        self._price_per_kwh_minor = price_per_kwh_minor
        self._terms = terms
        self._bookings: list[Booking] = []
        self._cut_off: dict[str, Booking] = {}  # sessions that ended with their window, until their driver unplugs
        self._numbers = count(1)

    def pass_time(self, now_ms: int) -> None:
        """Release no-shows, let sessions run late as far as there is room, end those that are later."""
        bookings = self._bookings
        while bookings:
            first = bookings[0]
            if not first.is_active:
                if min(first.start_ms + self._terms.no_show_s * _MS, first.end_ms) > now_ms:
                    return
            elif first.end_ms > now_ms:
                return
            elif not first.is_extended:
                first.is_extended = True
                late_ms = first.end_ms + self._terms.late_stop_s * _MS
                first.end_ms = min(late_ms, bookings[1].start_ms) if len(bookings) > 1 else late_ms
                continue
            else:
                self._cut_off[first.id] = first
            del bookings[0]

    def is_free(self, start_ms: int, end_ms: int) -> bool:
        """Whether nobody holds any of that window."""
        return self._holder(start_ms, end_ms) is None

    def reserve(self, driver_id: str, start_ms: int, end_ms: int, now_ms: int) -> Reply:
        """Book a window."""
        length_ms = end_ms - start_ms
        if not self._terms.min_window_s * _MS <= length_ms <= self._terms.max_window_s * _MS:
            return problem(422, "window-too-short")
        start_ms = max(start_ms, now_ms)
        if not self.is_free(start_ms, end_ms):
            return problem(409, "window-taken", next_free_start_ms=self._next_free_ms(start_ms, end_ms - start_ms))
        booking = Booking(f"{self._id}-{next(self._numbers)}", driver_id, start_ms, end_ms)
        self._bookings.append(booking)
        self._bookings.sort(key=lambda each: each.start_ms)
        return 201, self._told(booking, "RESERVED", start_ms=start_ms, end_ms=end_ms, driver_id=driver_id)

    def cancel(self, booking_id: str, now_ms: int) -> Reply:
        """Give a window back."""
        booking = self._find(booking_id)
        if booking is None or booking.is_active or now_ms > booking.start_ms - self._terms.cancel_until_s * _MS:
            return problem(409, "too-late-to-cancel")
        self._bookings.remove(booking)
        return 200, self._told(booking, "CANCELED", released_ms=now_ms)

    def start(self, booking_id: str, now_ms: int) -> Reply:
        """Plug in under a booking."""
        booking = self._find(booking_id)
        if booking is None:
            return problem(409, "reservation-over")
        from_ms = booking.start_ms - self._terms.early_start_s * _MS
        if now_ms < from_ms:
            return problem(409, "too-early-to-start", start_from_ms=from_ms)
        holder = self._holder(now_ms, max(now_ms + 1, booking.start_ms))
        if holder is not None and holder is not booking:
            return problem(409, "point-occupied", free_from_ms=holder.end_ms)
        booking.is_active, booking.start_ms = True, now_ms
        return 201, self._told(booking, "ACTIVE", reservation_id=booking.id, started_ms=now_ms)

    def plug_in(self, driver_id: str, end_ms: int, now_ms: int) -> Reply:
        """Book from now on and plug in."""
        holder = self._holder(now_ms, now_ms + 1)
        if holder is not None:
            return problem(409, "point-occupied", free_from_ms=holder.end_ms)
        status, told = self.reserve(driver_id, now_ms, end_ms, now_ms)
        return (status, told) if status >= 400 else self.start(told["id"], now_ms)

    def meter(self, booking_id: str, energy_wh: int) -> Reply:
        """Take a reading."""
        booking = self._find(booking_id)
        if booking is None:
            return problem(409, "session-over")
        booking.energy_wh = energy_wh
        return 200, self._told(booking, "ACTIVE", energy_wh=energy_wh)

    def stop(self, booking_id: str, energy_wh: int, now_ms: int) -> Reply:
        """Unplug."""
        booking = self._cut_off.pop(booking_id, None)
        if booking is None:
            booking = self._find(booking_id)
            if booking is None:
                return problem(404, "unknown-session")
            self._bookings.remove(booking)
            booking.energy_wh = energy_wh
        cost_minor = booking.energy_wh * self._price_per_kwh_minor // 1000
        return 200, self._told(
            booking, "COMPLETED", energy_wh=booking.energy_wh, cost_minor=cost_minor, ended_ms=now_ms
        )

    def _told(self, booking: Booking, status: str, **members: int | str) -> Json:
        return {"id": booking.id, "point_id": self._id, "status": status, **members}

    def _find(self, booking_id: str) -> Booking | None:
        return next((each for each in self._bookings if each.id == booking_id), None)

    def _holder(self, start_ms: int, end_ms: int) -> Booking | None:
        return next((each for each in self._bookings if each.start_ms < end_ms and start_ms < each.end_ms), None)

    def _next_free_ms(self, from_ms: int, length_ms: int) -> int:
        for each in self._bookings:
            if each.end_ms > from_ms:
                if from_ms + length_ms <= each.start_ms:
                    return from_ms
                from_ms = each.end_ms
        return from_ms
