"""P7: a view that goes back, or that does not come to be the owner's when all is mended, is found out."""

from pathlib import Path

import pytest

from sim.audit import Verdict
from tests.sim.audit.mutation import expect
from tests.sim.audit.run_folder import NODE, POINT, RunFolder
from tests.sim.audit.scripted_run import A, B, C, D, at, scripted_run


def healed() -> RunFolder:
    run = scripted_run().copy().run
    run.add_line("run", "heal")
    return run


def final(run: RunFolder, point: str) -> list[int]:
    """Return the owner's last version of a point."""
    node = run.nodes[point.partition(".")[0]][NODE][0]
    return [node["epoch"], run.row(POINT, point)["seq"]]


def status_of(run: RunFolder, point: str) -> dict[str, object]:
    running = [row["id"] for row in run.rows("session") if row["point_id"] == point and row["status"] == "ACTIVE"]
    return {"status": "CHARGING", "session_id": running[0]} if running else {}


def all_last_views(run: RunFolder) -> None:
    for node, points in (("server1", (C, D)), ("server2", (A, B))):
        for point in points:
            run.add_view(node, point, final(run, point), last=True, **status_of(run, point))


def test_views_that_come_to_agree_pass(tmp_path: Path):
    """And each comparison counts."""
    run = healed()
    run.add_view("server2", A, [1, 3])
    run.add_view("server2", A, [1, 3])
    run.add_view("server2", A, [1, 5])
    all_last_views(run)
    promise = run.audit_in(tmp_path).promises["P7"]
    assert (promise.verdict, promise.checked, promise.note) == (Verdict.PASS, 3 + 4 + 4, None)


def test_reads_of_views_are_no_reads_of_points(tmp_path: Path):
    """They may be old: P5 does not hear of them."""
    run = healed()
    without = run.audit_in(tmp_path / "without").promises["P5"].checked
    run.add_view("server2", A, [1, 3])
    promise = run.audit_in(tmp_path / "with").promises["P5"]
    assert (promise.verdict, promise.checked) == (Verdict.PASS, without)


def test_a_view_that_goes_back(tmp_path: Path):
    """Whoever asks later is told of an older version, or of an older epoch."""
    run = healed()
    run.add_view("server2", A, [1, 5])
    run.add_view("server2", A, [1, 4])
    story = expect(run, tmp_path, "P7", "view-went-back")
    assert sum("history" in line for line in story) == 4


def test_a_view_that_goes_back_much_later(tmp_path: Path):
    """The highest version ever told counts, not the last one."""
    run = healed()
    for seq in (3, 6, 6, 5):
        run.add_view("server2", A, [1, seq])
    expect(run, tmp_path, "P7", "view-went-back")


def test_views_told_at_the_same_time_have_no_order(tmp_path: Path):
    """Answers may overtake each other."""
    run = healed()
    run.add_view("server2", A, [1, 5])
    run.add_view("server2", A, [1, 4])
    first, first_told, second, second_told, end = run.lines[-5:]
    run.lines[-5:] = [first, second, first_told, second_told, end]
    assert run.audit_in(tmp_path).promises["P7"].verdict is Verdict.PASS


@pytest.mark.parametrize("line", ["crash", "gauges"])
def test_a_node_that_was_started_again_begins_anew(tmp_path: Path, line: str):
    """Its view was in memory; it tells its gauges when it dies."""
    run = healed()
    run.add_view("server2", A, [1, 5])
    if line == "crash":
        run.add_line("nemesis", "crash", node="server2", value={"state": "broken"})
    else:
        run.add_line("run", "gauges", node="server2", value={"gauges": [{"name": "x", "value": 1, "bound": 2}]})
    run.add_view("server2", A, [1, 4])
    assert run.audit_in(tmp_path / "own").promises["P7"].verdict is Verdict.PASS
    run.lines[-4]["node"] = "server1"
    expect(run, tmp_path / "another", "P7", "view-went-back")


