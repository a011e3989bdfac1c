"""The search for an order finds what answers alone show, without a word of any witness; and accuses nobody else."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.laboratory import Laboratory, Pending, Vehicle
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import POINT, RunFolder
from tests.sim.audit.scripted_run import MINUTE_MS, at

P = "server1.p"


class Crowd:
    """Vehicles at one point that ask at the same time."""

    def __init__(self, cars: int = 8) -> None:
        self.laboratory = Laboratory()
        self.node = self.laboratory.add_node("server1", "p")
        self.cars = [self.laboratory.add_vehicle() for _ in range(cars)]

    def ask(self, car: int, start: float, end: float) -> Pending:
        vehicle = self.cars[car]
        asked = {"driver_id": vehicle.driver_id, "start_ms": at(start), "end_ms": at(end)}
        return self.laboratory.invoke(vehicle, "reserve", P, asked, vehicle.new_key())

    def cancel(self, vehicle: Vehicle, name: str) -> Pending:
        return self.laboratory.invoke(vehicle, "cancel", P, {"id": name}, vehicle.new_key())

    def answer(self, *pending: Pending) -> None:
        for each in pending:
            self.laboratory.execute(each)
        for each in pending:
            self.laboratory.deliver(each)

    def one(self, car: int, start: float, end: float) -> str:
        """Ask and be answered; return the reservation's id, or nothing."""
        pending = self.ask(car, start, end)
        self.answer(pending)
        assert pending.reply is not None
        return str(pending.reply.body.get("id", ""))


def note_of(run: RunFolder, folder: Path) -> str:
    result = run.audit_in(folder)
    assert result.verdict is Verdict.PASS, result.to_json()
    return result.promises["P5"].note or ""


def crowded() -> RunFolder:
    """Eight ask for overlapping windows at once, one gives back what it got, and another gets that."""
    crowd = Crowd()
    pending = [crowd.ask(car, 60 + car, 80 + car) for car in range(6)]
    crowd.answer(*reversed(pending))
    reply = pending[5].reply
    assert reply is not None
    crowd.answer(crowd.cancel(crowd.cars[5], reply.body["id"]))
    assert crowd.one(6, 62, 70)
    assert not crowd.one(7, 65, 75)
    return crowd.laboratory.finish()


def test_a_crowd_that_was_told_the_truth_passes(tmp_path: Path):
    """One group of nine requests."""
    assert note_of(crowded(), tmp_path).endswith("black box: 1 group of overlapping windows searched")


def blind(run: RunFolder) -> None:
    """Let no answer carry a witness: other checks have nothing to go by."""
    for line in run.lines:
        line.pop("witness", None)


def refused_for_nothing(run: RunFolder) -> None:
    """The first that was refused is told so of a window that nobody holds."""
    refused = run.completions("reserve", "fail")[-1]
    asked = run.invoke_of(refused)["value"]
    asked["start_ms"], asked["end_ms"] = at(40), at(63)
    granted = run.completions("reserve")[0]
    run.lines.remove(refused)
    run.lines.insert(run.lines.index(granted), refused)
    invoke = next(line for line in run.lines if line.get("value") is asked)
    run.lines.remove(invoke)
    run.lines.insert(1, invoke)


def granted_twice(run: RunFolder) -> None:
    """Both of two that overlap are told yes."""
    refused = run.completions("reserve", "fail")[0]
    granted = run.completions("reserve")[0]
    asked = run.invoke_of(refused)["value"]
    told = granted["value"] | asked | {"id": f"{P}.r1-77"}
    refused |= {"type": "ok", "value": told, "status": 201}
    refused.pop("error")


def granted_before_it_was_given_back(run: RunFolder) -> None:
    """The second driver has its answer before the first began to cancel."""
    cancel = run.completions("cancel")[0]
    invoke = run.invoke_of(cancel)
    for line in (invoke, cancel):
        run.lines.remove(line)
    run.lines[-1:-1] = [invoke, cancel]


