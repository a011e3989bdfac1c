"""Commands as docs/deploy.md gives them, run as they stand there."""

import os
import re
import subprocess
from pathlib import Path

from tests.deploy.engine import ENVIRONMENT, ROOT, Project, compose_command

PAGE = (ROOT / "docs" / "deploy.md").read_text()


def blocks(heading: str) -> list[str]:
    """Return the commands under a heading, block by block."""
    section = re.search(rf"^## {re.escape(heading)}$(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert section is not None, heading
    return re.findall(r"^```\n(.*?)^```$", section[1], re.MULTILINE | re.DOTALL)


def follow(block: str, project: Project, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Run a block in a folder, by whichever version of Compose there is, and stop at what fails."""
    commands = block.replace("docker compose ", f"{' '.join(compose_command())} ")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=folder,
        env=os.environ | ENVIRONMENT | project.env | {"COMPOSE_FILE": str(ROOT / "docker" / "compose.duo.yaml")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
    )
