"""The image alone."""

import json
from importlib.metadata import version

import pytest
from packaging.utils import canonicalize_name

from tests.deploy.engine import TAG, run
from tests.deploy.test_lock import MARKED, PINS

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

IMAGE = f"recarga:{TAG}"


def test_the_image_says_what_it_is(image: None) -> None:
    """Labels, a health check, an exec-form entry (signals arrive), and no shell history of secrets."""
    told = json.loads(run("docker", "image", "inspect", IMAGE))[0]["Config"]
    labels = {name.rpartition(".")[2]: value for name, value in told["Labels"].items()}
    assert (labels["title"], labels["licenses"], labels["version"]) == ("recarga", "MIT", version("recarga"))
    assert told["Entrypoint"] == ["recarga"]
    assert told["Healthcheck"]["Test"][0] == "CMD"
    assert told["User"] == "10001:10001"


def test_it_lists_what_it_holds(image: None) -> None:
    """What was installed is what was pinned, and nothing else; with licences, for those who have to know them."""
    told = json.loads(run("make", "--silent", "sbom", env={"RECARGA_TAG": TAG}))
    assert (told["bomFormat"], told["metadata"]["component"]["name"]) == ("CycloneDX", "recarga")
    found = {canonicalize_name(each["name"]): each["version"] for each in told["components"]}
    assert found.items() <= PINS.items()
    assert PINS.keys() - found.keys() <= MARKED
    licences = [each for each in told["components"] if each.get("licenses")]
    assert len(licences) > 0.9 * len(found)
