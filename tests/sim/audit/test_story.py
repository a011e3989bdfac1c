"""A story can be read without opening the history or the database."""

from pathlib import Path

from sim.audit.civil_time import civil, span
from sim.audit.story import tell
from tests.sim.audit.mutation import expect
from tests.sim.audit.scripted_run import A, at, scripted_run


def test_the_story_of_a_double_booking(tmp_path: Path):
    """Both drivers, both windows, both answers, both events, in the order in which they happened; and nothing else."""
    script = scripted_run().copy()
    row = script.run.add_reservation(A, at(106), at(110), at(120) + 1)
    script.run.acknowledge(row)
    story = expect(script.run, tmp_path, "P1", "overlap-in-journal")
    assert [line.split(",")[0].split(":")[0].strip() for line in story[1:]] == [
        "history 17",
        "history 18",
        f"history {len(script.run.lines) - 3}",
        f"history {len(script.run.lines) - 2}",
        "journal server1 8",
        f"journal server1 {len(script.run.nodes['server1']['journal'])}",
    ]
    assert "driver_id v4" in story[1]
    assert "driver_id v99" in story[3]
    assert "2026-05-28 22:26:40.001" in story[6]


def test_an_operation_without_an_answer_says_so(tmp_path: Path):
    """Whoever reads it must not look for the missing line."""
    script = scripted_run().copy()
    invoke = {"time_ns": script.run.lines[-1]["time_ns"], "process": 77, "type": "invoke", "f": "reserve", "point": A}
    asked = {"driver_id": "v9", "start_ms": at(300), "end_ms": at(310)}
    row = script.run.add_reservation(A, at(106), at(300), at(310), key="k-both")
    script.run.add_reservation(A, at(106), at(320), at(330), key="k-both")
    script.run.lines.insert(-1, invoke | {"value": asked, "key": "k-both"})
    story = expect(script.run, tmp_path, "P4", "two-effects")
    assert any("ends without an answer" in line for line in story)
    assert sum("table reservation" in line for line in story) == 2
    assert row["id"] in story[0]


def test_a_time_that_is_no_date_is_told_as_a_number():
    """Damaged evidence must not stop the story."""
    assert civil(1_780_000_000_000) == "2026-05-28 20:26:40.000"
    assert civil(10**18) == f"{10**18} ms"
    assert span(1_780_000_000_000, 1_780_000_060_001) == "[2026-05-28 20:26:40.000, 20:27:40.001)"
    assert span(1_780_000_000_000, 1_780_086_400_000) == "[2026-05-28 20:26:40.000, 2026-05-29 20:26:40.000)"


def test_a_story_of_nothing_but_a_message(tmp_path: Path):
    """A gap between two nodes' facts may have no line to show."""
    script = scripted_run().copy()
    script.run.nodes["server1"]["node"][0]["ver"] += 1
    result = script.run.audit_in(tmp_path)
    (violation,) = result.promises["P2"].violations
    assert tell(violation)[0].startswith("P2 head-differs: server1: ")