@pytest.mark.parametrize(
    "bent",
    [
        {"witness": [1, 5]},
        {"witness": [1, 99]},
        {"stale": True},
        {"status": "OUTOFORDER"},
        {"session_id": "server1.a.s9-9"},
    ],
)
def test_a_last_view_that_is_not_the_owners(tmp_path: Path, bent: dict[str, object]):
    """Another version, the same one called stale, or another state under the same version."""
    run = healed()
    told: dict[str, object] = dict(bent)
    witness = told.pop("witness", final(run, A))
    assert isinstance(witness, list)
    run.add_view("server2", A, witness, last=True, **told)
    expect(run, tmp_path, "P7", "view-differs")


def test_a_point_that_a_node_never_heard_of(tmp_path: Path):
    """It should have."""
    run = healed()
    asked = {"what": "view", "last": True}
    run.add_operation("read", A, asked, "fail", asked_node="server2", error="unknown-point", status=404)
    expect(run, tmp_path, "P7", "view-differs")


@pytest.mark.parametrize("kind", ["gossip_loss", "gossip_forge"])
def test_gossip_that_was_lost_or_forged_is_no_excuse_in_the_end(tmp_path: Path, kind: str):
    """Owners are asked for what is missing or wrong."""
    run = healed()
    run.add_line("nemesis", kind, value={"state": "broken"})
    run.add_view("server2", A, [1, 5], last=True)
    expect(run, tmp_path, "P7", "view-differs")


@pytest.mark.parametrize(("told", "passes"), [([1, 99], True), ([7, 5], True), ([1, 5], False)])
def test_a_lie_may_be_taken_back_and_the_truth_may_not(tmp_path: Path, told: list[int], passes: bool):
    """After gossip was forged only versions count that the owner certainly had when they were told."""
    run = healed()
    run.lines[0]["value"] = {"civil_start_ms": at(600)}
    run.add_line("nemesis", "gossip_forge", value={"state": "broken"})
    run.add_view("server2", A, told)
    run.add_view("server2", A, [1, 4])
    if passes:
        promise = run.audit_in(tmp_path).promises["P7"]
        assert (promise.verdict, promise.violation_count) == (Verdict.PASS, 0)
        assert "may be lies" in (promise.note or "")
    else:
        expect(run, tmp_path, "P7", "view-went-back")


@pytest.mark.parametrize("after_ms", [None, 30_000])
def test_a_view_that_takes_more_than_two_rounds(tmp_path: Path, after_ms: int | None):
    """The laboratory looks on while nobody asks for anything, and says which were late."""
    run = healed()
    late = {"within_ms": 22_500, "after_ms": [0], "late": [{"node": "server2", "point": A, "after_ms": after_ms}]}
    run.add_view("server2", A, final(run, A), last=True)
    in_time = run.copy()
    in_time.add_line("run", "agreement", value=late | {"late": []})
    assert in_time.audit_in(tmp_path / "in time").promises["P7"].verdict is Verdict.PASS
    run.add_line("run", "agreement", value=late)
    expect(run, tmp_path / "late", "P7", "view-late")


def test_a_run_whose_faults_were_not_mended_says_so(tmp_path: Path):
    """A network that is cut in two cannot agree."""
    run = scripted_run().copy().run
    run.add_view("server2", A, [1, 5], last=True)
    promise = run.audit_in(tmp_path).promises["P7"]
    assert promise.verdict is Verdict.PASS
    assert promise.note == "the run does not say that its faults were mended: last views are not compared"


@pytest.mark.parametrize(("seconds", "passes"), [(4, True), (6, False)])
def test_what_time_has_just_done_may_not_have_been_told_yet(tmp_path: Path, seconds: int, passes: bool):
    """A no-show of a moment before the last view is under way; one of before that is not."""
    run = healed()
    script = scripted_run()
    row = run.row("reservation", script.ids["elsewhere"])
    last = final(run, C)
    released = {"status": "NO_SHOW", "released_ms": at(120), "reason": "no-show"}
    epoch, seq = run.add_event(C, "reservation.released", at(120), reservation_id=row["id"], **released)
    row |= released | {"epoch": epoch, "seq": seq}
    read = {"status": "AVAILABLE", "session_id": None, "as_of_ms": at(120) + seconds * 1000}
    run.add_operation("read", C, {"what": "point"}, "ok", status=200, witness=[epoch, seq], value=read)
    run.add_view("server1", C, last, last=True)
    if passes:
        assert run.audit_in(tmp_path).promises["P7"].verdict is Verdict.PASS
    else:
        expect(run, tmp_path, "P7", "view-differs")
