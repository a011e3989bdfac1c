"""What Porcupine is told are requests with the time in which they must have taken effect."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from sim.audit.export import export
from tests.sim.audit.random_run import RandomRun
from tests.sim.audit.scripted_run import A, scripted_run


@pytest.fixture
def operations(tmp_path: Path) -> list[dict[str, Any]]:
    run = RandomRun(4, vehicles=12).play(1_500)
    return [orjson.loads(line) for line in export(run.write(tmp_path), "porcupine")]


def test_every_operation_has_the_members_of_the_go_type(operations: list[dict[str, Any]]):
    """By their names there; calls come before returns, and both are lines of the history."""
    assert len(operations) > 300
    for operation in operations:
        assert list(operation) == ["ClientId", "Input", "Call", "Output", "Return"]
        assert isinstance(operation["ClientId"], int)
        assert operation["Input"]["point"].startswith("server")
        assert operation["Call"] <= operation["Return"]
    assert len({operation["Call"] for operation in operations}) == len(operations)


def test_what_nobody_knows_may_happen_until_the_end(operations: list[dict[str, Any]]):
    """Its return is the last line, and its output says only that."""
    last = max(operation["Return"] for operation in operations)
    unknown = [operation for operation in operations if operation["Output"]["outcome"] == "info"]
    assert unknown
    assert all(operation["Return"] == last and operation["Output"] == {"outcome": "info"} for operation in unknown)


def test_a_retry_is_part_of_its_request(tmp_path: Path):
    """From the first attempt to the answer."""
    script = scripted_run()
    found = [orjson.loads(line) for line in export(script.run.write(tmp_path), "porcupine")]
    (operation,) = (each for each in found if each["Input"]["key"] == "k4-lost")
    (told,) = script.run.completions("reserve", id=script.ids["retried"])
    assert operation["Input"] == {"f": "reserve", "point": A, "key": "k4-lost"} | {
        "value": {name: told["value"][name] for name in ("driver_id", "start_ms", "end_ms")}
    }
    assert operation["Output"]["value"] == told["value"]
    assert operation["Return"] == script.run.lines.index(told)
    assert operation["Call"] < script.run.lines.index(script.run.invoke_of(told))
