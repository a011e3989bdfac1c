"""A Docker engine, if there is one, and compose projects on it. Whatever a test starts it takes down again, volumes too."""

import asyncio
import json
import os
import shutil
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TAG = "test"
ENVIRONMENT = {"RECARGA_TAG": TAG, "DOCKER_BUILDKIT": os.environ.get("DOCKER_BUILDKIT", "0")}
"""BuildKit is a program of its own that not every engine has."""
_COMMAND_S = 900
HEALTHY_S = 300
"""A container starts in a second; on a machine that does much else, in many."""


@cache
def why_no_engine() -> str | None:
    """Return why containers cannot be started here; None: they can."""
    if shutil.which("docker") is None:
        return "no Docker engine: there is no program docker"
    try:
        asked = subprocess.run(["docker", "info", "-f", "{{.ID}}"], capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        return "no Docker engine: docker info does not answer"
    if asked.returncode != 0 or not asked.stdout.strip():
        return f"no Docker engine: {asked.stderr.strip()[-200:]}"
    return None if compose_command() else "no Docker Compose, neither version 2 nor 1"


@cache
def compose_command() -> tuple[str, ...]:
    """Return how Compose is called here: version 2, else version 1, else not at all."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            return command
    return ()


def run(*command: str, env: Mapping[str, str] | None = None, timeout_s: float = _COMMAND_S) -> str:
    """Run a command in the project's root; return what it printed. It must succeed."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | ENVIRONMENT | (env or {}),
        capture_output=True,
        text=True,
        timeout=timeout_s,
    )
    assert done.returncode == 0, f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Project:
    """A compose project of this test's own: its containers and volumes are nobody else's. (Its ports are the real ones.)"""

    def __init__(self, name: str, *files: str) -> None:
        """``files``: the compose files; none: whatever Compose finds by itself, which is what users start with ``up``."""
        self.name = name
        self.env = {"COMPOSE_PROJECT_NAME": name}
        self._files = [option for file in files for option in ("-f", file)]

    def compose(self, *arguments: str, **more: Any) -> str:
        return run(*compose_command(), *self._files, *arguments, env=self.env, **more)

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what the engine says of each container, by service."""
        ids = run("docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={self.name}").split()
        told = json.loads(run("docker", "inspect", *ids)) if ids else []
        return {each["Config"]["Labels"]["com.docker.compose.service"]: each for each in told}

    def container(self, service: str) -> str:
        """Return a container's id."""
        return str(self.containers()[service]["Id"])

    def health(self, but: Collection[str] = ()) -> dict[str, str]:
        """Return each service's health, but of some; its state where it has no health check, or does not run."""
        found = {}
        for service, told in self.containers().items():
            state = told["State"]
            running = state["Status"] == "running"
            if service not in but:
                found[service] = state["Health"]["Status"] if running and "Health" in state else state["Status"]
        return found

    def wait_until_healthy(self, but: Collection[str] = ()) -> dict[str, str]:
        """Wait until every service is healthy, but those that are not meant to be; return their health."""
        until_s = time.monotonic() + HEALTHY_S
        while set((health := self.health(but)).values()) != {"healthy"}:
            if time.monotonic() > until_s:
                pytest.fail(f"not healthy after {HEALTHY_S} s: {health}\n{self.compose('logs', '--tail', '30')}")
            time.sleep(1)
        return health

    def execute(self, service: str, *command: str) -> str:
        return run("docker", "exec", self.container(service), *command)

    def token(self, role: str, sub: str) -> str:
        """Return a bearer token, made with the network's keys. Only the keeper has them."""
        made = self.execute("keeper", "recarga", "token", "--keys", "/keys/keys.json", "--role", role, "--sub", sub)
        return made.strip()

    async def wait_for_health(self) -> None:
        """As ``wait_until_healthy``, while something else goes on."""
        await asyncio.to_thread(self.wait_until_healthy)


@contextmanager
def project(name: str, *files: str) -> Iterator[Project]:
    """Have a project; what it started is removed at the end, and what a test before it left behind at the beginning."""
    made = Project(name, *files)
    made.compose("down", "--volumes", "--remove-orphans", "--timeout", "5")
    try:
        yield made
    finally:
        made.compose("down", "--volumes", "--remove-orphans", "--timeout", "30")
