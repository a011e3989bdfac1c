"""``docs/report.md`` against the report."""

from pathlib import Path

import orjson

from sim.measure.outcomes import Outcome
from tests.sim.report.conftest import Reported

PAGE = Path(__file__).parents[3] / "docs" / "report.md"


def test_every_member_of_the_report_is_documented(reported: Reported) -> None:
    """A member that nobody can look up is a member that nobody dares to use."""
    report = orjson.loads((reported("ordinary")[1] / "report.json").read_bytes())
    text = PAGE.read_text()
    members = set(report) | set(report["run"]) | {outcome.word for outcome in Outcome}
    for name in ("points", "nodes", "faults", "fates"):
        members |= set(report[name][0])
    members |= set(report["points"][0]["demand"])
    for name in ("generator", "timeline", "occupancy"):
        members |= set(report[name])
    members -= {"name"}
    assert {member for member in members if member not in text} == set()
