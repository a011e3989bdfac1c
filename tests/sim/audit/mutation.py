"""Expecting that a bent run is found out, by the check that should find it, with a story that can be read."""

from pathlib import Path

from sim.audit import Verdict
from sim.audit.story import tell
from tests.sim.audit.run_folder import RunFolder


def expect(run: RunFolder, folder: Path, promise: str, check: str) -> list[str]:
    """Audit the run; the promise must fail by that check. Returns the story."""
    result = run.audit_in(folder)
    found = {each.check: each for each in reversed(result.promises[promise].violations)}
    others = {name: [each.check for each in other.violations] for name, other in result.promises.items()}
    assert result.promises[promise].verdict is Verdict.FAIL, others
    assert check in found, others
    assert result.verdict is Verdict.FAIL
    story = tell(found[check])
    assert story[0].startswith(f"{promise} {check}: ")
    assert len(story) > 1, "a story shows where it was seen"
    return story
