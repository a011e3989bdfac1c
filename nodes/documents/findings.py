"""A pydantic model against plain data: every problem, at its path, in words."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nodes.documents.expectations import expected, is_mismatch, message_of, mismatch
from nodes.documents.model_paths import Place, place_of
from nodes.documents.positions import Path, Plain

Model = TypeVar("Model", bound=BaseModel)

_FIELD_FIRST = re.compile(
    r"(?P<field>[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*|\[[0-9]{1,9}\])*): (?P<message>.+)", re.DOTALL
)
_STEP = re.compile(r"[a-z_][a-z0-9_]*|[0-9]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the data that the model does not allow."""

    path: Path
    message: str
    on_key: bool = False
    """Whether the last key of the path is at fault, not its value."""


@dataclass(frozen=True, slots=True)
class _Trouble:
    """A pydantic error and the place it speaks of."""

    place: Place
    error: ErrorDetails
    alternatives: tuple[str, ...] = ()
    """What else would have done, where every branch of a union expected something other."""


def check(model: type[Model], data: Plain) -> Model | list[Finding]:
    """Return the model's instance for the data, or everything that is wrong with it.

    The data is validated as JSON, so that a strict model still takes text for an enumeration and a list for a tuple.
    """
    try:
        return model.model_validate_json(json.dumps(data))
    except ValidationError as invalid:
        errors = invalid.errors(include_url=False)
    troubles = [_Trouble(place_of(model, error["loc"]), error) for error in errors]
    return list(dict.fromkeys(_finding(trouble, data) for trouble in _pruned(troubles, 0)))


def split_field(message: str) -> tuple[Path, str]:
    """Split ``stops[3].lat: expected …``, the way our value types say which field is wrong, into path and message."""
    parts = _FIELD_FIRST.fullmatch(message)
    if parts is None:
        return (), message
    steps = _STEP.findall(parts["field"])
    return tuple(int(step) if step.isdigit() else step for step in steps), parts["message"]


def value_at(data: Plain, path: Path) -> Plain:
    """Return what the data holds at the path; None when there is nothing."""
    for step in path:
        if isinstance(data, dict) and isinstance(step, str):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def _finding(trouble: _Trouble, data: Plain) -> Finding:
    place, error = trouble.place, trouble.error
    path, value = place.path, value_at(data, place.path)
    if error["type"] == "union_tag_invalid":
        path = (*path, str(error["ctx"]["discriminator"]).strip("'"))
        value = error["ctx"]["tag"]
    if trouble.alternatives:
        return Finding(path, mismatch(list(trouble.alternatives), value))
    message = message_of(error, value, place.known_keys)
    if error["type"] == "value_error":
        field, rest = split_field(message)
        if field and field[0] in place.known_keys:
            return Finding((*path, *field), rest)
    return Finding(path, message, on_key=place.on_key)


def _pruned(troubles: list[_Trouble], level: int) -> list[_Trouble]:
    """Keep of each union, counted from the outermost, the branch that comes nearest to the data."""
    kept: list[_Trouble] = []
    unions: dict[Path, dict[str, list[_Trouble]]] = defaultdict(lambda: defaultdict(list))
    for trouble in troubles:
        if len(trouble.place.forks) <= level:
            kept.append(trouble)
        else:
            depth, branch = trouble.place.forks[level]
            unions[trouble.place.path[:depth]][branch].append(trouble)
    for path, branches in unions.items():
        kept += _pruned(_nearest(path, list(branches.values())), level + 1)
    return kept


def _nearest(path: Path, branches: list[list[_Trouble]]) -> list[_Trouble]:
    """Return the errors of the branch that has the right type and the fewest errors, or one error for all of them."""
    fitting = [branch for branch in branches if not any(_is_refused(trouble, path) for trouble in branch)]
    if fitting:
        return min(fitting, key=lambda branch: (branch[0].error["type"] == "union_tag_not_found", len(branch)))
    refusals = [trouble for branch in branches for trouble in branch if _is_refused(trouble, path)]
    wanted = [expected(trouble.error) or trouble.error["msg"] for trouble in refusals]
    return [_Trouble(Place(path), refusals[0].error, tuple(wanted))]


def _is_refused(trouble: _Trouble, path: Path) -> bool:
    """Whether the value at the path is not of the branch's type at all."""
    return trouble.place.path == path and is_mismatch(trouble.error["type"])
