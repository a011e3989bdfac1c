"""P5 and P9 of what the operator changes: an acknowledged change is there, and what it means for others holds."""

from pathlib import Path

import pytest

from sim.audit import Verdict
from sim.audit.evidence import read_evidence
from sim.audit.export.elle import elle_lines
from tests.sim.audit.laboratory import Laboratory
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import RESERVATION, SESSION, Row, RunFolder

P = "server1.a"
MINUTE_MS = 60_000


class Operated:
    """One point, a driver, and an operator who acts between what the driver asks."""

    def __init__(self) -> None:
        self.laboratory = Laboratory()
        self.point = self.laboratory.add_node("server1", "a").points[P]
        self.driver = self.laboratory.add_vehicle()
        self.acts: list[tuple[Row, Row, list[int]]] = []

    def act(self, asked: Row, **change: object) -> None:
        """Change the point, and keep what the operator is told."""
        self.laboratory.wait(1_000)
        self.point.change(self.laboratory.now_ms, **change)  # type: ignore[arg-type] # as the test says
        told = {"price_per_kwh_minor": self.point.spec["price_per_kwh_minor"], "status": "AVAILABLE"}
        told |= {"maintenance": self.point.row["maintenance"], "fault": self.point.row["fault"]}
        self.acts.append((asked, told, [1, self.point.seq]))

    def reserve(self) -> Row:
        """Reserve ten minutes from now on; return what the driver was told."""
        now_ms = self.laboratory.now_ms + MINUTE_MS
        asked = {"driver_id": self.driver.driver_id, "start_ms": now_ms, "end_ms": now_ms + 10 * MINUTE_MS}
        return self.laboratory.ask(self.driver, "reserve", P, **asked).body

    def finish(self) -> RunFolder:
        """Let the operator's answers follow, in their order, at the end of the history."""
        run = self.laboratory.finish()
        for asked, told, witness in self.acts[-1:]:
            run.add_operation("operate", P, asked, "ok", status=200, value=told, witness=witness, key="operator-1")
        return run


def test_a_change_that_is_there_passes(tmp_path: Path) -> None:
    """And is exported to others as a write of the point."""
    operated = Operated()
    operated.act({"price_per_kwh_minor": 250}, price_per_kwh_minor=250)
    run = operated.finish()
    result = run.audit_in(tmp_path)
    assert result.promises["P5"].verdict is Verdict.PASS, result.promises["P5"].violations
    (written,) = (line for line in elle_lines(read_evidence(tmp_path)) if ":ok" in line)
    assert f'[[:w "{P}" "1-2"]]' in written


@pytest.mark.parametrize(
    "asked",
    [{"price_per_kwh_minor": 300}, {"maintenance": True}, {"fault": "no contact"}],
    ids=["price", "maintenance", "fault"],
)
def test_a_change_that_did_not_happen_is_found(tmp_path: Path, asked: Row) -> None:
    """It was acknowledged, and the point is as it was."""
    operated = Operated()
    operated.act({"price_per_kwh_minor": 250}, price_per_kwh_minor=250)
    operated.acts[-1] = (asked, operated.acts[-1][1], operated.acts[-1][2])
    expect(operated.finish(), tmp_path, "P5", "change-unexplained")


def test_a_change_that_is_told_otherwise_is_found(tmp_path: Path) -> None:
    """The operator is told another price than the point has."""
    operated = Operated()
    operated.act({"maintenance": True}, maintenance=True)
    operated.acts[-1][1]["price_per_kwh_minor"] = 1
    expect(operated.finish(), tmp_path, "P5", "change-unexplained")


def test_a_change_without_a_witness_is_found(tmp_path: Path) -> None:
    """Nobody could say when it happened."""
    operated = Operated()
    operated.act({"price_per_kwh_minor": 250}, price_per_kwh_minor=250)
    run = operated.finish()
    del run.completions("operate")[0]["witness"]
    expect(run, tmp_path, "P5", "no-witness")


def test_a_reservation_keeps_its_price_when_the_point_gets_another(tmp_path: Path) -> None:
    """The session is billed as announced; and if it is not, that is found, whichever tables say so."""
    operated = Operated()
    reserved = operated.reserve()
    operated.act({"price_per_kwh_minor": 250}, price_per_kwh_minor=250)
    operated.laboratory.wait(2 * MINUTE_MS)
    operated.laboratory.ask(operated.driver, "start", P, reservation_id=reserved["id"])
    run = operated.finish()
    assert run.audit_in(tmp_path / "right").promises["P9"].verdict is Verdict.PASS
    (event,) = run.events("session.started")
    event["data"]["price_per_kwh_minor"] = run.nodes["server1"][SESSION][0]["price_per_kwh_minor"] = 250
    expect(run, tmp_path / "wrong", "P9", "price-differs")


def test_a_reservation_granted_under_maintenance_is_found(tmp_path: Path) -> None:
    """The journal says that nothing could be reserved."""
    operated = Operated()
    operated.act({"maintenance": True}, maintenance=True)
    operated.point.row["maintenance"] = False
    operated.reserve()
    operated.point.row["maintenance"] = True
    run = operated.finish()
    assert len(run.nodes["server1"][RESERVATION]) == 1
    expect(run, tmp_path, "P5", "grant-unexplained")


def test_a_refusal_for_maintenance_needs_maintenance(tmp_path: Path) -> None:
    """The point was in service again, and went on to refuse."""
    operated = Operated()
    operated.act({"maintenance": True}, maintenance=True)
    operated.act({"maintenance": False}, maintenance=False)
    operated.point.row["maintenance"] = True
    operated.reserve()
    operated.point.row["maintenance"] = False
    expect(operated.finish(), tmp_path, "P5", "refusal-unexplained")
