"""Reserving a window: what is lawful, what is free, and what a refused driver is told."""

import pytest

from nodes.domain.commands import ChangePoint, ReportFault, Reserve, ReserveNow
from nodes.domain.events import ReservationReserved
from nodes.domain.point import PointStatus
from nodes.domain.refusals import (
    PointUnavailable,
    UnknownPoint,
    WindowBeyondHorizon,
    WindowInPast,
    WindowInvalid,
    WindowTaken,
    WindowTooLong,
    WindowTooShort,
)
from nodes.domain.reservation import ReservationStatus
from tests.nodes.domain.examples import MINUTE_MS, POINT_ID, SECOND_MS, accepted, at, new_point, refused, reserved, spec
from tests.nodes.domain.recorded_point import RecordedPoint


def test_a_reservation_holds_the_price_of_the_day_it_was_made() -> None:
    """A driver pays what was agreed, whatever the operator does to the price later."""
    point = new_point(spec(price_per_kwh_minor=150, currency="EUR"))
    reservation = reserved(point, at(10), at(40), at(0))
    accepted(point, ChangePoint(spec=spec(price_per_kwh_minor=999, currency="BRL")), at(1))
    assert (reservation.price_per_kwh_minor, reservation.currency) == (150, "EUR")
    assert (reservation.status, reservation.driver_id) == (ReservationStatus.RESERVED, "ana")
    assert (reservation.start_ms, reservation.end_ms, reservation.created_ms) == (at(10), at(40), at(0))


def test_an_id_names_the_event_that_made_it() -> None:
    """Ids are the witness (epoch, seq), so they never repeat, not even after a restart."""
    point = new_point()
    assert reserved(point, at(10), at(20), at(0)).id == f"{POINT_ID}.r1-2"
    point.restart()
    assert reserved(point, at(20), at(30), at(0)).id == f"{POINT_ID}.r2-3"


def test_a_point_that_was_not_created_takes_nothing() -> None:
    """A request may name any point; only an operator brings one into being."""
    point = RecordedPoint(POINT_ID, spec())
    assert refused(point, Reserve("ana", at(10), at(20)), at(0)) == UnknownPoint(POINT_ID)
    assert point.point.seq == 0


def test_windows_that_touch_are_both_taken() -> None:
    """Half-open windows: back-to-back bookings are how a busy point earns its keep."""
    point = new_point()
    reserved(point, at(20), at(30), at(0))
    reserved(point, at(10), at(20), at(0), driver="bia")
    reserved(point, at(30), at(40), at(0), driver="caio")
    assert len(point.point.calendar) == 3


@pytest.mark.parametrize("window", [(10, 20 + 1 / 60_000), (30 - 1 / 60_000, 40), (22, 28), (15, 35), (20, 30)])
def test_one_shared_millisecond_is_refused(window: tuple[float, float]) -> None:
    """Two vehicles cannot be plugged in for one millisecond either (P1)."""
    point = new_point(spec(min_window_s=1))
    reserved(point, at(20), at(30), at(0))
    answer = refused(point, Reserve("bia", at(window[0]), at(window[1])), at(0))
    assert isinstance(answer, WindowTaken)
    assert (answer.taken_start_ms, answer.taken_end_ms) == (at(20), at(30))


def test_a_refused_driver_is_told_the_next_free_window_of_that_length() -> None:
    """The gap of five minutes is skipped: an offer must fit the wish it answers."""
    point = new_point()
    reserved(point, at(20), at(30), at(0))
    reserved(point, at(35), at(50), at(0))
    answer = refused(point, Reserve("bia", at(25), at(32)), at(0))
    assert answer == WindowTaken(at(20), at(30), at(50), at(57))


def test_the_earliest_window_in_the_way_is_named() -> None:
    """With several in the way, the first one is what the driver can still wait for."""
    point = new_point()
    reserved(point, at(30), at(40), at(0))
    reserved(point, at(10), at(20), at(0))
    answer = refused(point, Reserve("bia", at(0), at(60)), at(0))
    assert answer == WindowTaken(at(10), at(20), at(40), at(100))


def test_no_window_is_offered_that_would_itself_be_refused() -> None:
    """The next free window starts one millisecond past the horizon: offering it would send the driver in a circle."""
    point = new_point(spec(horizon_s=1_800))
    reserved(point, at(20), at(30) + 1, at(0))
    assert refused(point, Reserve("bia", at(20), at(30)), at(0)) == WindowTaken(at(20), at(30) + 1, None, None)
    assert refused(point, Reserve("bia", at(20), at(30)), at(0) + 1) == WindowTaken(
        at(20), at(30) + 1, at(30) + 1, at(40) + 1
    )


@pytest.mark.parametrize("length_ms", [0, -1, -MINUTE_MS])
def test_a_window_must_end_after_it_starts(length_ms: int) -> None:
    """An empty or inverted window overlaps nothing, so only this rule keeps it out of the calendar."""
    answer = refused(new_point(), Reserve("ana", at(10), at(10) + length_ms), at(0))
    assert answer == WindowInvalid(at(10), at(10) + length_ms)


def test_a_start_a_minute_ago_is_taken_as_now() -> None:
    """Requests travel and clocks differ; the window still never reaches into the past."""
    point = new_point()
    reservation = reserved(point, at(0) - 60 * SECOND_MS, at(20), at(0))
    assert (reservation.start_ms, reservation.end_ms) == (at(0), at(20))


