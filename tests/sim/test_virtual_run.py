"""A scenario in virtual time, with everything that can break: it passes its audit, and is the same every time."""

import os
import subprocess
import sys
from pathlib import Path

import orjson

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
