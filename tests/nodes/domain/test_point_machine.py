"""The whole domain against the naive model, over long random histories in a small universe of minutes.

``RECARGA_LONG=1`` looks much longer.
"""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

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
from tests.nodes.domain import invariants
from tests.nodes.domain.comparison import check_same, check_same_alarm, check_same_status, outcome_of
from tests.nodes.domain.examples import DAY_MS, MINUTE_MS, POINT_ID, SECOND_MS, at, spec
from tests.nodes.domain.naive_energy import limit_wh
from tests.nodes.domain.naive_model import NaiveModel
from tests.nodes.domain.recorded_point import RecordedPoint

GRID_MS = 5 * MINUTE_MS
NUDGES_MS = st.sampled_from([0, 0, 0, 0, 0, 0, -1, 1])
PICKS = st.integers(0, 3)
DRIVERS = st.sampled_from(["ana", "bia", "caio"])
WHOSE = st.sampled_from(["theirs", "theirs", "theirs", "anybody", "ana"])
ROOMS_WH = st.sampled_from([None, None, None, 0, 3, 20_000])
PAUSES_MS = st.sampled_from([0, SECOND_MS, MINUTE_MS, GRID_MS])
READINGS = st.sampled_from(["most", "most", "half", "half", "one more", "same", "one less", "too much", "negative"])
TRIPS = st.sampled_from(["server2.trip.t1-1", "server2.trip.t1-1", "server9.trip.t3-7"])
STOPS = st.integers(0, 2)
EDGES = st.sampled_from(["tolerance", "horizon", "shortest", "longest", "inverted", "empty"])
STEPS_MS = st.sampled_from([1, 999, SECOND_MS, MINUTE_MS, GRID_MS, GRID_MS, 2 * GRID_MS, 3 * GRID_MS])
SPECS = st.builds(
    spec,
    max_power_w=st.sampled_from([7_400, 60_001, 5_000_000, 1]),
    price_per_kwh_minor=st.sampled_from([99, 151, 100_000_000, 1, 0]),
    currency=st.sampled_from(["BRL", "EUR"]),
    cancel_until_s=st.sampled_from([0, 300, 600]),
    early_start_s=st.sampled_from([300, 900, 7_200, 0]),
    no_show_s=st.sampled_from([900, 7_200, 300, 7_200, 0]),
    late_stop_s=st.sampled_from([600, 300, 900, 0]),
    min_window_s=st.sampled_from([1, 300, 600]),
    max_window_s=st.sampled_from([3_600, 1_800, 86_400, 600]),
    horizon_s=st.sampled_from([7_200, 7_776_000, 7_200, 1_800, 0]),
)

TERMS_CHANGES = st.dictionaries(
    st.sampled_from(["no_show_s", "late_stop_s", "min_window_s", "max_window_s"]),
    st.sampled_from([0, 60, 900]),
    max_size=2,
)

LONG = os.environ.get("RECARGA_LONG") == "1"
QUICK_RUN = settings(max_examples=240, stateful_step_count=60)
LONG_RUN = settings(max_examples=6_000, stateful_step_count=120)


