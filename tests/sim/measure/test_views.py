"""How far behind views were, and whether that is why drivers were refused."""

from pathlib import Path

from sim.measure.databases import NodeDatabase, read_databases
from sim.measure.recording import Recording, read_recording
from sim.measure.views import Staleness, refused_by_view, staleness, staleness_figures
from tests.sim.measure.made_run import START_MS, MadeRun


def _read(run: MadeRun, tmp_path: Path) -> tuple[Recording, list[NodeDatabase]]:
    path = run.write(tmp_path / "run")
    return read_recording(path / "history.jsonl"), read_databases(path / "nodes", run.nodes)


def test_a_refusal_is_sorted_by_what_its_driver_had_seen(tmp_path: Path) -> None:
    """Stale gossip is the network's fault, being overtaken is not, and asking in spite of it is the driver's."""
    run = MadeRun()
    for seq, civil_s in ((1, 100), (2, 200), (3, 300)):
        run.happened("server2.p1", civil_s, seq)
    run.refused(10, point="server2.p1", witness=(1, 3), seen=(3, 400))
    run.refused(11, point="server2.p1", witness=(1, 3), seen=(2, 290))
    run.refused(12, point="server2.p1", witness=(1, 3), seen=(2, 310))
    run.refused(13, point="server2.p1", witness=(1, 3), seen=(1, 310))
    run.refused(14, point="server2.p1", witness=(1, 3))
    run.request(15, point="server2.p1", witness=(1, 3), seen=(1, 310))
    run.request(16, point="server2.p1", kind="fail", error="point-busy", status=429, seen=(1, 310))
    recording, databases = _read(run, tmp_path)
    found = refused_by_view(recording.views, databases)
    assert (found.refused, found.fresh, found.overtaken, found.stale, found.unseen) == (5, 1, 1, 2, 1)


def test_a_view_is_behind_since_the_first_event_that_it_lacks(tmp_path: Path) -> None:
    """In the history's time: civil time is 60 times as fast here."""
    run = MadeRun(scale=60)
    for seq, civil_s in ((1, 100), (2, 200), (3, 300)):
        run.happened("server2.p1", civil_s, seq)
    run.request(5.0, 0.0, f="read", asked="view", point="server2.p1", witness=(1, 1))
    run.request(5.5, 0.0, f="read", asked="view", point="server2.p1", witness=(1, 3))
    run.request(6.0, 0.0, f="read", asked="point", point="server2.p1", witness=(1, 1))
    run.request(7.0, 0.0, point="server2.p1", seen=(2, 360))
    run.request(8.0, 0.0, point="server1.p1", seen=(0, 360))
    recording, databases = _read(run, tmp_path)
    found = staleness(recording.views, databases, 60)
    assert [
        (at_ms - START_MS, round(behind_ms)) for at_ms, behind_ms in zip(found.at_ms, found.behind_ms, strict=True)
    ] == [
        (300_000, 1_667),
        (330_000, 0),
        (360_000, 1_000),
    ]


def test_staleness_is_told_by_bucket_and_altogether() -> None:
    told = Staleness()
    for number in range(10):
        told.at_ms.append(1_000 + 100 * number)
        told.behind_ms.append(10.0 * number)
    found = staleness_figures(told, start_ms=1_000, bucket_ms=400, buckets=4)
    assert (found.looked, found.behind, found.p50_ms, found.p99_ms, found.max_ms) == (10, 9, 40.0, 90.0, 90.0)
    assert found.worst_ms == [30.0, 70.0, 90.0, -1.0]
    nobody = staleness_figures(Staleness(), 0, 1, 2)
    assert (nobody.looked, nobody.p50_ms, nobody.worst_ms) == (0, None, [-1.0, -1.0])


def test_a_fault_tells_how_views_came_through(tmp_path: Path) -> None:
    run = MadeRun(scale=60)
    for seq, civil_s in ((1, 100), (2, 700)):
        run.happened("server2.p1", civil_s, seq)
    run.fault("gossip_loss", None, 10.0, 12.0, 12.5)
    run.request(12.0, 0.0, f="read", asked="view", point="server2.p1", witness=(1, 1))
    run.request(13.0, 0.0, f="read", asked="view", point="server2.p1", witness=(1, 1))
    run.request(13.4, 0.0, f="read", asked="view", point="server2.p1", witness=(1, 2))
    recording, databases = _read(run, tmp_path)
    told = staleness(recording.views, databases, 60)
    (fault,) = recording.faults.with_requests(recording.operations, told)
    assert fault.views is not None
    assert (fault.views.looked, fault.views.behind, fault.views.fresh_after_s) == (3, 2, 30.0)
    assert fault.views.worst_ms == 1_333.333
    assert fault.recovery_s == 0.5