def test_a_start_more_than_a_minute_ago_is_refused() -> None:
    """One millisecond past the tolerance the driver hears of the wrong clock."""
    early_ms = at(0) - 60 * SECOND_MS - 1
    assert refused(new_point(), Reserve("ana", early_ms, at(20)), at(0)) == WindowInPast(early_ms, at(0))


def test_a_window_that_lies_in_the_past_is_refused_within_the_tolerance_too() -> None:
    """Clamped to now, such a window would end before it starts."""
    answer = refused(new_point(), Reserve("ana", at(0) - 50 * SECOND_MS, at(0) - 20 * SECOND_MS), at(0))
    assert isinstance(answer, WindowInPast | WindowTooShort)


@pytest.mark.parametrize(("length_s", "taken"), [(299.999, False), (300, True), (1_800, True), (1_800.001, False)])
def test_the_shortest_and_the_longest_window_are_still_taken(length_s: float, taken: bool) -> None:
    """With the horizon these bound how many reservations a point can hold (P10)."""
    point = new_point(spec(min_window_s=300, max_window_s=1_800))
    length_ms = round(length_s * SECOND_MS)
    answer = point.handle(Reserve("ana", at(10), at(10) + length_ms), at(0))
    if taken:
        assert isinstance(answer, list)
    elif length_s < 300:
        assert answer == WindowTooShort(length_ms, 300)
    else:
        assert answer == WindowTooLong(length_ms, 1_800)


def test_a_window_may_start_at_the_horizon_and_not_after_it() -> None:
    """The bound is on the start, inclusive; the window itself may reach past it."""
    point = new_point(spec(horizon_s=1_800))
    assert refused(point, Reserve("ana", at(30) + 1, at(60)), at(0)) == WindowBeyondHorizon(at(30) + 1, at(30))
    assert reserved(point, at(30), at(60), at(0)).start_ms == at(30)


def test_without_a_horizon_only_now_can_be_reserved() -> None:
    """Zero is the term of a point that is first come, first served."""
    point = new_point(spec(horizon_s=0))
    assert refused(point, Reserve("ana", at(0) + 1, at(20)), at(0)) == WindowBeyondHorizon(at(0) + 1, at(0))
    assert reserved(point, at(0), at(20), at(0)).start_ms == at(0)


def test_nothing_is_reserved_on_a_point_under_maintenance_or_out_of_order() -> None:
    """The fault is named where both hold: it is what the operator must see to first."""
    point = new_point()
    accepted(point, ChangePoint(maintenance=True), at(0))
    assert refused(point, Reserve("ana", at(10), at(20)), at(0)) == PointUnavailable(PointStatus.INOPERATIVE)
    accepted(point, ReportFault("no voltage"), at(0))
    assert refused(point, Reserve("ana", at(10), at(20)), at(0)) == PointUnavailable(PointStatus.OUTOFORDER)


def test_a_window_from_now_is_as_long_as_wished() -> None:
    """The seed contract's client names no times: it wants the point now."""
    point = new_point()
    (event,) = accepted(point, ReserveNow("ana", 1_800), at(0))
    assert isinstance(event, ReservationReserved)
    assert (event.start_ms, event.end_ms, event.driver_id) == (at(0), at(30), "ana")


def test_a_window_from_now_ends_where_the_terms_or_the_next_reservation_say() -> None:
    """Part of what was wished is better than nothing, as long as it is worth a charge."""
    for next_start, end in ((40, 40), (5, 5), (60, 60), (61, 60)):
        point = new_point(spec(max_window_s=3_600, min_window_s=300))
        reserved(point, at(next_start), at(next_start + 10), at(0), driver="bia")
        (event,) = accepted(point, ReserveNow("ana", 86_400), at(0))
        assert isinstance(event, ReservationReserved)
        assert (event.start_ms, event.end_ms) == (at(0), at(end))


def test_a_window_from_now_that_would_be_too_short_is_refused() -> None:
    """A millisecond less than the shortest window before the next reservation: the driver hears when it is free."""
    point = new_point(spec(min_window_s=300))
    reserved(point, at(5), at(30), at(0), driver="bia")
    assert refused(point, ReserveNow("ana", 600), at(0) + 1) == WindowTaken(at(5), at(30), at(30), at(40))
    assert refused(point, ReserveNow("ana", 299), at(0)) == WindowTooShort(299_000, 300)
    assert refused(point, ReserveNow("ana", 0), at(0)) == WindowInvalid(at(0), at(0))


def test_a_window_from_now_is_refused_where_now_is_taken() -> None:
    """However much is free later, it is now that was asked for."""
    point = new_point()
    reserved(point, at(0), at(10), at(0), driver="bia")
    assert refused(point, ReserveNow("ana", 600), at(0)) == WindowTaken(at(0), at(10), at(10), at(20))


def test_one_driver_may_hold_several_windows_but_not_the_same_one_twice() -> None:
    """Idempotency is the key's business; to the calendar the same driver is as much in the way as another."""
    point = new_point()
    reserved(point, at(10), at(20), at(0))
    reserved(point, at(20), at(30), at(0))
    assert isinstance(refused(point, Reserve("ana", at(10), at(20)), at(0)), WindowTaken)


def test_a_refusal_leaves_no_trace() -> None:
    """A refused request must not move the point's version: nothing happened."""
    point = new_point()
    before = (point.point.seq, point.point.updated_ms, len(point.journal))
    refused(point, Reserve("ana", at(10), at(9)), at(0))
    assert (point.point.seq, point.point.updated_ms, len(point.journal)) == before
    (event,) = accepted(point, Reserve("ana", at(10), at(20)), at(0))
    assert isinstance(event, ReservationReserved)
    assert point.point.updated_ms == at(0)
