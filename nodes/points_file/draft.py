"""A point as a file tells it: native fields, each with the place in the file that it came from."""

import unicodedata
from dataclasses import dataclass, field

from nodes.documents import Document, Path, Plain, Problem
from nodes.documents.wording import found, suggestion
from nodes.domain.ids import slug_from
from nodes.domain.point import Connector
from nodes.points_file.connectors import connector_from

DEFAULTS_KEY = "defaults"
NO_DEFAULTS = ("id", "name", "location")  # what makes a point this point


MAX_FOREIGN_ID_CHARS = 255  # of GeoJSON and OCPI, whose ids become slugs


@dataclass(slots=True)
class Draft:
    """A point on its way from a file to an entry. Paths are the document's unless called native."""

    document: Document
    at: Path
    """The mapping in the file that describes the point."""
    fields: dict[str, Plain] = field(default_factory=dict)
    """In the native format."""
    origins: dict[Path, Path] = field(default_factory=dict)
    """Where native paths come from; one that is not here comes from the same path under ``at``."""
    problems: list[Problem] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    """Native fields with a problem, so that nobody looks for another in them."""

    def give(self, name: str, value: Plain, origin: Path) -> None:
        """Set a native field, read at that place in the file."""
        self.fields[name] = value
        self.origins[name,] = origin

    def fault(self, name: str, origin: Path, message: str) -> None:
        """Say that a native field cannot be had, because of what stands or is lacking at that place."""
        self.faulty.add(name)
        self.problems.append(self.document.problem(origin, message))

    def give_id(self, value: Plain, origin: Path) -> None:
        """Set the id from one of another format, made a slug."""
        text = str(value) if type(value) is int else value
        if not isinstance(text, str):
            self.fault("id", origin, f"expected an id, found {found(text)}")
        elif len(text) > MAX_FOREIGN_ID_CHARS:
            self.fault("id", origin, f"expected at most {MAX_FOREIGN_ID_CHARS} characters, found {found(text)}")
        elif not any(letter.isascii() and letter.isalnum() for letter in unicodedata.normalize("NFKD", text)):
            self.fault("id", origin, f"expected an id with at least one of a-z and 0-9, found {found(text)}")
        else:
            self.give("id", slug_from(text), origin)

    def give_connector(self, value: Plain, origin: Path) -> None:
        """Set the connector from anybody's name for it."""
        connector = connector_from(value) if isinstance(value, str) else None
        if connector is not None:
            self.give("connector", connector.value, origin)
        else:
            near = suggestion(value, Connector)
            self.fault("connector", origin, f"expected one of {', '.join(Connector)}, found {found(value)}{near}")

    def origin(self, path: Path) -> Path:
        """Return the place in the file of a native path: that of the longest part of it with a known one."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.origins:
                return (*self.origins[path[:end]], *path[end:])
        return (*self.at, *path)

    def fill(self, defaults: dict[str, Plain]) -> None:
        """Take from the defaults what the point does not say itself; of ``terms``, each term on its own."""
        for name, value in defaults.items():
            own = self.fields.get(name)
            if name not in self.fields and name not in self.faulty:
                self.give(name, value, (DEFAULTS_KEY, name))
            elif name == "terms" and isinstance(own, dict) and isinstance(value, dict):
                lacking = {term: seconds for term, seconds in value.items() if term not in own}
                self.origins |= {(name, term): (DEFAULTS_KEY, name, term) for term in lacking}
                self.fields[name] = own | lacking


def defaults_of(document: Document, problems: list[Problem]) -> dict[str, Plain]:
    """Return the ``defaults`` of a file, beside its points; adds to the problems what cannot be one."""
    defaults = document.data.get(DEFAULTS_KEY, {}) if isinstance(document.data, dict) else {}
    if not isinstance(defaults, dict):
        problems.append(document.problem((DEFAULTS_KEY,), "expected a mapping"))
        return {}
    for name in NO_DEFAULTS:
        if name in defaults:
            message = "cannot have a default: every point has its own"
            problems.append(document.problem((DEFAULTS_KEY, name), message, on_key=True))
    return {name: value for name, value in defaults.items() if name not in NO_DEFAULTS}
