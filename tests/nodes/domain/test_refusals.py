"""Refusals are values with a text for people."""

import pytest

from nodes.domain import refusals
from nodes.domain.point import PointStatus
from nodes.domain.refusals import Refusal
from tests.nodes.domain.examples import POINT_ID, at

EXAMPLES: list[tuple[Refusal, str]] = [
    (refusals.UnknownPoint(POINT_ID), POINT_ID),
    (refusals.PointExists(POINT_ID), POINT_ID),
    (refusals.PointInvalid("name: expected 1 to 200 characters"), "name: expected"),
    (refusals.PointUnavailable(PointStatus.OUTOFORDER), "out of order"),
    (refusals.PointUnavailable(PointStatus.INOPERATIVE), "under maintenance"),
    (refusals.PointOccupied(at(3)), str(at(3))),
    (refusals.WindowInvalid(at(3), at(2)), str(at(2))),
    (refusals.WindowInPast(at(0), at(2)), "120000 ms ago"),
    (refusals.WindowTooShort(1_000, 300), "300 s"),
    (refusals.WindowTooLong(1_000, 300), "300 s"),
    (refusals.WindowBeyondHorizon(at(9), at(8)), str(at(8))),
    (refusals.WindowTaken(at(1), at(2), at(5), at(6)), f"free from {at(5)}"),
    (refusals.UnknownReservation("r"), "no reservation r"),
    (refusals.ReservationOver("r", "ACTIVE"), "r is ACTIVE"),
    (refusals.ReservationPending("a.b.r1-2", "a.trip.t1-1"), "a.trip.t1-1"),
    (refusals.TooLateToCancel(at(4)), str(at(4))),
    (refusals.TooEarlyToStart(at(4)), str(at(4))),
    (refusals.UnknownSession("s"), "no session s"),
    (refusals.SessionOver("s", "INVALID"), "s is INVALID"),
    (refusals.MeterWentBack(1, 2), "1 Wh"),
    (refusals.EnergyImplausible(7, 5), "5 Wh"),
]


@pytest.mark.parametrize(("refusal", "part"), EXAMPLES, ids=[type(refusal).__name__ for refusal, _ in EXAMPLES])
def test_the_text_says_what_a_person_needs(refusal: Refusal, part: str) -> None:
    """The text is the problem's detail in the API: a class name would help nobody."""
    assert part in str(refusal)


def test_every_refusal_has_a_text_and_stands_in_the_overview() -> None:
    """The overview is how a newcomer finds the leaf that the API turns into a problem type."""
    leaves = {leaf.__name__ for leaf in Refusal.__subclasses__()}
    assert leaves == {type(refusal).__name__ for refusal, _ in EXAMPLES}
    assert refusals.__doc__ is not None
    assert leaves <= set(refusals.__doc__.replace(",", " ").split())


def test_a_window_without_an_offer_offers_nothing() -> None:
    """'free from None' is not an answer."""
    assert "free" not in str(refusals.WindowTaken(at(1), at(2), None, None))
