from collections.abc import Callable
from pathlib import Path

import pytest

from sim.measure.errors import MeasureError
from sim.measure.operations import NO_COMPLETION
from sim.measure.outcomes import Outcome, outcome_of
from sim.measure.recording import read_recording
from tests.sim.measure.made_run import MadeRun


def _history(run: MadeRun, tmp_path: Path) -> Path:
    return run.write(tmp_path / "run") / "history.jsonl"


@pytest.mark.parametrize(
    ("kind", "status", "outcome"),
    [
        ("ok", 201, Outcome.ACCEPTED),
        ("ok", 200, Outcome.ACCEPTED),
        ("fail", 409, Outcome.REFUSED),
        ("fail", 404, Outcome.REFUSED),
        ("fail", 422, Outcome.REFUSED),
        ("fail", 429, Outcome.UNAVAILABLE),
        ("fail", 503, Outcome.UNAVAILABLE),
        ("fail", None, Outcome.UNAVAILABLE),
        ("info", None, Outcome.UNKNOWN),
        ("info", 504, Outcome.UNKNOWN),
    ],
)
def test_outcomes_tell_decisions_from_mere_absence(kind: str, status: int | None, outcome: Outcome) -> None:
    """A refusal is the network at work; unavailability is the network not at work."""
    assert outcome_of(kind, status) is outcome


def test_a_request_without_a_completion_is_unknown(tmp_path: Path) -> None:
    """Dropped requests must be counted, not forgotten."""
    run = MadeRun()
    run.request(1.0, None)
    operations = read_recording(_history(run, tmp_path)).operations
    assert list(operations.outcome) == [Outcome.UNKNOWN]
    assert list(operations.errors)[operations.error[0]] == NO_COMPLETION


def test_requests_of_one_process_that_are_under_way_together_are_told_apart(tmp_path: Path) -> None:
    """The reads at the end of a run are sent side by side by one reader."""
    run = MadeRun()
    run.request(1.0, 3.0, point="server1.p1")
    run.request(1.5, 1.0, point="server2.p1")
    history = _history(run, tmp_path)
    text = history.read_text().replace('"process":2', '"process":1')
    history.write_text(text)
    operations = read_recording(history).operations
    took_s = [(done - sent) / 1e9 for done, sent in zip(operations.done_ns, operations.sent_ns, strict=True)]
    assert took_s == pytest.approx([3.0, 1.0])


def test_a_row_is_small(tmp_path: Path) -> None:
    """Ten million requests have to fit into memory."""
    run = MadeRun()
    for number in range(100):
        run.request(number / 10)
    operations = read_recording(_history(run, tmp_path)).operations
    columns = [getattr(operations, name) for name in ("function", "node", "point", "error", "outcome")]
    columns += [operations.intended_ns, operations.sent_ns, operations.done_ns]
    assert sum(column.itemsize for column in columns) <= 40
    assert {len(column) for column in columns} == {100}


def test_progress_ends_with_all_lines(tmp_path: Path) -> None:
    run = MadeRun()
    run.request(1.0)
    told: list[int] = []
    read_recording(_history(run, tmp_path), told.append)
    assert told == [4]


def test_an_interrupted_run_has_no_end(tmp_path: Path) -> None:
    run = MadeRun(ends=False)
    run.request(1.0, 2.0)
    recording = read_recording(_history(run, tmp_path))
    assert recording.end is None
    assert recording.duration_s == 3.0
    assert recording.civil_duration_s == 180.0


@pytest.mark.parametrize(
    ("change", "line", "complaint"),
    [
        (lambda lines: [*lines[:-2], lines[-2][:40], lines[-1]], 3, "no JSON"),
        (lambda lines: [lines[0], *lines[2:]], 2, "lines are missing"),
        (lambda lines: lines[1:], 1, "lines are missing"),
        (lambda lines: [lines[0].replace("begin", "fate"), *lines[1:]], 1, "begins with"),
        (lambda lines: [lines[0].replace('"seed"', '"sead"'), *lines[1:]], 1, "seed"),
        (lambda lines: [lines[0].replace('"seed":7', '"seed":"x"'), *lines[1:]], 1, "seed"),
        (lambda lines: [lines[0], lines[1].replace("intended_ns", "indented_ns"), *lines[2:]], 2, "intended_ns"),
        (lambda lines: [lines[0], lines[1].replace('"time_ns":', '"time_ns":1e400,"x":'), *lines[2:]], 2, ""),
        (lambda lines: [*lines[:2], lines[2].replace("key-1", "key-2"), lines[3]], 3, "never invoked"),
        (lambda lines: [*lines[:3], lines[3].replace('"unfinished"', '"finished"')], 4, "unfinished"),
    ],
)
def test_a_history_that_is_not_well_formed_is_one_line_with_its_place(
    tmp_path: Path, change: Callable[[list[str]], list[str]], line: int, complaint: str
) -> None:
    """Somebody has to find the line in a file of gigabytes."""
    run = MadeRun()
    run.request(1.0)
    history = _history(run, tmp_path)
    history.write_text("\n".join(change(history.read_text().splitlines())))
    with pytest.raises(MeasureError) as caught:
        read_recording(history)
    assert str(caught.value).startswith(f"{history}:{line}: ")
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [None, ""])
def test_a_history_that_is_missing_or_empty_is_one_line(tmp_path: Path, text: str | None) -> None:
    history = tmp_path / "history.jsonl"
    if text is not None:
        history.write_text(text)
    with pytest.raises(MeasureError, match=r"history\.jsonl: (is empty|cannot be read: No such file)"):
        read_recording(history)
