"""What a run says of itself is read with the same care as what vehicles say."""

from pathlib import Path
from typing import Any

import pytest

from sim.audit import AuditError
from sim.audit.operations import read_operations
from tests.sim.audit.run_folder import RunFolder


def history(folder: Path, *lines: dict[str, Any]) -> Path:
    plain = {"time_ns": 0, "process": "run", "type": "info"}
    return RunFolder([plain | line for line in lines]).write(folder) / "history.jsonl"


def test_a_virtual_run_tells_how_it_was_played(tmp_path: Path):
    """Mode and clock, faults, gauges, the healing, copies, the end."""
    path = history(
        tmp_path,
        {"f": "begin", "value": {"mode": "virtual", "civil_start_ms": 5_000, "scale": 2.0}},
        {"f": "crash", "process": "nemesis", "node": "n1", "time_ns": 1},
        {"f": "gauges", "node": "n1", "value": {"gauges": [{"name": "depth", "value": 3, "bound": 4}]}, "time_ns": 2},
        {"f": "copy", "key": "k1", "time_ns": 2},
        {"f": "partition", "process": "nemesis", "time_ns": 3},
        {"f": "heal", "time_ns": 1_000_000_000},
        {"f": "end", "value": {"clocks_ms": {"n1": 7}}, "time_ns": 2_000_000_000},
    )
    found = read_operations(path).circumstances
    assert (found.mode, found.heal_ns, found.end_ns, found.ended) == ("virtual", 1_000_000_000, 2_000_000_000, True)
    assert [(fault.line, fault.kind, fault.node) for fault in found.faults] == [
        (1, "crash", "n1"),
        (4, "partition", None),
    ]
    assert [tuple(gauge) for gauge in found.gauges] == [(2, "n1", "depth", 3, 4)]
    assert found.kinds() == {"crash", "partition"}
    assert (found.clocks_ms, list(found.copied)) == ({"n1": 7}, ["k1"])
    assert found.civil_ms(found.end_ns) == 5_000 + 4_000


def test_a_local_run_of_before_tells_little(tmp_path: Path):
    """And that is no error."""
    found = read_operations(history(tmp_path, {"f": "begin"}, {"f": "fate"}, {"f": "end"})).circumstances
    assert (found.mode, found.heal_ns, found.civil_ms(1)) == (None, None, None)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ({"f": "begin", "value": {"mode": 7}}, "mode 7 is no text"),
        ({"f": "begin", "value": {"civil_start_ms": "noon"}}, "civil_start_ms 'noon' is no number"),
        ({"f": "begin", "value": {"scale": 0}}, "scale 0 is no positive number"),
        ({"f": "crash", "process": "nemesis", "node": 7}, "node 7 is no text"),
        ({"f": "copy", "key": 7}, "key 7 is no text"),
        ({"f": "gauges", "value": {"gauges": []}}, "gauges: expected a node and a list of gauges"),
        ({"f": "gauges", "node": "n", "value": {"gauges": [{}]}}, "gauges: expected name, value and bound; found {}"),
        ({"f": "end", "value": {"clocks_ms": {"n": "noon"}}}, "clocks_ms {'n': 'noon'}; expected a time for each node"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_its_place(tmp_path: Path, line: dict[str, Any], text: str):
    """File, line, what is wrong."""
    path = history(tmp_path, {"f": "fate"}, line)
    with pytest.raises(AuditError) as caught:
        read_operations(path)
    assert str(caught.value) == f"{path}:2: {text}"
