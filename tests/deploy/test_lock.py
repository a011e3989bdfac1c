"""What the image installs is what the project asks for, each file by its hash."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.deploy.engine import ROOT

_PIN = re.compile(r"^([a-zA-Z0-9._-]+)(?:\[[^\]]*\])?==([^ ;\\]+)", re.MULTILINE)
LOCK = (ROOT / "docker" / "requirements.lock").read_text()
PINS = {canonicalize_name(name): version for name, version in _PIN.findall(LOCK)}
MARKED = {canonicalize_name(line.partition("==")[0]) for line in re.findall(r"^\S+==.* ; .*$", LOCK, re.MULTILINE)}
"""Pins that are for some machines only."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = re.search(r"^IMAGE_EXTRAS := (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)


def wanted() -> list[str]:
    assert EXTRAS is not None
    extras = [line for name in EXTRAS[1].split() for line in PROJECT["optional-dependencies"][name]]
    return [*PROJECT["dependencies"], *extras]


@pytest.mark.parametrize("line", wanted())
def test_every_dependency_is_pinned_within_its_range(line: str) -> None:
    """Else the image is not what the tests ran with: run `make lock`."""
    requirement = Requirement(line)
    assert requirement.specifier.contains(PINS[canonicalize_name(requirement.name)])


def test_every_pin_has_hashes() -> None:
    """No list with some that have none would be taken by pip."""
    entries = re.split(r"^(?=[a-zA-Z0-9])", LOCK, flags=re.MULTILINE)
    assert all("--hash=sha256:" in entry for entry in entries if _PIN.match(entry))
    assert len(PINS) > 40
