"""The history: what is written is what is read, and a history that was cut or changed is not read as if it were whole."""

import io
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from sim.history import HistoryError, HistoryWriter, read_history


def written(path: Path) -> HistoryWriter:
    """Write three lines."""
    with path.open("wb") as file:
        writer = HistoryWriter(file)
        writer.write(0, "run", "info", "begin", value={"seed": 1})
        writer.write(5, 3, "invoke", "reserve", value={"driver_id": "é\n"}, key="k", point="a.b", witness=None)
        writer.write(9, 3, "ok", "reserve", witness=(1, 2), key="k", point="a.b")
    return writer


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """One JSON object a line, whatever the text holds; members that are None are left out."""
    path = tmp_path / "history.jsonl"
    assert len(written(path)) == 3
    lines = list(read_history(path))
    assert lines[1] == {
        "index": 1, "time_ns": 5, "process": 3, "type": "invoke", "f": "reserve",
        "value": {"driver_id": "é\n"}, "key": "k", "point": "a.b",
    }  # fmt: skip
    assert lines[2]["witness"] == [1, 2]
    assert path.read_bytes().count(b"\n") == 3


def test_time_never_goes_back() -> None:
    """Two tasks may read the clock in one order and write in another; real-time order must not break by that."""
    file = io.BytesIO()
    writer = HistoryWriter(file)
    for time_ns in (10, 7, 12):
        writer.write(time_ns, 1, "info", "read")
    assert [orjson.loads(line)["time_ns"] for line in file.getvalue().splitlines()] == [10, 10, 12]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [lines[0], lines[1][:20] + b"\n", lines[2]], ":2: no JSON"),
        (lambda lines: [lines[0], lines[2]], ":2: expected index 1, found 2; lines are missing"),
        (lambda lines: lines[1:], ":1: expected index 0, found 1"),
        (lambda lines: [*lines, lines[2]], ":4: expected index 3, found 2"),
        (lambda _: [b"[]\n"], ":1: expected an object with index"),
        (lambda _: [b'{"index": 0}\n'], ":1: expected an object with index"),
        (lambda lines: [*lines, b"\n"], ":4: no JSON"),
        (lambda _: [b"\xff\xfe\n"], ":1: no JSON"),
    ],
)
def test_a_history_that_is_not_whole_is_refused_by_line(
    tmp_path: Path, change: Callable[[list[bytes]], list[bytes]], message: str
) -> None:
    """An audit of half a history would acquit."""
    path = tmp_path / "history.jsonl"
    written(path)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(HistoryError) as caught:
        list(read_history(path))
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize("left", [1, 20, -1])
def test_a_last_line_that_was_cut_is_none(tmp_path: Path, left: int) -> None:
    """A run that was killed wrote it by halves; what it wrote before is worth reading."""
    path = tmp_path / "history.jsonl"
    written(path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines, lines[2][: left if left > 0 else -2]]))
    assert [line["index"] for line in read_history(path)] == [0, 1, 2]


@pytest.mark.parametrize("name", ["nowhere.jsonl", "."])
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    """The caller prints one kind of error."""
    with pytest.raises(HistoryError, match="cannot be read"):
        list(read_history(tmp_path / name))
