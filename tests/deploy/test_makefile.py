"""What `make help` shows is what can be had. (No engine is needed here.)"""

import re

from tests.deploy.engine import ROOT, run

SEED = [
    "build-client",
    "build-server",
    "build",
    "run-client",
    "run-server1",
    "run-server2",
    "run-server3",
    "run-servers",
    "up",
    "up-build",
    "down",
]
"""The targets that users of the seed system know."""


def test_every_target_that_users_know_is_shown_with_what_it_does() -> None:
    """A target that nobody can find is as good as none."""
    shown = dict(line.split(maxsplit=1) for line in run("make", "--silent", "help").splitlines())
    assert set(SEED) <= shown.keys()
    phony = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    assert shown.keys() == set(phony[1].replace("\\\n", " ").split())
