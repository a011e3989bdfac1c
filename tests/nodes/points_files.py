"""Points files that tests write, and the examples they start from."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from nodes.documents import DocumentError
from nodes.points_file import PointEntry, read_points

DATA = Path(__file__).parent / "data"
POINT: dict[str, Any] = {
    "id": "centro-01",
    "name": "Centro",
    "location": {"lat": -12.97, "lon": -38.51},
    "max_power_w": 22000,
    "connector": "IEC_62196_T2",
    "price_per_kwh_minor": 250,
}
FEATURES = json.loads((DATA / "points.geojson").read_text(encoding="utf-8"))
LOCATIONS = json.loads((DATA / "locations.json").read_text(encoding="utf-8"))


class File:
    """A points file that a test writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, content: object, name: str = "p.yaml") -> list[PointEntry]:
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1), encoding="utf-8")
        return read_points(path)

    def problems(self, content: object, name: str = "p.yaml") -> list[str]:
        """What is wrong, without the file's name."""
        with pytest.raises(DocumentError) as caught:
            self.read(content, name)
        return [str(problem).removeprefix(f"{self.folder / name}:") for problem in caught.value.problems]

    def messages(self, content: object, name: str = "p.json") -> list[str]:
        """What is wrong, without the place: ``path: message``."""
        return [problem.split(": ", 1)[1] for problem in self.problems(content, name)]


def native(**changes: Any) -> dict[str, Any]:
    """A native file of one point with these changes; ``...`` leaves a key out."""
    return {"points": [{key: value for key, value in (POINT | changes).items() if value is not ...}]}


def feature(**changes: Any) -> dict[str, Any]:
    """A collection of the second example with changed properties; ``...`` leaves one out."""
    collection: dict[str, Any] = {"type": "FeatureCollection", "features": [copy.deepcopy(FEATURES["features"][1])]}
    properties = collection["features"][0]["properties"] | changes
    collection["features"][0]["properties"] = {key: value for key, value in properties.items() if value is not ...}
    return collection


def evse(number: int, **changes: Any) -> dict[str, Any]:
    """The example's Location with only that EVSE, and changes to its only or second connector."""
    answer: dict[str, Any] = copy.deepcopy(LOCATIONS)
    chosen = answer["data"][0]["evses"][number]
    connector = chosen["connectors"][-1] | changes
    chosen["connectors"] = [{key: value for key, value in connector.items() if value is not ...}]
    answer["data"][0]["evses"] = [chosen]
    return answer
