from pathlib import Path

import pytest

from sim.measure.errors import MeasureError
from sim.measure.faults import Fault
from sim.measure.outcomes import Tally
from sim.measure.recording import read_recording
from tests.sim.measure.made_run import START_MS, MadeRun


def _faults(run: MadeRun, tmp_path: Path) -> list[Fault]:
    recording = read_recording(run.write(tmp_path / "run") / "history.jsonl")
    return recording.faults.with_requests(recording.operations)


def test_a_fault_has_three_moments_in_both_times(tmp_path: Path) -> None:
    run = MadeRun(scale=60)
    run.fault("crash", "server1", 10.0, 12.0, 13.5)
    (fault,) = _faults(run, tmp_path)
    assert fault.words == "crash of server1"
    assert (fault.broken.at_s, fault.broken.civil_ms) == (10.0, START_MS + 600_000)
    assert fault.mending
    assert fault.mended
    assert (fault.mending.at_s, fault.mended.at_s) == (12.0, 13.5)


def test_requests_count_that_were_under_way_at_any_moment_of_the_fault(tmp_path: Path) -> None:
    """Also those sent before it, whose answers it swallowed; not those that had been answered, or came after."""
    run = MadeRun()
    run.fault("crash", "server1", 10.0, 12.0, 13.0)
    run.request(8.0, 1.0)
    run.request(9.5, 3.0, kind="info", error="timeout")
    run.refused(11.0)
    run.request(12.9, 5.0)
    run.request(13.1)
    run.request(9.9, None)
    (fault,) = _faults(run, tmp_path)
    assert fault.meanwhile == Tally(offered=4, accepted=1, refused=1, unavailable=0, unknown=2)


def test_a_fault_that_is_never_mended_lasts_until_the_end(tmp_path: Path) -> None:
    run = MadeRun()
    run.fault("broker_crash", None, 10.0, None, None)
    run.request(50.0)
    (fault,) = _faults(run, tmp_path)
    assert (fault.words, fault.mending, fault.mended) == ("crash of the broker", None, None)
    assert fault.meanwhile.offered == 1


def test_the_same_node_may_break_twice(tmp_path: Path) -> None:
    run = MadeRun()
    run.fault("crash", "server1", 10.0, 12.0, 13.0)
    run.fault("crash", "server1", 20.0, 22.0, 23.0)
    found = _faults(run, tmp_path)
    assert [(fault.broken.at_s, fault.mended and fault.mended.at_s) for fault in found] == [(10.0, 13.0), (20.0, 23.0)]


def test_nothing_is_mended_that_was_not_broken(tmp_path: Path) -> None:
    run = MadeRun()
    run.fault("crash", "server1", 10.0, None, None)
    history = run.write(tmp_path / "run") / "history.jsonl"
    history.write_text(history.read_text().replace('"broken"', '"mended"'))
    with pytest.raises(MeasureError, match=r"history\.jsonl:2: crash of server1 is mended, but was not broken$"):
        read_recording(history)
