"""One run of the smallest scenario of the project in each mode, looked at by many tests."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sim.cli.commands import Said, command

SMOKE = Path(__file__).parents[3] / "scenarios" / "smoke.yaml"


@dataclass
class FinishedRun:
    """What it said and what it left."""

    mode: str
    said: Said
    folder: Path


@pytest.fixture(scope="session", params=["virtual", "local"])
def smoke(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """``recarga run scenarios/smoke.yaml``, and the same with ``--mode local``."""
    folder = tmp_path_factory.mktemp(f"smoke-{request.param}")
    mode = [] if request.param == "virtual" else ["--mode", request.param]
    with command(folder, "run", SMOKE, *mode) as running:
        said = running.end()
    (made,) = (folder / "runs").iterdir()
    return FinishedRun(request.param, said, made)
