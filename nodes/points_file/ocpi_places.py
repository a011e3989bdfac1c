"""The EVSEs of a file of OCPI Locations, with their places in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from nodes.documents import Document, Path, Plain, Problem
from nodes.documents.wording import found

LOCATION_KEYS = ("locations", "data")
NOT_IN_SERVICE = ("REMOVED", "PLANNED")


@dataclass(frozen=True, slots=True)
class Evse:
    """An EVSE and the Location it belongs to."""

    at: Path
    fields: dict[str, Plain]
    location_at: Path
    location: dict[str, Plain]
    is_alone: bool
    """Whether the Location has no other EVSE in service."""


def evses_of(document: Document, problems: list[Problem]) -> Iterator[Evse]:
    """Yield the EVSEs in service; adds to the problems what is no Location or EVSE at all."""
    for location_at, location in _locations(document, problems):
        given = location.get("evses")
        if not isinstance(given, list):
            message = f"expected the Location's list of EVSEs, found {found(given)}"
            problems.append(document.problem((*location_at, "evses"), message))
            continue
        in_service: list[tuple[Path, dict[str, Plain]]] = []
        for index, evse in enumerate(given):
            at = (*location_at, "evses", index)
            if not isinstance(evse, dict):
                problems.append(document.problem(at, f"expected an EVSE, found {found(evse)}"))
            elif evse.get("status") not in NOT_IN_SERVICE:
                in_service.append((at, evse))
        for at, evse in in_service:
            yield Evse(at, evse, location_at, location, len(in_service) == 1)


def _locations(document: Document, problems: list[Problem]) -> Iterator[tuple[Path, dict[str, Plain]]]:
    root = document.data
    key = next(key for key in LOCATION_KEYS if key in root) if isinstance(root, dict) else None
    base: Path = () if key is None else (key,)
    given = root[key] if isinstance(root, dict) and key is not None else root
    if isinstance(given, dict):
        yield base, given
        return
    for index, location in enumerate(given if isinstance(given, list) else [given]):
        at = (*base, index) if isinstance(given, list) else base
        if isinstance(location, dict):
            yield at, location
        else:
            problems.append(document.problem(at, f"expected a Location, found {found(location)}"))
