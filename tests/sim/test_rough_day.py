"""Bookings on real processes while broker, nodes and links fail; ``python -m bench rough`` is the long version, with figures."""

from pathlib import Path

import pytest

from bench.compare_rough import SCENARIO
from bench.rough_phases import RoughHistory, read_rough_history
from sim.audit import audit
from sim.audit.verdicts import Verdict
from sim.local_run import LocalRun
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.worlds.broker_kind import BrokerKind
from sim.worlds.mosquitto import find_mosquitto
from sim.worlds.namespaces import why_no_namespaces

pytestmark = pytest.mark.system
_SHORT = ("time.duration_s=480", "time.drain_s=60", "fleet.vehicles=120")
_BROKER_AND_A_NODE = """[
  {at_s: 60, kind: broker_crash, for_s: 90},
  {at_s: 180, kind: broker_pause, for_s: 90},
  {at_s: 300, kind: crash, node: server1, for_s: 60}]"""
_LINKS = """[
  {at_s: 60, kind: partition, groups: [[server1, server2, broker, vehicles], [server3]], for_s: 150},
  {at_s: 300, kind: one_way, from: [server2], to: [server1, server3, broker], for_s: 120}]"""


async def test_bookings_go_on_while_the_broker_is_killed_and_hangs_and_a_node_is_killed(tmp_path: Path) -> None:
    """The broker carries hints; the owners that are there decide."""
    if find_mosquitto() is None:
        pytest.skip("mosquitto is not installed")
    history = await _play(tmp_path / "run", _BROKER_AND_A_NODE, BrokerKind.MOSQUITTO)
    assert [phase.name for phase in history.phases] == ["broker killed", "broker hung (SIGSTOP)", "crash of server1"]
    _all_went_on(history)


async def test_bookings_go_on_while_the_network_is_cut(tmp_path: Path) -> None:
    """One server cut off from everybody, then another that hears its peers and the broker, and is not heard by them."""
    reason = why_no_namespaces()
    if reason is not None:
        pytest.skip(reason)
    history = await _play(tmp_path / "run", _LINKS, BrokerKind.EMBEDDED)
    cut, one_way = history.phases
    _all_went_on(history)
    away = [each for each in history.bookings if each.f == "reserve" and each.owners == ["server3"]]
    asked = [each for each in away if cut.begin_ns < each.asked_ns < cut.mending_ns]
    assert asked
    assert not any((each.decided_ns or cut.end_ns) < cut.mending_ns for each in asked), "somebody else decided"
    assert one_way.name == "server2 cut off from peers and broker"


async def _play(folder: Path, faults: str, broker: BrokerKind) -> RoughHistory:
    loaded = load_scenario(SCENARIO, [*_SHORT, f"faults={faults}"])
    await LocalRun(loaded, RunFolder(folder), "test", lambda _: None, broker).play()
    promises = audit(folder).promises
    found = {name: result.verdict for name, result in promises.items()}
    assert Verdict.FAIL not in found.values(), [each.message for one in promises.values() for each in one.violations]
    assert {found[name] for name in ("P1", "P2", "P3", "P4", "P5")} == {Verdict.PASS}
    return read_rough_history(folder / "history.jsonl")


def _all_went_on(history: RoughHistory) -> None:
    """Whatever was broken, somebody booked what could be booked; in the end nothing was left in doubt or believed wrongly."""
    for phase in history.phases:
        could = [each for each in history.bookings if phase.covers(each) and history.could_be_made(each)]
        meanwhile = [each for each in could if each.decided_ns is not None and each.decided_ns < phase.end_ns]
        assert meanwhile, f"none of {len(could)} while {phase.name}"
    assert history.calm["in_doubt"] == 0
    assert history.calm["late"] == []
