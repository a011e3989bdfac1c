"""What a local run cannot play is said before it begins: a fault that never comes would prove nothing."""

from pathlib import Path

import pytest

from nodes.documents import DocumentError
from sim.scenario.load import load_scenario
from sim.scenario.local import check_local

SCENARIO = """\
name: mixed
time: {duration_s: 600}
network: {nodes: 2}
virtual: {shuffle: true}
faults:
  - {at_s: 10, kind: crash, node: server1}
  - {at_s: 20, kind: loss, share: 0.5}
random_faults:
  loss: {per_hour: 0}
  pause: {per_hour: 1}
"""


def test_every_fault_that_is_only_virtual_is_named_at_its_place(tmp_path: Path) -> None:
    """What real processes can suffer, a rate of nothing and the virtual world's section are no mistakes."""
    path = tmp_path / "mixed.yaml"
    path.write_text(SCENARIO)
    with pytest.raises(DocumentError) as caught:
        check_local(load_scenario(path))
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{path}:7:22: faults[1].kind: loss happens in virtual runs only")
    assert second.startswith(f"{path}:10:3: random_faults.pause: pause at random happens in virtual runs only")


def test_nodes_that_serialise_nothing_are_a_laboratorys(tmp_path: Path) -> None:
    """No real process offers it."""
    path = tmp_path / "none.yaml"
    path.write_text("name: none\ntime: {duration_s: 600}\nnetwork: {nodes: 2, strategy: none}\n")
    with pytest.raises(DocumentError, match=r"none\.yaml:3:31: network\.strategy: none happens in virtual runs only"):
        check_local(load_scenario(path))


def test_nodes_that_serialise_nothing_are_not_broken_besides(tmp_path: Path) -> None:
    """A node that sold a window twice could not be started again, and the run would end as a mistake of the code."""
    path = tmp_path / "none.yaml"
    text = "name: none\ntime: {duration_s: 600}\nnetwork: {nodes: 2, strategy: none}\n"
    for more in (
        "faults: [{at_s: 1, kind: crash, node: server1}]",
        "random_faults: {crash: {per_hour: 1}}",
        "virtual: {crash_at_commit_share: 0.1}",
    ):
        path.write_text(text + more)
        with pytest.raises(DocumentError, match=r"network\.strategy: none plays without faults"):
            load_scenario(path)


@pytest.mark.parametrize("kind", ["broker_pause", "partition, groups: [[server1], [server2]]"])
def test_a_scenario_of_real_faults_is_fine(tmp_path: Path, kind: str) -> None:
    """The check must not refuse what local runs have always played."""
    path = tmp_path / "real.yaml"
    path.write_text(SCENARIO.replace("loss, share: 0.5", kind).split("random")[0])
    check_local(load_scenario(path))
