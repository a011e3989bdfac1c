"""What an operator fills in, and what it means: a new point, or other terms of one that is there."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

from nodes.clients.amounts import currency_from, degrees_from, minor_from, minor_text, watts_from
from nodes.clients.errors import BadInput
from nodes.clients.moments import length_s, length_text
from nodes.clients.objects import Point
from nodes.clients.operator import NewPoint, PointChange
from nodes.clients.plain_text import plain
from nodes.clients.speech import CONNECTORS, Speech
from nodes.clients.terminal.form_screen import Field, Unclear, Values
from nodes.clients.words import key_words
from nodes.domain.ids import is_point_id

T = TypeVar("T")
_CODE_CHARS_MAX = 64
_NEW = ("name", "node", "id", "address", "lat", "lon", "kw", "connector", "price_per_kwh", "currency")


def empty_values(speech: Speech) -> Values:
    """Return what a form for a new point begins with."""
    usual = {"kw": "22", "connector": "IEC_62196_T2", "currency": "BRL"}
    price = minor_text(189, usual["currency"], speech.separator)
    return dict.fromkeys(_NEW, "") | usual | {"price_per_kwh": price}


def new_fields(nodes: Sequence[str], speech: Speech) -> list[Field]:
    """Return the fields of a new point, which may be of any of these nodes."""
    choices = {"node": [(node, node) for node in nodes], "connector": list(CONNECTORS.items())}
    return [Field(name, speech(name), choices.get(name, [])) for name in _NEW]


def new_point(values: Values) -> NewPoint:
    """Return the point that is meant. Raises ``Unclear``."""
    currency = _read(values, "currency", currency_from)
    whole_id = f"{values['node'].strip()}.{values['id'].strip()}"
    if not is_point_id(whole_id):
        raise Unclear("id")
    return NewPoint(
        whole_id,
        _read(values, "name", _name_from),
        _read(values, "kw", watts_from),
        _read(values, "price_per_kwh", lambda text: minor_from(text, currency)),
        currency,
        values["connector"],
        _read(values, "lat", lambda text: degrees_from(text, 90)) if values["lat"].strip() else None,
        _read(values, "lon", lambda text: degrees_from(text, 180)) if values["lon"].strip() else None,
        values["address"].strip() or None,
    )


def values_of(point: Point, speech: Speech) -> Values:
    """Return what a form for changing a point begins with."""
    price = minor_text(point.price_per_kwh_minor, point.currency, speech.separator)
    return {"name": _shown(point.name), "price_per_kwh": price} | {
        term: length_text(seconds) for term, seconds in point.terms.items() if _is_known(term)
    }


def change_fields(point: Point, speech: Speech) -> list[Field]:
    """Return the fields of what can be changed of a point."""
    price = f"{speech('price_per_kwh')}, {point.currency}"
    terms = [Field(term, speech(f"length.{term}")) for term in point.terms if _is_known(term)]
    return [Field("name", speech("name")), Field("price_per_kwh", price), *terms]


def change_from(point: Point, values: Values) -> PointChange:
    """Return what is to be otherwise than it is. Raises ``Unclear``.

    The rest is not told, so that what another operator changed meanwhile stays.
    """
    name = _read(values, "name", _name_from)
    price = _read(values, "price_per_kwh", lambda text: minor_from(text, point.currency))
    terms = {term: _read(values, term, length_s) for term in point.terms if _is_known(term)}
    return PointChange(
        None if name == _shown(point.name) else name,
        None if price == point.price_per_kwh_minor else price,
        terms={term: seconds for term, seconds in terms.items() if seconds != point.terms[term]},
    )


def code_from(name: str) -> str:
    """Praça da Sé 1 -> praca-da-se-1."""
    letters = "".join(char for char in unicodedata.normalize("NFD", name.lower()) if not unicodedata.combining(char))
    return re.sub(r"[^a-z0-9]+", "-", letters)[:_CODE_CHARS_MAX].strip("-")


def _name_from(text: str) -> str:
    if not text.strip():
        raise BadInput("a point has a name")
    return text.strip()


def _shown(name: str) -> str:
    """Return a name as it can be typed."""
    return plain(name).strip()


def _is_known(term: str) -> bool:
    return key_words(f"length.{term}") is not None


def _read(values: Values, name: str, read: Callable[[str], T]) -> T:
    try:
        return read(values[name])
    except BadInput:
        raise Unclear(name) from None