class PointMachine(RuleBasedStateMachine):
    """Every rule asks the same of both; after every step both must agree, and the promises must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.clock_ms = at(0)

    @initialize(point_spec=SPECS)
    def appear(self, point_spec: PointSpec) -> None:
        self.recorded = RecordedPoint(POINT_ID, point_spec)
        self.model = NaiveModel(POINT_ID, point_spec)
        self.ask(PlugIn("ana"))
        self.ask(CreatePoint(point_spec))

    def ask(self, command: Command) -> None:
        now_ms = self.model.time_ms(self.clock_ms)
        self.model.pass_time(now_ms)
        self.recorded.settle(self.clock_ms)
        check_same(self.recorded, self.model)
        invariants.check_alarm(self.recorded, self.clock_ms)
        check_same_alarm(self.recorded, self.model, now_ms)
        expected = self.model.handle(command, now_ms)
        assert outcome_of(self.recorded.handle(command, self.clock_ms)) == expected
        check_same(self.recorded, self.model)
        check_same_status(self.recorded, self.model, now_ms)
        invariants.check_no_double_booking(self.recorded)
        invariants.check_one_session(self.recorded)
        invariants.check_promises(self.recorded)
        invariants.check_energy_and_cost(self.recorded)
        invariants.check_witnesses(self.recorded)
        invariants.check_calendar(self.recorded)

    # Time and the operator.

    @rule(step_ms=STEPS_MS)
    def wait(self, step_ms: int) -> None:
        self.clock_ms += step_ms
        self.ask(Tick())

    @rule(pick=PICKS, nudge_ms=NUDGES_MS, ticking=st.booleans())
    def wait_for_a_deadline(self, pick: int, nudge_ms: int, ticking: bool) -> None:
        deadlines: set[int] = set()
        for booking in self.model.in_force():
            deadlines |= {booking.start_ms, booking.end_ms, self.model.no_show_ms(booking)}
            deadlines |= {self.model.cancel_until_ms(booking), self.model.start_from_ms(booking)}
        future = sorted(deadline for deadline in deadlines if deadline > self.clock_ms)
        if future:
            self.clock_ms = future[pick % len(future)] + nudge_ms
        if ticking:
            self.ask(Tick())

    @rule(leap_ms=st.sampled_from([-1, -MINUTE_MS, -GRID_MS, -6 * GRID_MS, 13 * GRID_MS, DAY_MS, 400 * DAY_MS]))
    def clock_leaps(self, leap_ms: int) -> None:
        self.clock_ms += leap_ms

    @rule(deed=st.sampled_from(["fail", "fail otherwise", "maintain", "repair", "repair", "repair", "repair"]))
    def operate(self, deed: str) -> None:
        match deed:
            case "fail":
                self.ask(ReportFault("no voltage"))
            case "fail otherwise":
                self.ask(ReportFault("no network"))
            case "maintain":
                self.ask(ChangePoint(maintenance=True))
            case _:
                self.ask(ClearFault())
                self.ask(ChangePoint(maintenance=False))

    @rule(point_spec=SPECS, create=st.sampled_from([False, False, True]))
    def specify(self, point_spec: PointSpec, create: bool) -> None:
        self.ask(CreatePoint(point_spec) if create else ChangePoint(spec=point_spec))

    @rule(price=st.sampled_from([None, 7, 0, -1]), terms_s=TERMS_CHANGES, maintenance=st.sampled_from([None, False]))
    def adjust(self, price: int | None, terms_s: dict[str, int], maintenance: bool | None) -> None:
        terms = tuple(terms_s.items())
        self.ask(ChangePoint(price_per_kwh_minor=price, terms=terms, maintenance=maintenance))

    @rule()
    def restart(self) -> None:
        invariants.check_recovery(self.recorded)
        self.recorded.restart()
        self.model.epoch += 1

    # Drivers and their windows.

    @rule(driver=DRIVERS, slot=st.integers(-1, 12), slots=st.integers(1, 6), nudge_ms=NUDGES_MS)
    def reserve(self, driver: str, slot: int, slots: int, nudge_ms: int) -> None:
        start_ms = (self.clock_ms // GRID_MS + slot) * GRID_MS
        self.ask(Reserve(driver, start_ms, start_ms + slots * GRID_MS + nudge_ms))

    @rule(driver=DRIVERS, pick=PICKS, before=st.booleans(), slots=st.integers(1, 3), nudge_ms=NUDGES_MS)
    def reserve_next_to_another(self, driver: str, pick: int, before: bool, slots: int, nudge_ms: int) -> None:
        others = self.model.in_force()
        if others:
            other = others[pick % len(others)]
            start_ms = nudge_ms + (other.start_ms - slots * GRID_MS if before else other.end_ms)
            self.ask(Reserve(driver, start_ms, start_ms + slots * GRID_MS))

    @rule(driver=DRIVERS, duration_s=st.sampled_from([0, 59, 300, 600, 1_500, 100_000]))
    def reserve_now(self, driver: str, duration_s: int) -> None:
        self.ask(ReserveNow(driver, duration_s))

    @rule(driver=DRIVERS, edge=EDGES, nudge_ms=NUDGES_MS)
    def reserve_on_the_edge(self, driver: str, edge: str, nudge_ms: int) -> None:
        now_ms, terms = self.model.time_ms(self.clock_ms), self.model.spec.terms
        start_ms, length_ms = now_ms, max(GRID_MS, terms.min_window_s * SECOND_MS)
        match edge:
            case "tolerance":
                start_ms += nudge_ms - 60 * SECOND_MS
                length_ms += 60 * SECOND_MS
            case "horizon":
                start_ms += nudge_ms + terms.horizon_s * SECOND_MS
            case "shortest":
                length_ms = nudge_ms + terms.min_window_s * SECOND_MS
            case "longest":
                length_ms = nudge_ms + terms.max_window_s * SECOND_MS
            case "inverted":
                length_ms = -length_ms
            case _:
                length_ms = 0
        self.ask(Reserve(driver, start_ms, start_ms + length_ms))

    @precondition(lambda self: self.model.in_force())
    @rule(pick=PICKS, whose=WHOSE)
    def cancel(self, pick: int, whose: str) -> None:
        reservation_id, driver = self.a_reservation(pick)
        self.ask(Cancel(reservation_id, _named(whose, driver)))

    # Trips, whose coordinator may ask for anything at any time.

    @rule(
        trip=TRIPS,
        stop=STOPS,
        driver=DRIVERS,
        slot=st.integers(-1, 8),
        slots=st.integers(1, 4),
        nudge_ms=NUDGES_MS,
        points=st.sampled_from([(), ("server2.a",), ("server2.a", "server3.b")]),
    )
    def prepare_stop(
        self, trip: str, stop: int, driver: str, slot: int, slots: int, nudge_ms: int, points: tuple[str, ...]
    ) -> None:
        start_ms = (self.clock_ms // GRID_MS + slot) * GRID_MS
        end_ms = start_ms + slots * GRID_MS + nudge_ms
        self.ask(PrepareStop(trip, stop, driver, start_ms, end_ms, points))

    @precondition(lambda self: self.model.promised())
    @rule(pick=PICKS, trip=st.none() | TRIPS)
    def commit_stop(self, pick: int, trip: str | None) -> None:
        promised = self.model.promised()
        booking = promised[pick % len(promised)]
        assert booking.trip_id is not None
        self.ask(CommitStop(booking.id, booking.trip_id if trip is None else trip))

    @precondition(lambda self: any(booking.trip_id for booking in self.model.bookings))
    @rule(pick=PICKS)
    def commit_stop_again(self, pick: int) -> None:
        stops = [booking for booking in self.model.bookings if booking.trip_id is not None]
        booking = stops[-1 - pick % len(stops)]
        assert booking.trip_id is not None
        self.ask(CommitStop(booking.id, booking.trip_id))

    @rule(trip=TRIPS, stop=STOPS, is_replaced=st.booleans())
    def abort_stop(self, trip: str, stop: int, is_replaced: bool) -> None:
        self.ask(AbortStop(trip, stop, is_replaced))

    # Plugging in, metering, unplugging.

    @rule(driver=DRIVERS, first=st.integers(1, 4), slots=st.integers(1, 3), gap=st.integers(0, 1))
    def reserve_in_a_row(self, driver: str, first: int, slots: int, gap: int) -> None:
        for turn in range(3):
            start_ms = (self.clock_ms // GRID_MS + first + turn * (slots + gap)) * GRID_MS
            self.ask(Reserve(driver, start_ms, start_ms + slots * GRID_MS))

    @precondition(lambda self: self.model.in_force())
    @rule(pick=PICKS, nudge_ms=NUDGES_MS, early=st.booleans(), room_wh=ROOMS_WH)
    def come_and_start(self, pick: int, nudge_ms: int, early: bool, room_wh: int | None) -> None:
        in_force = self.model.in_force()
        booking = in_force[pick % len(in_force)]
        due_ms = self.model.start_from_ms(booking) if early else booking.start_ms
        self.clock_ms = max(self.clock_ms, due_ms + nudge_ms)
        self.ask(StartReservation(booking.id, booking.driver_id, room_wh))

    @precondition(lambda self: self.model.in_force())
    @rule(pick=PICKS, whose=WHOSE, room_wh=ROOMS_WH)
    def start_reservation(self, pick: int, whose: str, room_wh: int | None) -> None:
        reservation_id, driver = self.a_reservation(pick)
        self.ask(StartReservation(reservation_id, _named(whose, driver), room_wh))

    @rule(driver=DRIVERS, slots=st.none() | st.integers(-1, 6), nudge_ms=NUDGES_MS, room_wh=ROOMS_WH)
    def plug_in(self, driver: str, slots: int | None, nudge_ms: int, room_wh: int | None) -> None:
        starts = [booking.start_ms for booking in self.model.in_force() if booking.start_ms > self.clock_ms]
        end_ms = None if slots is None else (self.clock_ms // GRID_MS + slots) * GRID_MS + nudge_ms
        if slots == 0 and starts:
            end_ms = starts[0] + nudge_ms
        self.ask(PlugIn(driver, end_ms, room_wh))

    @precondition(lambda self: self.model.in_force())
    @rule(driver=DRIVERS, before_ms=st.sampled_from([1, SECOND_MS, MINUTE_MS, GRID_MS]))
    def plug_in_just_before_another(self, driver: str, before_ms: int) -> None:
        self.clock_ms = max(self.clock_ms, self.model.in_force()[0].start_ms - before_ms)
        self.ask(PlugIn(driver))

    @precondition(lambda self: self.model.running())
    @rule(pause_ms=PAUSES_MS, reading=READINGS, whose=WHOSE)
    def meter(self, pause_ms: int, reading: str, whose: str) -> None:
        self.clock_ms += pause_ms
        session_id, driver = self.a_session()
        self.ask(Meter(session_id, self.a_reading(reading), _named(whose, driver)))

    @precondition(lambda self: self.model.running())
    @rule(pause_ms=PAUSES_MS, reading=st.none() | READINGS, whose=WHOSE)
    def stop(self, pause_ms: int, reading: str | None, whose: str) -> None:
        self.clock_ms += pause_ms
        session_id, driver = self.a_session()
        self.ask(Stop(session_id, None if reading is None else self.a_reading(reading), _named(whose, driver)))

    @precondition(lambda self: self.model.running())
    @rule(pause_ms=PAUSES_MS, failing=st.booleans())
    def charge_to_the_end(self, pause_ms: int, failing: bool) -> None:
        self.clock_ms += pause_ms
        session_id, driver = self.a_session()
        self.ask(Meter(session_id, self.a_reading("most"), driver))
        if failing:
            self.ask(ReportFault("cable cut"))
            self.ask(ClearFault())
        else:
            self.ask(Stop(session_id))

    @rule(pick=PICKS)
    def ask_of_what_is_over(self, pick: int) -> None:
        over = [b.id for b in self.model.bookings if not b.in_force] or [f"{POINT_ID}.r9-9"]
        ended = [c.id for c in self.model.charges if c.status != "ACTIVE"] or [f"{POINT_ID}.s9-9"]
        commands: list[Command] = [Cancel(over[-1]), StartReservation(over[-1]), Meter(ended[-1], 0), Stop(ended[-1])]
        self.ask(commands[pick])

    # What the rules pick from.

    def a_reservation(self, pick: int) -> tuple[str, str]:
        known = [(b.id, b.driver_id) for b in self.model.in_force()]
        return known[pick % len(known)]

    def a_session(self) -> tuple[str, str]:
        charge = self.model.running()
        assert charge is not None
        return charge.id, charge.driver_id

    def a_reading(self, reading: str) -> int:
        charge = self.model.running()
        assert charge is not None
        last_wh, most_wh = charge.energy_wh, limit_wh(charge, self.model.time_ms(self.clock_ms))
        readings = {"most": most_wh, "half": (last_wh + most_wh) // 2, "one more": last_wh + 1, "same": last_wh}
        return {**readings, "one less": last_wh - 1, "too much": most_wh + 1, "negative": -1}[reading]

    def teardown(self) -> None:
        if hasattr(self, "recorded"):
            invariants.check_recovery(self.recorded)


def _named(whose: str, driver: str) -> str | None:
    return {"theirs": driver, "anybody": None}.get(whose, whose)


TestPoint: Any = PointMachine.TestCase
TestPoint.settings = settings(
    LONG_RUN if LONG else QUICK_RUN, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
