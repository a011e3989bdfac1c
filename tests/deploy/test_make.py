"""The make targets, with the names that their users know."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.deploy.engine import ROOT, TAG, Project, project, run

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

NAME = "recarga-test-make"
SERVERS = {"server1", "server2", "server3"}
_ENV = {"TRIO_PROJECT": NAME, "RECARGA_TAG": TAG}
CTRL_C = b"\x03"


@pytest.fixture(scope="module")
def made(image: None) -> Iterator[Project]:
    with project(NAME, "docker/compose.trio.yaml") as made:
        yield made


def make(*targets: str) -> str:
    return run("make", *targets, env=_ENV)


class Terminal:
    """A make target with a terminal of its own, as a person has one."""

    def __init__(self, target: str) -> None:
        self.seen = b""
        self._own, theirs = pty.openpty()
        environment = os.environ | _ENV | {"DOCKER_BUILDKIT": "0", "TERM": "xterm"}
        # setsid makes the terminal the controlling one, so that Ctrl-C reaches what runs there
        command = ["setsid", "--ctty", "--wait", "make", target]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)

    def wait_for(self, words: bytes, within_s: float = 240) -> None:
        until_s = time.monotonic() + within_s
        while words not in self.seen:
            assert time.monotonic() < until_s, self.seen.decode(errors="replace")
            self._read()

    def end(self, key: bytes) -> int:
        os.write(self._own, key)
        until_s = time.monotonic() + 120
        while self.process.poll() is None and time.monotonic() < until_s:
            self._read()
        self.process.kill()
        os.close(self._own)
        return self.process.wait()

    def _read(self) -> None:
        if select.select([self._own], [], [], 0.2)[0]:
            try:
                self.seen += os.read(self._own, 65_536)
            except OSError:
                time.sleep(0.2)


def test_build_targets_build_the_image(made: Project) -> None:
    """Each by itself, and all."""
    for target in ("build-client", "build-server", "build"):
        make(target)
    assert run("docker", "image", "inspect", "-f", "{{.Config.User}}", f"recarga:{TAG}").strip() == "10001:10001"


def test_run_servers_starts_the_three(made: Project) -> None:
    """In the background, with what they need and no client."""
    make("run-servers")
    assert set(made.health()) >= SERVERS
    assert "client" not in made.health()


def test_run_server_takes_the_place_of_the_one_in_the_background(made: Project) -> None:
    """With a terminal; Ctrl-C stops it in order."""
    terminal = Terminal("run-server2")
    terminal.wait_for(b"server2 is ready")
    terminal.end(CTRL_C)
    assert b"server2 has stopped" in terminal.seen


def test_run_client_opens_the_terminal_client(made: Project) -> None:
    """On a terminal, with the servers that it needs."""
    terminal = Terminal("run-client")
    terminal.wait_for(b"server1")
    terminal.end(CTRL_C)


def test_up_up_build_and_down(made: Project) -> None:
    """All of it, built anew, and gone; what is in volumes stays."""
    make("up")
    assert set(made.wait_until_healthy()) == {*SERVERS, "broker", "keeper", "client"}
    make("up-build")
    made.wait_until_healthy()
    make("down")
    assert made.containers() == {}
    assert f"{NAME}_server1-data" in run("docker", "volume", "ls", "-q")
