"""Everything here runs in containers of a real engine; without one it is skipped, and says so."""

from collections.abc import Iterator

import pytest

from tests.deploy.engine import Project, project, run, why_no_engine


@pytest.fixture(scope="session")
def image() -> None:
    """Have the project's image, built from this tree."""
    if (reason := why_no_engine()) is not None:
        pytest.skip(reason)
    run("docker", "build", "-q", "-f", "docker/Dockerfile", "-t", "recarga:test", ".")


@pytest.fixture(scope="session")
def duo(image: None) -> Iterator[Project]:
    """Have the duo, started as users start it: by a plain ``up -d`` in the root."""
    with project("recarga-test-duo") as duo:
        duo.compose("up", "-d")
        duo.wait_until_healthy()
        yield duo
