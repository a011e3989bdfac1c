"""What Elle is told is a history of registers: each version is written once, and orders as the witnesses say."""

import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.audit import AuditError
from sim.audit.export import export
from tests.sim.audit.random_run import RandomRun
from tests.sim.audit.run_folder import RunFolder
from tests.sim.audit.scripted_run import A, scripted_run

_LINE = re.compile(
    r"\{:index (\d+), :type :(invoke|ok|fail|info), :process (-?\d+), :time (\d+), :f :txn, "
    r':value \[\[:([rw]) "([^"]+)" (?:"([^"]+)"|nil)\]\]\}'
)


class Line(NamedTuple):
    index: int
    kind: str
    process: int
    time: int
    f: str
    point: str
    version: str | None


def elle(run: RunFolder, folder: Path) -> list[Line]:
    """Export the run; every line must be of the form that is documented."""
    lines = []
    for text in export(run.write(folder), "elle"):
        match = _LINE.fullmatch(text)
        assert match is not None, text
        index, kind, process, time, f, point, version = match.groups()
        lines.append(Line(int(index), kind, int(process), int(time), f, point, version))
    return lines


@pytest.fixture(params=[1, 2, 3])
def lines(request: pytest.FixtureRequest, tmp_path: Path) -> list[Line]:
    return elle(RandomRun(request.param, vehicles=12).play(1_500), tmp_path)


def test_processes_do_one_thing_at_a_time(lines: list[Line]):
    """As any reader of histories demands: indices count up, and what did not end never goes on."""
    assert [line.index for line in lines] == list(range(len(lines)))
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    busy: dict[int, Line] = {}
    gone: set[int] = set()
    for line in lines:
        assert line.process not in gone
        if line.kind == "invoke":
            assert line.process not in busy
            busy[line.process] = line
        else:
            invoke = busy.pop(line.process)
            assert (invoke.point, invoke.f) == (line.point, line.f)
        if line.kind == "info":
            gone.add(line.process)


def test_every_version_is_written_once(lines: list[Line]):
    """Elle relies on it; and nobody reads what was never written."""
    written: dict[tuple[str, str | None], int] = defaultdict(int)
    for line in lines:
        if line.f == "w" and line.kind == "invoke":
            written[line.point, line.version] += 1
    assert set(written.values()) == {1}
    read = {(line.point, line.version) for line in lines if line.f == "r" and line.kind == "ok"}
    assert read <= set(written)
    assert len(read) > 50


def test_a_correct_run_is_a_linearizable_register(lines: list[Line]):
    """Whoever asks after another was told of a version is not told of an older one."""
    begun: dict[int, dict[str, tuple[int, int]]] = {}
    told: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    checked = 0
    for line in lines:
        if line.kind == "invoke":
            begun[line.process] = dict(told)
        elif line.kind == "ok":
            epoch, seq = (line.version or "").split("-")
            version = (int(epoch), int(seq))
            assert version >= begun[line.process].get(line.point, (0, 0))
            told[line.point] = max(told[line.point], version)
            checked += 1
    assert checked > 200


def test_who_was_told_of_an_event_wrote_its_version(tmp_path: Path):
    """A reservation writes, its refusal reads; a retry whose first answer was lost is one operation."""
    script = scripted_run()
    lines = elle(script.run.copy(), tmp_path)
    (told,) = script.run.completions("reserve", id=script.ids["retried"])
    version = f"{told['witness'][0]}-{told['witness'][1]}"
    assert [(line.kind, line.f) for line in lines if line.point == A and line.version == version][:2] == [
        ("invoke", "w"),
        ("ok", "w"),
    ]
    refused = next(line for line in script.run.completions("reserve", "fail"))
    same = [line for line in lines if line.process == refused["process"] and line.kind == "ok"]
    assert (same[0].f, same[0].version) == ("r", f"{refused['witness'][0]}-{refused['witness'][1]}")


def test_an_unknown_format_is_one_line(tmp_path: Path):
    """It names those there are."""
    with pytest.raises(AuditError, match="no such format; expected elle or porcupine"):
        export(tmp_path, "knossos")
