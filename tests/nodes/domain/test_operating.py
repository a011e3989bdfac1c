"""What the operator does to a point: create, change, maintain, and report faults."""

import pytest

from nodes.domain.commands import ChangePoint, ClearFault, CreatePoint, Meter, PlugIn, ReportFault, Stop, Tick
from nodes.domain.decide import decide
from nodes.domain.events import PointChanged, PointCreated, SessionStopped
from nodes.domain.point import PointStatus
from nodes.domain.refusals import PointExists, PointInvalid, UnknownPoint, UnknownSession
from nodes.domain.reservation import ReservationStatus
from nodes.domain.session import SessionStatus
from tests.nodes.domain.examples import POINT_ID, accepted, at, new_point, plugged_in, refused, reserved, spec
from tests.nodes.domain.recorded_point import RecordedPoint, state_of


def test_a_point_is_created_once() -> None:
    """A points file that is read twice must not reset what happened since."""
    point = RecordedPoint(POINT_ID, spec(name="placeholder"))
    assert accepted(point, CreatePoint(spec(name="Centro")), at(0)) == [PointCreated(spec(name="Centro"))]
    assert (point.point.spec.name, point.point.seq) == ("Centro", 1)
    assert refused(point, CreatePoint(spec(name="Outro")), at(1)) == PointExists(POINT_ID)
    assert point.point.spec.name == "Centro"


def test_before_it_is_created_a_point_is_unknown_to_every_other_command() -> None:
    """Even time passing: an actor may exist before its point does."""
    point = RecordedPoint(POINT_ID, spec())
    for command in (Tick(), ChangePoint(), ReportFault("x"), ClearFault(), PlugIn("ana"), Stop("s"), Meter("s", 0)):
        assert decide(point.point, command, at(0)) == UnknownPoint(POINT_ID)


def test_what_a_change_does_not_name_stays_as_it_is() -> None:
    """A PATCH of the price must not end the maintenance."""
    point = new_point()
    accepted(point, ChangePoint(maintenance=True), at(0))
    accepted(point, ReportFault("no voltage"), at(0))
    assert accepted(point, ChangePoint(spec=spec(price_per_kwh_minor=7)), at(1)) == [
        PointChanged(spec(price_per_kwh_minor=7), maintenance=True, fault="no voltage")
    ]
    accepted(point, ChangePoint(maintenance=False), at(1))
    assert (point.point.spec, point.point.fault) == (spec(price_per_kwh_minor=7), "no voltage")


def test_a_single_price_or_term_can_be_changed() -> None:
    """The API patches fields; sending all of them back would undo what another operator changed in between."""
    point = new_point(spec(price_per_kwh_minor=150, no_show_s=900))
    accepted(point, ChangePoint(name="Centro 02", price_per_kwh_minor=99, terms=(("no_show_s", 60),)), at(0))
    assert point.point.spec == spec(name="Centro 02", price_per_kwh_minor=99, no_show_s=60)


def test_single_fields_come_on_top_of_a_whole_description() -> None:
    """Both may stand in one command; the more special one wins, as its docstring says."""
    point = new_point()
    accepted(point, ChangePoint(price_per_kwh_minor=99, spec=spec(name="Centro 02", price_per_kwh_minor=1)), at(0))
    assert point.point.spec == spec(name="Centro 02", price_per_kwh_minor=99)


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (ChangePoint(name=""), "name: expected 1 to 200 characters, got 0"),
        (ChangePoint(price_per_kwh_minor=-1), "price_per_kwh_minor: expected 0 to 100000000, got -1"),
        (ChangePoint(terms=(("min_window_s", 86_401),)), "min_window_s: 86401 is more than max_window_s 86400"),
        (ChangePoint(maintenance=True, terms=(("no_show_s", -1),)), "no_show_s: expected a whole number of seconds"),
    ],
)
def test_a_change_out_of_range_is_refused_whole(command: ChangePoint, error: str) -> None:
    """Half of a change applied would be neither what was nor what was asked."""
    point = new_point()
    answer = refused(point, command, at(0))
    assert isinstance(answer, PointInvalid)
    assert answer.error.startswith(error)
    assert (point.point.spec, point.point.maintenance, point.point.seq) == (spec(), False, 1)


def test_a_term_that_does_not_exist_is_refused() -> None:
    """A peer of another version may know other terms; its command must get an answer and not end the actor."""
    assert isinstance(refused(new_point(), ChangePoint(terms=(("no_show_ms", 1),)), at(0)), PointInvalid)


