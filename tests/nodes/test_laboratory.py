"""A laboratory's civil time, from a file that all nodes of a run read."""

import time
from pathlib import Path

import pytest

from nodes.errors import ConfigError
from nodes.laboratory import LaboratoryTime, Rate

NOON = 1_800_000_000_000


class Wall:
    """The machine's clocks, moved by the test."""

    def __init__(self) -> None:
        self.ms = 5_000_000

    def pass_ms(self, ms: int) -> None:
        self.ms += ms


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    made = Wall()
    monkeypatch.setattr(time, "time_ns", lambda: made.ms * 1_000_000)
    monkeypatch.setattr(time, "time", lambda: made.ms / 1000)
    monkeypatch.setattr(time, "monotonic", lambda: made.ms / 1000)
    return made


def laboratory(path: Path, wall_ms: int, factor: float, civil_ms: int = NOON) -> LaboratoryTime:
    Rate(wall_ms=wall_ms, civil_ms=civil_ms, factor=factor).write(path)
    return LaboratoryTime(path)


def test_time_runs_by_its_factor_from_the_moment_on_that_the_file_says(tmp_path: Path, wall: Wall) -> None:
    """An hour in a minute; and before the run begins, time stands."""
    lab = laboratory(tmp_path / "time", wall.ms + 1_000, 60)
    assert lab.now_ms() == NOON
    wall.pass_ms(1_000)
    assert lab.now_ms() == NOON
    wall.pass_ms(1_500)
    assert lab.now_ms() == NOON + 90_000


def test_a_node_that_starts_later_agrees_with_the_others(tmp_path: Path, wall: Wall) -> None:
    """After a kill -9 it must not live in another hour than its peers."""
    first = laboratory(tmp_path / "time", wall.ms, 100)
    wall.pass_ms(7_777)
    assert LaboratoryTime(tmp_path / "time").now_ms() == first.now_ms() == NOON + 777_700


@pytest.mark.parametrize("factor", [0.5, 1, 60, 10_000])
def test_waiting_ends_at_the_time_waited_for_and_never_long_before(tmp_path: Path, wall: Wall, factor: float) -> None:
    """Whoever sleeps as told, again and again, meets the moment to within the clock's grain."""
    lab = laboratory(tmp_path / "time", wall.ms + 300, factor)
    when_ms = NOON + 5_000
    looks = 0
    while (wait_s := lab.seconds_until(when_ms)) > 0:
        assert lab.now_ms() < when_ms
        wall.pass_ms(max(1, round(wait_s * 1000)))
        looks += 1
    assert when_ms <= lab.now_ms() <= when_ms + 2 * max(1, factor)
    assert looks < 20
    assert lab.seconds_until(when_ms - 1) == 0


def test_while_time_stands_the_file_is_looked_at_again(tmp_path: Path, wall: Wall) -> None:
    """So a run is begun: all nodes are up, then one write sets their time going."""
    path = tmp_path / "time"
    lab = laboratory(path, wall.ms, 0)
    wall.pass_ms(10_000)
    assert lab.now_ms() == NOON
    assert 0 < lab.seconds_until(NOON + 1) < 0.1, "it must look again soon"
    assert lab.seconds_until(NOON) == 0
    Rate(wall_ms=wall.ms + 1_000, civil_ms=NOON, factor=10).write(path)
    wall.pass_ms(1_500)
    assert lab.now_ms() == NOON + 5_000


def test_a_write_leaves_the_old_file_or_the_new_one(tmp_path: Path, wall: Wall) -> None:
    """Nodes read at any moment; half a file would stop one."""
    path = tmp_path / "time"
    lab = laboratory(path, wall.ms, 0)
    for civil_ms in range(NOON, NOON + 5):
        Rate(wall_ms=0, civil_ms=civil_ms, factor=0).write(path)
        wall.pass_ms(100)
        assert lab.now_ms() == civil_ms
    assert [entry.name for entry in tmp_path.iterdir()] == ["time"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"wall_ms": 1, "civil_ms": 1}',
        '{"wall_ms": 1, "civil_ms": 1, "factor": -1}',
        '{"wall_ms": 1, "civil_ms": 1, "factor": NaN}',
        '{"wall_ms": 1, "civil_ms": 1, "factor": Infinity}',
        '{"wall_ms": "1", "civil_ms": 1, "factor": 1}',
        '{"wall_ms": 1, "civil_ms": -1, "factor": 1}',
        '{"wall_ms": 1, "civil_ms": 1, "factor": 1, "speed": 2}',
        None,
    ],
)
def test_a_file_that_says_nothing_is_refused_at_the_start(tmp_path: Path, text: str | None) -> None:
    """With its name, so that whoever runs the laboratory finds it."""
    path = tmp_path / "time"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=str(path)):
        LaboratoryTime(path)


def test_a_file_that_disappears_lets_time_stand_where_it_stood(tmp_path: Path, wall: Wall) -> None:
    """A run's folder may be cleared while its nodes still stop."""
    path = tmp_path / "time"
    lab = laboratory(path, wall.ms, 0)
    path.unlink()
    wall.pass_ms(1_000)
    assert lab.now_ms() == NOON
