"""What breaks containers while others go on, and mends them."""

import time

from tests.deploy.engine import TAG, Project, run

_CUT_S = 5
"""As long as a breaker needs to open, and a probe to fail."""


def kill_and_start(project: Project, service: str) -> None:
    """As by a power cut: no signal that could be handled."""
    container = project.container(service)
    run("docker", "kill", container)
    run("docker", "start", container)


def cut_off_and_mend(project: Project, service: str) -> None:
    """The container runs, and reaches nobody, for a while."""
    container, network = project.container(service), f"{project.name}_default"
    run("docker", "network", "disconnect", network, container)
    time.sleep(_CUT_S)
    run("docker", "network", "connect", "--alias", service, network, container)


def put_back(project: Project, service: str, copy: str) -> None:
    """Kill a server, and start it with an older copy of its database, which lies in its volume."""
    container, volume = project.container(service), f"{project.name}_{service}-data"
    run("docker", "kill", container)
    replace = f"rm /data/{service}.db* && cp /data/{copy} /data/{service}.db"
    run("docker", "run", "--rm", "-v", f"{volume}:/data", "--entrypoint", "sh", f"recarga:{TAG}", "-c", replace)
    run("docker", "start", container)
