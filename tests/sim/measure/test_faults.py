from pathlib import Path
from typing import get_args

import pytest

from sim.measure.errors import MeasureError
from sim.measure.faults import Fault
from sim.measure.outcomes import Tally
from sim.measure.recording import read_recording
from sim.scenario.faults import Fault as ScenarioFault
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


def test_of_two_alike_that_overlap_the_one_is_mended_that_it_is_said_of(tmp_path: Path) -> None:
    """Messages are lost everywhere for a minute, and in the middle of it more of one node's: each has its own end."""
    run = MadeRun()
    run.fault("loss", None, 10.0, 30.0, 30.0, share=0.1)
    run.fault("loss", None, 15.0, 20.0, 20.0, share=0.5, hosts=["server1"])
    found = _faults(run, tmp_path)
    assert [(fault.parameters["share"], fault.mended and fault.mended.at_s) for fault in found] == [
        (0.1, 30.0),
        (0.5, 20.0),
    ]


SAID = {
    "crash": ("crash of server1", {}, ""),
    "pause": ("pause of server1", {}, ""),
    "broker_crash": ("crash of the broker", {}, ""),
    "broker_pause": ("pause of the broker", {}, ""),
    "partition": (
        "network cut in parts",
        {"groups": [["server1", "broker"], ["server2"]]},
        "server1, broker | server2",
    ),
    "one_way": ("network cut one way", {"from": ["vehicles"], "to": ["server2"]}, "nothing from vehicles to server2"),
    "loss": ("lost messages", {"share": 0.205}, "20.5 % of all messages"),
    "delay": ("late messages", {"delay_ms": {"exponential": 100.0}}, "all messages, by 100 ms on average"),
    "duplicate": ("doubled messages", {"share": 1, "hosts": ["server1"]}, "100 % of messages from or to server1"),
    "reorder": (
        "overtaken messages",
        {"share": 0.5, "delay_ms": {"uniform": [1, 500]}},
        "50 % of all messages, held back by 1 to 500 ms",
    ),
    "disk_slow": ("slow disk of server1", {"factor": 30.0}, "30 times as slow"),
    "disk_full": ("full disk of server1", {}, ""),
    "restore": ("old backup of server1", {"old_s": 60.0}, "used for 60 s"),
    "move": (
        "move of server1",
        {"paused": True, "old_s": 60.0, "address": "kept"},
        "to another machine, its address kept; the old process stopped while cut off, and is back for 60 s",
    ),
    "clock_jump": ("jump of the clock of server1", {"by_s": -30.5}, "30.5 s behind"),
    "clock_drift": ("drift of the clock of server1", {"ppm": 5_000.0}, "5,000 millionths too fast"),
    "gossip_loss": ("lost gossip", {"share": 0.5}, "50 % of the deliveries"),
    "gossip_repeat": ("repeated gossip", {"share": 0.5}, "an old message after 50 % of the deliveries"),
    "gossip_forge": ("forged gossip", {"per_s": 2.0}, "about 2 a second"),
}
"""What a report says of every kind of fault."""


@pytest.mark.parametrize("kind", list(SAID))
def test_every_kind_has_words_and_says_how_badly(kind: str, tmp_path: Path) -> None:
    words, parameters, details = SAID[kind]
    run = MadeRun()
    run.fault(kind, "server1" if words.endswith("server1") else None, 10.0, 12.0, 13.0, **parameters)
    (fault,) = _faults(run, tmp_path)
    assert (fault.words, fault.details) == (words, details)


def test_no_kind_of_a_scenario_is_without_words() -> None:
    """A new kind of fault needs an entry above."""
    kinds = [get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(ScenarioFault)[0])]
    assert list(SAID) == kinds


@pytest.mark.parametrize("broken", [{}, {"share": "much"}, {"share": 0.5, "hosts": 7}])
def test_what_cannot_be_told_is_left_out(broken: dict[str, object], tmp_path: Path) -> None:
    """A history of another version is no reason to have no report."""
    run = MadeRun()
    run.fault("loss", None, 10.0, 12.0, 13.0, **broken)
    (fault,) = _faults(run, tmp_path)
    assert (fault.words, fault.details) == ("lost messages", "")


def test_a_fault_touches_its_node_or_the_hosts_it_names_or_everybody(tmp_path: Path) -> None:
    """In the figure of points over time it is drawn over these nodes, and no others."""
    run = MadeRun()
    run.fault("crash", "server1", 1.0, 2.0, 3.0)
    run.fault("loss", None, 4.0, 5.0, 6.0, share=0.1)
    run.fault("loss", None, 7.0, 8.0, 9.0, share=0.1, hosts=["server2", "broker"])
    run.fault("one_way", None, 10.0, 11.0, 12.0, **{"from": ["vehicles"], "to": ["server2"]})
    run.fault("broker_crash", None, 13.0, 14.0, 15.0)
    touched = [[node for node in ("server1", "server2") if fault.touches(node)] for fault in _faults(run, tmp_path)]
    assert touched == [["server1"], ["server1", "server2"], ["server2"], ["server2"], ["server1", "server2"]]


def test_nothing_is_mended_that_was_not_broken(tmp_path: Path) -> None:
    run = MadeRun()
    run.fault("crash", "server1", 10.0, None, None)
    history = run.write(tmp_path / "run") / "history.jsonl"
    history.write_text(history.read_text().replace('"broken"', '"mended"'))
    with pytest.raises(MeasureError, match=r"history\.jsonl:2: crash of server1: is mended, but was not broken$"):
        read_recording(history)
