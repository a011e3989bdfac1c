"""Where time went, and when: parts of requests, the slowest of them, and latency over time."""

from pathlib import Path

import pytest

from sim.measure.heatmap import heatmap
from sim.measure.limits import Measured, judge_limit
from sim.measure.queues import queues
from sim.measure.recording import Recording, read_recording
from sim.measure.timeline import timeline
from sim.measure.ways import SLOWEST_MAX, slowest, way_spreads
from sim.scenario.slo import Limit
from tests.sim.measure.made_run import MadeRun


def _recording(run: MadeRun, tmp_path: Path) -> Recording:
    return read_recording(run.write(tmp_path / "run") / "history.jsonl")


def test_the_parts_of_a_request_add_up_to_its_time(tmp_path: Path) -> None:
    """What nobody accounts for is the network's."""
    run = MadeRun()
    run.request(1.0, 0.050, late_s=0.004, way_us=(10_000, 500, 20_000, 3_000))
    run.request(2.0, 0.050)
    (way,) = way_spreads(_recording(run, tmp_path).operations)
    assert (way.kind, way.count) == ("reserve", 1)
    parts = (way.late, way.queue, way.decide, way.write, way.forward, way.network)
    assert [part.mean_ms for part in parts] == pytest.approx([4.0, 10.0, 0.5, 20.0, 3.0, 16.5])


def test_whole_trips_and_searches_wait_in_no_mailbox(tmp_path: Path) -> None:
    """They say where their time went, but not of a point: a node's mailboxes are not told by them."""
    run = MadeRun()
    run.trip(1.0, ["server1.p1"], got=["server1.p1"], took_s=0.5, way_us=(50_000, 0, 100_000, 300_000))
    run.request(2.0, 0.05, f="read", point=None, way_us=(0, 4_000, 1_000, 0))
    run.request(3.0, 0.05, way_us=(2_000, 500, 20_000, 3_000))
    operations = _recording(run, tmp_path).operations
    assert [way.kind for way in way_spreads(operations)] == ["reserve", "trip", "read"]
    assert [(queue.node, queue.requests, queue.max_ms) for queue in queues(operations, [], 60.0, 1.0, 60).nodes] == [
        ("server1", 1, 2.0)
    ]
    slow = slowest(operations)[0]
    assert (slow.kind, slow.forward_ms, slow.network_ms) == ("trip", 300.0, pytest.approx(50.0))
    measured = Measured(_recording(run, tmp_path / "again"))
    for text, figure in (("max(queue_ms) < 9", 2.0), ("max(trip.queue_ms) < 9", 50.0)):
        assert judge_limit(Limit(limit=text), measured).figure == figure


def test_the_slowest_come_first_and_say_what_is_known(tmp_path: Path) -> None:
    run = MadeRun()
    for number in range(30):
        run.request(number, 0.010 + number / 1_000, way_us=(1, 2, 3, 4))
    run.request(40.0, 2.0, kind="fail", error="owner-timeout", status=504, f="stop")
    run.request(50.0, None)
    found = slowest(_recording(run, tmp_path).operations)
    assert len(found) == SLOWEST_MAX
    assert (found[0].kind, found[0].error, found[0].queue_ms, found[0].network_ms) == (
        "stop",
        "owner-timeout",
        None,
        None,
    )
    assert found[1].took_ms == pytest.approx(39.0)
    assert found[1].queue_ms == pytest.approx(0.001)


def test_a_heatmap_counts_every_completed_request_once(tmp_path: Path) -> None:
    run = MadeRun(duration_s=60.0)
    for number in range(100):
        run.request(number / 2, 0.001 * 1.05**number)
    run.request(59.0, None)
    found = heatmap(_recording(run, tmp_path), "reserve")
    assert found is not None
    assert sum(count for _, _, count in found.cells) == 100
    assert found.column_s == 1
    assert max(column for column, _, _ in found.cells) < found.columns == 60
    assert found.floors_ms[0] <= 1.0 * (1 + 1e-9) < found.floors_ms[1]
    assert heatmap(_recording(MadeRun(), tmp_path / "nothing"), "reserve") is None


def test_the_timeline_tells_reasons_timeouts_and_retries(tmp_path: Path) -> None:
    run = MadeRun(duration_s=30.0)
    for number in range(8):
        run.request(1.0, kind="fail", error=f"reason-{number}", status=409)
        run.request(2.0, kind="fail", error="reason-0", status=409)
    run.request(3.0, 1.0, kind="info", error="timeout", key="same")
    run.request(5.0, 1.0, kind="fail", error="owner-unreachable", status=503, key="same")
    run.request(7.0, 0.1, key="same")
    run.request(9.0, 0.1, key="same")
    found = timeline(_recording(run, tmp_path))
    assert (sum(found.timed_out), found.timed_out[3]) == (1, 1)
    assert (sum(found.retried), found.retried[5], found.retried[7]) == (2, 1, 1)
    assert next(iter(found.by_reason)) == "reason-0"
    assert list(found.by_reason)[-1] == "other"
    assert sum(map(sum, found.by_reason.values())) == sum(found.refused) + sum(found.unavailable)
