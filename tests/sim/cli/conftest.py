"""One run of the smallest scenario of the project, looked at by many tests."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.sim.cli.commands import Said, command

SMOKE = Path(__file__).parents[3] / "scenarios" / "smoke.yaml"


@dataclass
class FinishedRun:
    """What it said and what it left."""

    said: Said
    folder: Path


@pytest.fixture(scope="session")
def smoke(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """``recarga run scenarios/smoke.yaml``."""
    folder = tmp_path_factory.mktemp("smoke")
    with command(folder, "run", SMOKE) as running:
        said = running.end()
    (made,) = (folder / "runs").iterdir()
    return FinishedRun(said, made)
