"""Which path of the document a pydantic error speaks of.

The ``loc`` of an error is not a path of the data: where a type is a union, pydantic puts in which member it tried (a
class, a discriminator's value). Those steps are told from keys and indices by following the types of the model.
"""

import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal, NamedTuple, NewType, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from nodes.documents.positions import Path

Location: TypeAlias = tuple[str | int, ...]
"""Pydantic's ``loc``."""


class Fork(NamedTuple):
    """A union on the way to an error."""

    depth: int
    """How many steps of the path lead to it."""
    branch: str
    """The member that pydantic tried."""


class Place(NamedTuple):
    """A pydantic location understood."""

    path: Path
    forks: tuple[Fork, ...] = ()
    on_key: bool = False
    """Whether the key is meant, not the value."""
    known_keys: tuple[str, ...] = ()
    """The keys of the model that the path, or an unknown last key of it, belongs to."""


def place_of(model: type[BaseModel], location: Location) -> Place:
    """Return what the location of an error of the model means; at worst the location itself, as a path."""
    return next(_places(model, location, ()), Place(location))


def field_at(model: type[BaseModel], key: str | int) -> FieldInfo | None:
    """Return the field that a key of the document fills, by its alias if it has one."""
    for name, info in model.model_fields.items():
        if key in _keys(name, info):
            return info
    return None


def _places(kind: object, left: Location, path: Path, forks: tuple[Fork, ...] = ()) -> Iterator[Place]:
    """Yield the ways to understand what is left of a location, from a value of that type, the likeliest first."""
    members = _members(kind)
    if len(members) > 1 and left:
        branch = str(left[0])
        for member in sorted(members, key=lambda member: not _is_called(member, branch)):
            yield from _places(member, left[1:], path, (*forks, Fork(len(path), branch)))
        return
    kind = members[0]
    model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    known = (
        () if model is None else tuple(key for name, info in model.model_fields.items() for key in _keys(name, info))
    )
    if not left:
        yield Place(path, forks, known_keys=known)
        return
    step, rest, arguments = left[0], left[1:], get_args(kind)
    here = (*path, step)
    if model is not None:
        info = field_at(model, step)
        if info is not None:
            yield from _places(info.annotation, rest, here, forks)
        elif not rest:
            yield Place(here, forks, on_key=True, known_keys=known)
    elif isinstance(get_origin(kind), type) and issubclass(get_origin(kind) or object, Mapping):
        if rest == ("[key]",):
            yield Place(here, forks, on_key=True)
        else:
            yield from _places(arguments[1], rest, here, forks)
    elif isinstance(step, int) and arguments:
        is_fixed = get_origin(kind) is tuple and Ellipsis not in arguments
        yield from _places(arguments[min(step, len(arguments) - 1) if is_fixed else 0], rest, here, forks)


def _members(kind: object) -> list[object]:
    """Return the types that a value of this type may have, ``None`` left out; a single one unless it is a union."""
    kind = _bare(kind)
    if get_origin(kind) not in (Union, types.UnionType):
        return [kind]
    return [_bare(member) for member in get_args(kind) if member is not type(None)] or [kind]


def _bare(kind: object) -> object:
    """Return the type without its wrappings: annotations, new names for it, root models."""
    while True:
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        elif isinstance(kind, NewType):
            kind = kind.__supertype__
        elif isinstance(kind, type) and issubclass(kind, RootModel):
            kind = kind.model_fields["root"].annotation
        elif hasattr(kind, "__value__"):  # a type alias of PEP 695
            kind = kind.__value__
        else:
            return kind


def _is_called(member: object, branch: str) -> bool:
    """Whether pydantic may call the member of a union by that name."""
    if not (isinstance(member, type) and issubclass(member, BaseModel)):
        return False
    if branch == member.__name__:
        return True
    annotations = (_bare(info.annotation) for info in member.model_fields.values())
    return any(branch in map(str, get_args(kind)) for kind in annotations if get_origin(kind) is Literal)


def _keys(name: str, info: FieldInfo) -> tuple[str, ...]:
    alias = info.validation_alias
    return (alias,) if isinstance(alias, str) else (name,)
