"""Everything here runs in containers of a real engine; without one it is skipped, and says so."""

from collections.abc import Iterator

import pytest

from tests.deploy.engine import TAG, Project, project, run, why_no_engine

_OURS = f"recarga.tag={TAG}"
"""What docker/services.yaml says of images that are built under this tag."""


@pytest.fixture(scope="session")
def image() -> Iterator[None]:
    """Have the project's image, built from this tree once. What it has replaced is removed at the end."""
    if (reason := why_no_engine()) is not None:
        pytest.skip(reason)
    build = ("docker", "build", "-q", "-f", "docker/Dockerfile")
    run(*build, "--target", "build", "-t", f"recarga-build:{TAG}", ".")  # a name keeps it, and with it what pip did
    run(*build, "--label", _OURS, "-t", f"recarga:{TAG}", ".")
    yield
    for label in (_OURS, "org.opencontainers.image.title=recarga-build"):
        run("docker", "image", "prune", "--force", "--filter", f"label={label}")


@pytest.fixture(scope="session")
def duo(image: None) -> Iterator[Project]:
    """Have the duo, started as users start it: by a plain ``up -d`` in the root."""
    with project("recarga-test-duo") as duo:
        duo.compose("up", "-d")
        duo.wait_until_healthy()
        yield duo
