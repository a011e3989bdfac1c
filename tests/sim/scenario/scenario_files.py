"""Scenario files for tests."""

from pathlib import Path

import pytest

from nodes.documents import DocumentError
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario

SMALLEST = "name: small\ntime: {duration_s: 60}\n"


def write(folder: Path, text: str | bytes, name: str = "s.yaml") -> Path:
    """Write a file; return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def scenario_of(folder: Path, text: str, *changes: str) -> Scenario:
    """Return the scenario that a file of that text says."""
    return load_scenario(write(folder, text), changes).scenario


def refusal(path: Path, *changes: str) -> str:
    """Return the error for a scenario file, without the folder that it is in."""
    with pytest.raises(DocumentError) as caught:
        load_scenario(path, changes)
    return str(caught.value).replace(f"{path.parent}/", "")


def refusal_of(folder: Path, text: str | bytes, *changes: str) -> str:
    """Return the error for a scenario file of that text."""
    return refusal(write(folder, text), *changes)
