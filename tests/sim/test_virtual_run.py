"""A scenario in virtual time, with everything that can break: it passes its audit, and is the same every time."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from sim.audit import Verdict, audit
from sim.faults.swarm import swarm
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.virtual_run import VirtualRun

EXPLORATION = Path("scenarios/exploration.yaml").absolute()
_PLAY = """
import sys, orjson
from pathlib import Path
from sim.run_folder import RunFolder, write_yaml
from sim.scenario.load import load_scenario
from sim.virtual_run import VirtualRun
loaded = load_scenario(Path(sys.argv[1]))
print(VirtualRun(loaded, RunFolder(Path(sys.argv[2])), "test", lambda _: None).play().trace_hash)
"""


def scenario_of(seed: int, folder: Path) -> Path:
    """Write what ``recarga explore`` plays for that seed, with fewer vehicles."""
    data = swarm(dict(load_scenario(EXPLORATION, ["fleet.vehicles=60", "time.duration_s=2400"]).resolved), seed)
    path = folder / f"seed{seed}.yaml"
    path.write_bytes(orjson.dumps(data))  # JSON is YAML
    return path


def test_seeds_with_faults_pass_and_repeat_in_another_process(tmp_path: Path) -> None:
    """The same seed gives the same hash, whatever PYTHONHASHSEED is; and no promise is broken."""
    for seed in (1, 2, 3):
        path = scenario_of(seed, tmp_path)
        folder = RunFolder(tmp_path / f"run{seed}")
        result = VirtualRun(load_scenario(path), folder, "test", lambda _: None).play()
        found = audit(folder.path)
        assert found.verdict is Verdict.PASS, found.to_json()
        assert result.figures["vehicles"] == 60
        again = subprocess.run(
            [sys.executable, "-c", _PLAY, str(path), str(tmp_path / f"again{seed}")],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert again.stdout.strip() == result.trace_hash


def test_through_the_api_it_passes_too(tmp_path: Path) -> None:
    """Validation, headers and problem details are played as well."""
    changes = ["virtual.through_api=true", "fleet.vehicles=25"]
    folder = RunFolder(tmp_path / "run")
    VirtualRun(load_scenario(Path("scenarios/smoke.yaml"), changes), folder, "test", lambda _: None).play()
    assert audit(folder.path).verdict is Verdict.PASS


@pytest.mark.parametrize("python", ["python3.11", "python3.12", "python3.13"])
def test_another_python_comes_to_the_same_hash(tmp_path: Path, python: str) -> None:
    """A seed that fails in one place must fail everywhere."""
    ready = [python, "-c", "import simpy, sqlmodel, fastapi, orjson, ruamel.yaml, aiohttp"]
    if shutil.which(python) is None or subprocess.run(ready, capture_output=True).returncode != 0:
        pytest.skip(f"no {python} with the dependencies is at hand")
    path = scenario_of(5, tmp_path)
    here = VirtualRun(load_scenario(path), RunFolder(tmp_path / "here"), "test", lambda _: None).play()
    there = subprocess.run(
        [python, "-c", _PLAY, str(path), str(tmp_path / "there")],
        env={**os.environ, "PYTHONHASHSEED": "5", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.strip() == here.trace_hash