@pytest.mark.parametrize("mutation", [granted_twice, granted_before_it_was_given_back, refused_for_nothing])
def test_answers_that_no_order_explains(tmp_path: Path, mutation: Callable[[RunFolder], None]):
    """Found by answers alone."""
    run = crowded()
    mutation(run)
    blind(run)
    for index, line in enumerate(run.lines):
        line["time_ns"] = index
    story = expect(run, tmp_path, "P5", "black-box")
    assert "whatever the witnesses say" in story[0]


def test_what_may_have_been_done_explains_a_refusal(tmp_path: Path):
    """A vehicle that got no answer may have got the window; the disk says that it has."""
    crowd = Crowd()
    lost = crowd.ask(0, 60, 80)
    crowd.laboratory.execute(lost)
    crowd.laboratory.lose(lost)
    assert not crowd.one(1, 70, 90)
    run = crowd.laboratory.finish()
    assert "1 group of" in note_of(run, tmp_path / "there")
    run.row(POINT, P)
    for table in ("reservation", "idempotency_key"):
        (row,) = (row for row in run.rows(table) if lost.key in row.values())
        run.nodes["server1"][table].remove(row)
    expect(run, tmp_path / "gone", "P2", "row-lost")


def test_a_window_that_time_freed_is_left_alone(tmp_path: Path):
    """A no-show is nobody's request: the search ends where it may have come."""
    crowd = Crowd()
    assert crowd.one(0, 10, 40)
    crowd.laboratory.wait(25 * MINUTE_MS)
    crowd.node.points[P].tick(crowd.laboratory.now_ms)
    assert crowd.one(1, 26, 39)
    assert note_of(crowd.laboratory.finish(), tmp_path).endswith("1 changed by something else before")


def test_a_window_in_use_is_left_alone(tmp_path: Path):
    """What plugging in and unplugging do to it is not modelled."""
    crowd = Crowd()
    name = crowd.one(0, 1, 40)
    crowd.laboratory.wait(2 * MINUTE_MS)
    session = crowd.laboratory.ask(crowd.cars[0], "start", P, reservation_id=name).body["id"]
    crowd.laboratory.wait(2 * MINUTE_MS)
    crowd.laboratory.ask(crowd.cars[0], "stop", P, id=session, energy_wh=0)
    assert crowd.one(1, 10, 30)
    assert note_of(crowd.laboratory.finish(), tmp_path).endswith("1 changed by something else before")


def test_windows_that_only_touch_are_two_groups(tmp_path: Path):
    """Windows are half-open; a group is as small as can be."""
    crowd = Crowd()
    for start in (60, 80):
        assert crowd.one(0, start, start + 20)
        assert not crowd.one(1, start, start + 20)
    assert "black box: 2 groups" in note_of(crowd.laboratory.finish(), tmp_path)


def test_many_requests_are_searched_from_the_first_on(tmp_path: Path):
    """The search is bounded; a contradiction among the first ones is found all the same."""
    crowd = Crowd(cars=200)
    pending = [crowd.ask(car, 60, 80) for car in range(200)]
    crowd.answer(*pending)
    run = crowd.laboratory.finish()
    assert "black box: 1 group" in note_of(run, tmp_path / "good")
    granted_twice(run)
    blind(run)
    expect(run, tmp_path / "bad", "P5", "black-box")


def test_without_a_key_what_became_of_a_request_stays_unknown(tmp_path: Path):
    """The search ends where it was asked."""
    crowd = Crowd()
    asked = {"driver_id": "v0", "start_ms": at(60), "end_ms": at(80)}
    lost = crowd.laboratory.invoke(crowd.cars[0], "reserve", P, asked, None)
    crowd.laboratory.execute(lost)
    crowd.laboratory.lose(lost)
    assert not crowd.one(1, 70, 90)
    assert note_of(crowd.laboratory.finish(), tmp_path).endswith("1 changed by something else before")
