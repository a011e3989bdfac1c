"""What ``make check`` makes of what pip-audit tells."""

import os
import subprocess
import sys

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
    assert report(packages, "here") == code
    told = capsys.readouterr()
    assert words in told.out
    assert ("bad 2.0 here: PYSEC-1, mended in 2.1" in told.err) == (code == 1)


def test_what_is_installed_and_what_is_deployed_is_asked_about_and_a_machine_without_a_network_goes_on() -> None:
    """They are not the same packages. Nobody answers at that proxy."""
    pytest.importorskip("pip_audit", reason="pip-audit is not installed")
    nowhere = dict.fromkeys(("https_proxy", "http_proxy", "HTTPS_PROXY", "HTTP_PROXY"), "http://127.0.0.1:9")
    command = [sys.executable, "-m", "tests.vulnerabilities"]
    asked = subprocess.run(command, env=os.environ | nowhere, capture_output=True, text=True, timeout=300)
    assert asked.returncode == 0, asked
    for line, where in zip(asked.stdout.splitlines(), ("here", "in the image"), strict=True):
        assert line.startswith(f"vulnerabilities {where}: could not be asked for: "), line
        assert "onnect" in line or "roxy" in line, line
