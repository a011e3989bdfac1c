"""From a scenario file to a scenario: ``extends``, then ``--set``, then the schema."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import orjson

from nodes.documents import MAX_DEPTH, Document, DocumentError, Plain, Problem, parse_document, read_document
from nodes.documents.wording import WHOLE_DOCUMENT, one_line
from sim.scenario.schema import Scenario

_EXTENDS_MAX = 8
"""Files that may extend one another; a chain longer than that is a mistake or a circle."""


@dataclass(frozen=True, slots=True)
class LoadedScenario:
    """A scenario with what it was made of."""

    scenario: Scenario
    path: Path
    resolved: dict[str, Plain]
    """Plain data that says the same without ``extends`` and with absolute paths."""
    document: Document | None = None
    """Where each part of it stands in its file; None where it was made of plain data."""

    @property
    def hash(self) -> str:
        """A fingerprint of the resolved scenario, 16 hexadecimal digits."""
        return sha256(orjson.dumps(self.resolved, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def load_scenario(path: Path, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read a scenario. ``overrides`` are ``path.to.key=value``, the value in YAML.

    Raises ``DocumentError`` with every problem and its place. Files named in a scenario are relative to that scenario's
    file; files named in an override are relative to the current folder.
    """
    document = _extended(path, ())
    data = _mapping(document)
    for text in overrides:
        data = _override(data, text)
    document = document.with_data(data)
    scenario = document.validate(Scenario)
    return LoadedScenario(scenario, path, data, document)


def _extended(path: Path, chain: tuple[Path, ...]) -> Document:
    document = read_document(path)
    data = _absolute(_mapping(document), path.parent.absolute())
    base_name = data.pop("extends", None)
    if base_name is None:
        return document.with_data(data)
    if not isinstance(base_name, str):
        raise document.error(("extends",), "expected the path of another scenario")
    if path.resolve() in chain or len(chain) >= _EXTENDS_MAX:
        raise document.error(("extends",), "the scenarios extend one another in a circle")
    base_path = path.parent / base_name
    if not _is_file(base_path):
        raise document.error(("extends",), f"there is no file {base_name!r}")
    base = _extended(base_path, (*chain, path.resolve()))
    return document.with_data(_merged(_mapping(base), data), base)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _mapping(document: Document) -> dict[str, Plain]:
    if not isinstance(document.data, dict):
        raise document.error((), "expected a mapping with name, time, network, fleet")
    return document.data


def _merged(base: dict[str, Plain], over: dict[str, Plain]) -> dict[str, Plain]:
    """Return base with over on top: mappings merge, everything else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _override(data: dict[str, Plain], text: str) -> dict[str, Plain]:
    """Return the data with one ``a.b=c`` applied."""
    name, equals, value = text.partition("=")
    keys = name.split(".")
    if not equals or not all(keys) or len(keys) > MAX_DEPTH:
        raise _override_error(text, "expected path.to.key=value")
    try:
        parsed = parse_document(value, "--set").data if value.strip() else ""
    except DocumentError as error:
        raise _override_error(text, f"the value: {error.problems[0].message}") from error
    changed = _replaced(data, keys, parsed, text)
    assert isinstance(changed, dict)
    return _absolute(changed, Path.cwd())


def _replaced(data: Plain, keys: list[str], value: Plain, text: str) -> Plain:
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    if isinstance(data, list):
        if key not in map(str, range(len(data))):
            raise _override_error(text, f"expected an index below {len(data)}, found {key!r}")
        return [_replaced(item, rest, value, text) if at == int(key) else item for at, item in enumerate(data)]
    if data is None or isinstance(data, dict):
        below = {} if data is None else data
        return below | {key: _replaced(below.get(key), rest, value, text)}
    raise _override_error(text, f"there is a plain value above {key!r}, nothing below it can be set")


def _override_error(text: str, message: str) -> DocumentError:
    path = one_line(text.partition("=")[0]) or WHOLE_DOCUMENT
    return DocumentError([Problem(f"--set {one_line(text)}", 1, 1, path, one_line(message))])


def _absolute(data: dict[str, Plain], folder: Path) -> dict[str, Plain]:
    """Return the data with the files it names made absolute. What is of a wrong type is left for the schema."""
    fleet, network = data.get("fleet"), data.get("network")
    if isinstance(fleet, dict) and isinstance(replay := fleet.get("replay"), dict):
        name = replay.get("path")
        if isinstance(name, str):
            data = data | {"fleet": fleet | {"replay": replay | {"path": str(folder / name)}}}
    if isinstance(network, dict) and isinstance(files := network.get("points_files"), dict):
        absolute: dict[str, Plain] = {
            node: str(folder / name) if isinstance(name, str) else name for node, name in files.items()
        }
        data = data | {"network": network | {"points_files": absolute}}
    return data
