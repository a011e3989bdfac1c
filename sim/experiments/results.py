"""Results on disk, one file per replication: written at once or not at all, and never computed twice."""

from pathlib import Path

import orjson

from sim.experiments.errors import ExperimentError
from sim.experiments.result import Result
from sim.whole_file import replace_file

_RESULTS, _REPORTS = "results", "reports"


class Results:
    """The results in a sweep's folder."""

    def __init__(self, folder: Path) -> None:
        """Make the folders. Raises ``ExperimentError`` for a folder that cannot be written, or that holds a run."""
        self._folder = folder
        if (folder / "history.jsonl").exists():
            raise ExperimentError(f"{folder}: holds a run, not a sweep")
        try:
            for name in (_RESULTS, _REPORTS):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ExperimentError(f"{folder}: cannot be made: {error.strerror}") from error

    def find(self, key: str, *, with_report: bool) -> Result | None:
        """Return the result of that key, if it is there and whole, with its page if that is wanted."""
        try:
            result = Result.from_json(orjson.loads(self._path(key).read_bytes()))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # missing, cut or of another version: it is computed
        if result.key != key or (with_report and not self.report_path(key).exists()):
            return None
        return result

    def keep(self, result: Result) -> None:
        """Write a result down, its page first. Raises ``ExperimentError``."""
        if result.report:
            replace_file(self.report_path(result.key), result.report, ExperimentError)
        replace_file(self._path(result.key), orjson.dumps(result.to_json()), ExperimentError)

    def report_path(self, key: str) -> Path:
        """Return where the page of a replication is, if it was kept."""
        return self._folder / _REPORTS / f"{key}.html"

    def _path(self, key: str) -> Path:
        return self._folder / _RESULTS / f"{key}.json"
