"""What ``make check`` makes of what pip-audit tells."""

import pytest

from tests.vulnerabilities import report

SOUND = {"name": "good", "version": "1.0", "vulns": []}
HURT = {"name": "bad", "version": "2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"], "aliases": []}]}
NOT_FOUND = {"name": "own", "skip_reason": "not on PyPI"}


@pytest.mark.parametrize(
    ("packages", "code", "words"),
    [
        ([SOUND, NOT_FOUND], 0, "0 known of 1 packages"),
        ([SOUND, HURT], 1, "1 known of 2 packages"),
        ([NOT_FOUND, NOT_FOUND], 0, "nobody could be asked"),
        ([], 0, "nobody could be asked"),
    ],
)
def test_only_what_is_known_fails_a_check(
    packages: list[dict[str, object]], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody there to ask is no reason to stop, and is not said to be good news."""
    assert report(packages) == code
    told = capsys.readouterr()
    assert words in told.out
    assert ("bad 2.0: PYSEC-1, mended in 2.1" in told.err) == (code == 1)