def test_a_change_to_what_is_already_so_is_no_event() -> None:
    """Versions move only when something changed, so that views are not told nothing over and over."""
    point = new_point()
    assert accepted(point, ChangePoint(), at(0)) == []
    assert accepted(point, ChangePoint(spec=spec(), maintenance=False), at(0)) == []
    assert accepted(point, ClearFault(), at(0)) == []
    accepted(point, ReportFault("no voltage"), at(0))
    assert accepted(point, ReportFault("no voltage"), at(0)) == []
    assert point.point.seq == 2


def test_a_fault_ends_the_session_unbilled_and_gives_the_window_back() -> None:
    """The driver got no reliable charge: the energy is on record, the price is zero."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, Meter(session.id, 5_000), at(10))
    stopped, changed = accepted(point, ReportFault("cable cut"), at(20))
    assert isinstance(stopped, SessionStopped)
    assert isinstance(changed, PointChanged)
    assert (session.status, session.energy_wh, session.cost_minor) == (SessionStatus.INVALID, 5_000, 0)
    assert (session.ended_ms, session.reason) == (at(20), "fault")
    reservation = point.reservations[session.reservation_id]
    assert (reservation.status, reservation.released_ms) == (ReservationStatus.CANCELED, at(20))
    assert reservation.reason == "fault"
    assert refused(point, Stop(session.id), at(20)) == UnknownSession(session.id)


def test_a_fault_leaves_reservations_to_come_in_force() -> None:
    """It may be repaired in time; only at their deadline are they cancelled."""
    point = new_point()
    plugged_in(point, at(0), at(30))
    later = reserved(point, at(30), at(60), at(0), driver="bia")
    accepted(point, ReportFault("cable cut"), at(10))
    assert later.status is ReservationStatus.RESERVED
    accepted(point, ClearFault(), at(29))
    plugged_in(point, at(30), driver="bia")
    assert point.point.reservations[later.id].status == "ACTIVE"


def test_a_second_fault_replaces_the_first() -> None:
    """The operator sees the latest description; one repair clears it."""
    point = new_point()
    accepted(point, ReportFault("no voltage"), at(0))
    accepted(point, ReportFault("on fire"), at(1))
    assert point.point.fault == "on fire"
    accepted(point, ClearFault(), at(2))
    assert point.point.status(at(2)) is PointStatus.AVAILABLE


def test_a_fault_without_a_description_cannot_be_reported() -> None:
    """Over HTTP an empty text means that the point works again."""
    with pytest.raises(AssertionError):
        ReportFault("")


def test_maintenance_lets_a_running_session_finish() -> None:
    """Whoever is plugged in is charging; the point only takes nobody new."""
    point = new_point()
    session = plugged_in(point, at(0), at(60))
    accepted(point, ChangePoint(maintenance=True), at(10))
    assert point.point.status(at(10)) is PointStatus.INOPERATIVE
    accepted(point, Stop(session.id, 9_000), at(20))
    assert (session.status, session.energy_wh) == (SessionStatus.COMPLETED, 9_000)


def test_the_worst_news_is_the_status() -> None:
    """Fault before maintenance before charging before reserved: what a driver must know first."""
    point = new_point()
    assert point.point.status(at(0)) is PointStatus.AVAILABLE
    reserved(point, at(0), at(60), at(0))
    assert point.point.status(at(0)) is PointStatus.RESERVED
    assert point.point.status(at(60) - 1) is PointStatus.RESERVED
    assert point.point.status(at(60)) is PointStatus.AVAILABLE
    plugged_in(point, at(0))
    assert point.point.status(at(0)) is PointStatus.CHARGING
    accepted(point, ChangePoint(maintenance=True), at(0))
    assert point.point.status(at(0)) is PointStatus.INOPERATIVE
    accepted(point, ReportFault("no voltage"), at(0))
    assert point.point.status(at(0)) is PointStatus.OUTOFORDER


def test_a_journal_replayed_gives_the_same_point() -> None:
    """Recovery is nothing but this; a point that remembers otherwise than it acted breaks P2."""
    point = new_point()
    session = plugged_in(point, at(0), at(30))
    reserved(point, at(50), at(60), at(1), driver="bia")
    accepted(point, Meter(session.id, 100), at(2))
    point.restart()
    accepted(point, ChangePoint(maintenance=True), at(35))
    assert state_of(point.replayed()) == state_of(point.point)
    assert (point.point.epoch, point.point.seq) == (2, len(point.journal))
