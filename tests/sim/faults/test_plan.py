"""Plans of faults: what is drawn, when, and that it is the same again."""

import json
from itertools import pairwise

import pytest

from nodes.documents import parse_document
from sim.faults.plan import draw_faults, plan_faults
from sim.scenario.faults import Fault, OneWay, Partition, plain_fault
from sim.scenario.random_faults import RandomFaults
from sim.scenario.schema import Scenario

HOUR = "name: x\ntime: {duration_s: 3600}\n"
EVERYTHING = HOUR + "random_faults:\n" + "".join(f"  {kind}: {{per_hour: 20}}\n" for kind in RandomFaults.model_fields)


def scenario(text: str) -> Scenario:
    return parse_document(text, "s.yaml").validate(Scenario)


def plain(faults: list[Fault]) -> list[dict[str, object]]:
    return [plain_fault(fault) for fault in faults]


def test_every_kind_is_drawn_and_can_be_said_in_a_scenario_again() -> None:
    """An exploration turns rates into a list, so that a shrinker can take single faults away."""
    faults = plan_faults(scenario(EVERYTHING))
    assert {fault.kind for fault in faults} == set(RandomFaults.model_fields)
    explicit = scenario(HOUR).model_dump(mode="json", by_alias=True, exclude_none=True) | {"faults": plain(faults)}
    again = Scenario.model_validate_json(json.dumps(explicit))
    assert plan_faults(again) == faults


def test_nothing_breaks_in_the_liveness_phase() -> None:
    """It begins when the fleet has come; what is broken still would be blamed on the nodes."""
    text = (
        EVERYTHING
        + "faults:\n  - {at_s: 3590, kind: crash, node: server1, for_s: 60}\n  - {at_s: 3600, kind: broker_crash}\n"
    )
    faults = plan_faults(scenario(text))
    assert all(fault.at_s < 3600 and fault.at_s + fault.for_s <= 3600.001 for fault in faults)
    assert [fault.at_s for fault in faults] == sorted(fault.at_s for fault in faults)
    assert [fault.for_s for fault in faults if fault.at_s == 3590] == [10]


def test_what_is_drawn_does_not_hit_what_is_down_already() -> None:
    """A node that is down cannot be paused; two clock faults of one node would mend each other."""
    faults = draw_faults(scenario(EVERYTHING.replace("20}", "200, for_s: {exponential: 100}}")))
    for kinds in (
        ("crash", "pause", "disk_full"),
        ("clock_jump", "clock_drift"),
        ("broker_crash", "broker_pause"),
        ("loss",),
    ):
        for node in ("server1", "server2", "server3", None):
            mine = [fault for fault in faults if fault.kind in kinds and fault.on_node == node]
            assert all(one.at_s + one.for_s <= other.at_s + 1e-6 for one, other in pairwise(mine))
            assert len(mine) > 5 or (node is None) == (kinds[0] not in ("broker_crash", "loss"))


def test_a_drawn_fault_gives_way_to_the_scenarios_own() -> None:
    """What is written is meant."""
    own = "faults: [{at_s: 0, kind: crash, node: server1, for_s: 3600}]\n"
    rates = "random_faults: {crash: {per_hour: 500, for_s: 1, nodes: [server1]}, pause: {per_hour: 500, for_s: 1}}\n"
    drawn = draw_faults(scenario(HOUR + own + rates))
    assert {fault.on_node for fault in drawn} == {"server2", "server3"}
    assert {fault.kind for fault in drawn} == {"pause"}


def test_the_same_seed_plans_the_same_and_another_kind_moves_nothing() -> None:
    """A replay has to break what broke; a shrinker takes one kind away and wants the rest to stay."""
    crashes = HOUR + "random_faults: {crash: {per_hour: 30}"
    alone, beside = scenario(crashes + "}\n"), scenario(crashes + ", loss: {per_hour: 30}}\n")
    assert plan_faults(alone) == plan_faults(alone)
    assert [fault for fault in plan_faults(beside) if fault.kind == "crash"] == plan_faults(alone)
    other = scenario(crashes + "}\nseed: 2\n")
    assert plan_faults(other) != plan_faults(alone)


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    """Shortening a failing run must not deal its faults anew."""
    short, long = scenario(EVERYTHING), scenario(EVERYTHING.replace("3600", "7200"))
    begun = [fault.at_s for fault in plan_faults(short)]
    assert [fault.at_s for fault in plan_faults(long) if fault.at_s < 3600] == begun


@pytest.mark.parametrize("per_hour", [0, 1, 40])
def test_rates_are_per_hour(per_hour: int) -> None:
    """Over 200 hours, within four standard deviations."""
    text = (
        f"name: x\ntime: {{duration_s: 720000}}\nrandom_faults: {{broker_crash: {{per_hour: {per_hour}, for_s: 0}}}}\n"
    )
    assert abs(len(plan_faults(scenario(text))) - 200 * per_hour) <= 4 * (200 * per_hour) ** 0.5


def test_partitions_name_every_host_once_and_cut_something() -> None:
    """Hosts that are left out would all be in the first group, which reads badly in a story."""
    faults = plan_faults(
        scenario(HOUR + "random_faults: {partition: {per_hour: 500, for_s: 1}, one_way: {per_hour: 500, for_s: 1}}\n")
    )
    cut = set()
    for fault in faults:
        assert isinstance(fault, (Partition, OneWay))
        groups = fault.groups if isinstance(fault, Partition) else [fault.from_, fault.to]
        assert sorted(host for group in groups for host in group) == [
            "broker",
            "server1",
            "server2",
            "server3",
            "vehicles",
        ]
        assert all(groups)
        cut.add(tuple(tuple(group) for group in groups))
    assert len(cut) > 20
