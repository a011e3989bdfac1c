"""P2: whatever was acknowledged and is not on disk as it was told is found, and so is a journal with a hole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import ANSWER, JOURNAL, NODE, POINT, RESERVATION, SESSION
from tests.sim.audit.scripted_run import A, C, Script, at, scripted_run

Mutation = Callable[[Script], None]


def lose_reservation_row(script: Script) -> None:
    script.run.nodes["server2"][RESERVATION].clear()


def lose_reservation_without_trace(script: Script) -> None:
    """A disk that lied about its fsync: event, rows and kept answer are all gone, and what is left is consistent."""
    node = script.run.nodes["server2"]
    script.run.drop_event(node[JOURNAL][-1])
    node[RESERVATION].clear()
    node[ANSWER].clear()
    node[POINT][0] |= {"seq": 1, "updated_ms": node[JOURNAL][-1]["at_ms"]}


def lose_journal_row(script: Script) -> None:
    (event,) = script.run.events("session.metered", energy_wh=1_500)
    script.run.nodes["server1"][JOURNAL].remove(event)


def lose_first_journal_row(script: Script) -> None:
    script.run.nodes["server1"][JOURNAL].pop(0)


def hide_the_gap(script: Script) -> None:
    (event,) = script.run.events("session.metered", energy_wh=1_500)
    rows = script.run.nodes["server1"][JOURNAL]
    rows.remove(event)
    for later in rows[event["ver"] - 1 :]:
        later["ver"] -= 1
    script.run.nodes["server1"][NODE][0]["ver"] -= 1


def lose_event_and_close_ranks(script: Script) -> None:
    (event,) = script.run.events("session.metered", energy_wh=1_500)
    script.run.drop_event(event)


def node_is_ahead(script: Script) -> None:
    script.run.nodes["server1"][NODE][0]["ver"] += 1


def node_epoch_fell(script: Script) -> None:
    script.run.nodes["server1"][NODE][0]["epoch"] = 1


def epoch_falls(script: Script) -> None:
    script.run.rows(JOURNAL)[5]["epoch"] = 2


def lose_session_row(script: Script) -> None:
    script.run.nodes["server1"][SESSION].remove(script.session("running"))


def forget_reading(script: Script) -> None:
    script.session("running")["energy_wh"] = 999


def forget_stop(script: Script) -> None:
    script.session("charge")["status"] = "ACTIVE"


def forget_stop_event(script: Script) -> None:
    (event,) = script.run.events("session.stopped", session_id=script.ids["charge"])
    script.run.drop_event(event)


def bill_differs(script: Script) -> None:
    (told,) = script.run.completions("stop", id=script.ids["charge"])
    told["value"]["cost_minor"] += 1


def forget_cancellation(script: Script) -> None:
    """Nobody wrote down that a reservation was given back."""
    (event,) = script.run.events("reservation.released", reservation_id=script.ids["returned"])
    script.run.drop_event(event)
    script.held("returned").update(status="RESERVED", released_ms=None, reason=None)


def another_driver(script: Script) -> None:
    script.held("retried")["driver_id"] = "v1"


def another_window(script: Script) -> None:
    """On disk the window begins a millisecond later than the driver was told, everywhere."""
    script.held("elsewhere")["start_ms"] += 1
    (event,) = script.run.events("reservation.reserved", reservation_id=script.ids["elsewhere"])
    event["data"]["start_ms"] += 1


def another_status(script: Script) -> None:
    script.held("missed")["status"] = "FULFILLED"


def unexplained_row(script: Script) -> None:
    row = script.held("elsewhere") | {"id": f"{C}.r1-7", "start_ms": at(200), "end_ms": at(210)}
    script.run.nodes["server2"][RESERVATION].append(row)


def another_price_of_the_point(script: Script) -> None:
    script.run.row(POINT, A)["price_per_kwh_minor"] += 1


def other_terms(script: Script) -> None:
    script.run.row(POINT, A)["terms"]["no_show_s"] += 1


def acknowledge_nothing(script: Script) -> None:
    (told,) = script.run.completions("reserve", id=script.ids["elsewhere"])
    told["value"]["id"] = None


def start_differs(script: Script) -> None:
    (told,) = script.run.completions("start", id=script.ids["running"])
    told["value"]["started_ms"] += 1


@pytest.mark.parametrize(
    ("mutation", "check"),
    [
        (lose_reservation_row, "reservation-lost"),
        (lose_reservation_row, "row-lost"),
        (lose_reservation_without_trace, "reservation-lost"),
        (lose_journal_row, "ver-gap"),
        (lose_first_journal_row, "ver-gap"),
        (hide_the_gap, "seq-gap"),
        (lose_event_and_close_ranks, "event-lost"),
        (node_is_ahead, "head-differs"),
        (node_epoch_fell, "epoch-fell"),
        (epoch_falls, "epoch-fell"),
        (lose_session_row, "session-lost"),
        (forget_reading, "reading-lost"),
        (forget_stop, "stop-lost"),
        (forget_stop_event, "event-lost"),
        (bill_differs, "stop-differs"),
        (forget_cancellation, "cancel-lost"),
        (another_driver, "reservation-differs"),
        (another_window, "event-lost"),
        (another_status, "row-differs"),
        (unexplained_row, "row-unexplained"),
        (another_price_of_the_point, "row-differs"),
        (other_terms, "row-differs"),
        (acknowledge_nothing, "acknowledged-nothing"),
        (start_differs, "session-differs"),
    ],
)
def test_what_was_lost_is_missed(tmp_path: Path, mutation: Mutation, check: str):
    """Each way to lose what was acknowledged."""
    script = scripted_run().copy()
    mutation(script)
    expect(script.run, tmp_path, "P2", check)


def test_an_event_about_what_was_never_made(tmp_path: Path):
    """The event before it was lost, and numbers were made to fit."""
    script = scripted_run().copy()
    (event,) = script.run.events("reservation.reserved", reservation_id=script.ids["missed"])
    script.run.drop_event(event)
    expect(script.run, tmp_path, "P2", "unknown-in-journal")


def test_the_story_of_a_lost_reservation_says_who_asked_and_what_was_told(tmp_path: Path):
    """Whoever reads it should not have to open the history."""
    script = scripted_run().copy()
    lose_reservation_without_trace(script)
    story = expect(script.run, tmp_path, "P2", "reservation-lost")
    assert story[0] == f"P2 reservation-lost: reservation {script.ids['elsewhere']} was acknowledged and is not there"
    assert "process 7 asks server2: reserve of server2.c driver_id v7, start_ms 2026-05-28 22:16:40.000" in story[1]
    assert f"process 7 is told ok: id {script.ids['elsewhere']}" in story[2]
    assert story[2].endswith("witness 1-2")
    assert len(story) == 3
