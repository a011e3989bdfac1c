"""The folder that a run leaves behind.

====================  =======================================================
``scenario.yaml``     the scenario, resolved
``history.jsonl``     what happened (``sim.history``)
``report.json``       figures and verdicts
``report.html``       the same for people: one file
``nodes/<id>.db``     each node's database; beside it its points file and log
====================  =======================================================
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ruamel.yaml import YAML

from nodes.documents import Plain


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run's files."""

    path: Path

    @classmethod
    def create(cls, out: Path | None, name: str) -> "RunFolder":
        """Make the folder: ``out``, or ``runs/<name>-<utc>``. Raises ``OSError``, or ``FileExistsError`` if it holds a run."""
        path = out or Path("runs") / f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        folder = cls(path)
        if folder.history.exists():
            raise FileExistsError(f"{path} holds a run already")
        folder.nodes.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def scenario(self) -> Path:
        """The resolved scenario."""
        return self.path / "scenario.yaml"

    @property
    def history(self) -> Path:
        """What happened."""
        return self.path / "history.jsonl"

    @property
    def report_json(self) -> Path:
        """Figures and verdicts."""
        return self.path / "report.json"

    @property
    def report_html(self) -> Path:
        """The report for people."""
        return self.path / "report.html"

    @property
    def nodes(self) -> Path:
        """The nodes' databases, points files and logs."""
        return self.path / "nodes"

    def write_scenario(self, resolved: dict[str, Plain]) -> None:
        """Write the scenario as it was played."""
        yaml = YAML()
        yaml.default_flow_style = False
        with self.scenario.open("w", encoding="utf-8") as file:
            yaml.dump(resolved, file)
