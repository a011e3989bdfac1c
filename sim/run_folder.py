"""The folder that a run leaves behind.

====================  =======================================================
``scenario.yaml``     the scenario, resolved
``history.jsonl``     what happened (``sim.history``)
``report.json``       figures and verdicts
``report.html``       the same for people: one file
``tables/*.csv``      the report's tables in full
``nodes/<id>.db``     each node's database; beside it its points file and log
====================  =======================================================
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path
from typing import Any, TextIO

from ruamel.yaml import YAML
from ruamel.yaml.representer import RoundTripRepresenter

from nodes.documents import Plain


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of one run's files."""

    path: Path

    @classmethod
    def create(cls, out: Path | None, name: str) -> "RunFolder":
        """Make the folder: ``out``, or ``runs/<name>-<utc>``. Raises ``OSError``, or ``FileExistsError`` if it holds a run."""
        folder = cls.unused(out, name)
        folder.nodes.mkdir(parents=True, exist_ok=True)
        return folder

    @classmethod
    def unused(cls, out: Path | None, name: str) -> "RunFolder":
        """Return the same without making it; ``write_scenario`` does. Raises ``FileExistsError`` if it holds a run."""
        path = out or _free(Path("runs"), f"{name}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        folder = cls(path)
        if folder.history.exists() or any(folder.nodes.glob("*.db")):
            raise FileExistsError(f"{path} holds a run already")
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
    def tables(self) -> Path:
        """The report's tables."""
        return self.path / "tables"

    @property
    def nodes(self) -> Path:
        """The nodes' databases, points files and logs."""
        return self.path / "nodes"

    def write_scenario(self, resolved: dict[str, Plain]) -> None:
        """Write the scenario as it is played, the first file of a run."""
        self.nodes.mkdir(parents=True, exist_ok=True)
        with self.scenario.open("w", encoding="utf-8") as file:
            write_yaml(resolved, file)


class _Representer(RoundTripRepresenter):
    """Quotes text with characters that ruamel.yaml would write as they are and read as line breaks."""

    def represent_text(self, text: str) -> Any:
        """Return the node of a text."""
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Representer.add_representer(str, _Representer.represent_text)


def write_yaml(data: dict[str, Any], file: TextIO) -> None:
    """Write plain data so that ``nodes.documents`` reads the same."""
    yaml = YAML()
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    yaml.dump(data, file)


def _free(folder: Path, name: str) -> Path:
    """Return ``folder/name``, with a number behind it if another run of this second has that."""
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    return next(path for path in map(folder.joinpath, names) if not path.exists())
