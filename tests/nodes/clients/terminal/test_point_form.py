"""What is typed into the forms for points, and what it means."""

import pytest

from nodes.clients.operator import NewPoint, PointChange
from nodes.clients.speech import Speech
from nodes.clients.terminal.form_screen import Unclear
from nodes.clients.terminal.point_form import (
    change_fields,
    change_from,
    code_from,
    empty_values,
    new_fields,
    new_point,
    values_of,
)
from nodes.domain.terms import TERMS_RANGES, Terms
from tests.nodes.clients.terminal.examples import point

PT = Speech("pt")
NAMED = {"name": " Porto 1 ", "node": "server2", "id": "porto-1"}
TERMS = {name: getattr(Terms(), name) for name in TERMS_RANGES}


def test_a_new_point_is_what_is_typed() -> None:
    """Places may be left out; figures are written as the language writes them."""
    more = {"lat": "-8,06", "lon": "-34.87", "address": "Cais", "kw": "7,4", "price_per_kwh": "2,35"}
    assert new_point(empty_values(PT) | NAMED) == NewPoint(
        "server2.porto-1", "Porto 1", 22_000, 189, "BRL", "IEC_62196_T2"
    )
    assert new_point(empty_values(PT) | NAMED | more) == NewPoint(
        "server2.porto-1", "Porto 1", 7_400, 235, "BRL", "IEC_62196_T2", -8.06, -34.87, "Cais"
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("name", " "),
        ("id", "Porto 1"),
        ("lat", "91"),
        ("lon", "x"),
        ("kw", "0"),
        ("price_per_kwh", "1,895"),
        ("currency", "R$"),
    ],
)
def test_the_field_that_is_not_clear_is_named(field: str, text: str) -> None:
    """So that the cursor can be put there."""
    with pytest.raises(Unclear) as raised:
        new_point(empty_values(PT) | NAMED | {field: text})
    assert raised.value.field == field


def test_a_form_has_a_value_for_each_field() -> None:
    """Of a new point, and of one with all terms that nodes have."""
    there = point(terms=TERMS)
    assert {field.name for field in new_fields(["server1"], PT)} == set(empty_values(PT))
    assert [field.name for field in change_fields(there, PT)] == list(values_of(there, PT))
    assert set(TERMS_RANGES) <= set(values_of(there, PT))


def test_only_what_is_typed_anew_is_changed() -> None:
    """What another operator changes meanwhile stays; a term that this client has no words for is let alone."""
    there = point(terms=TERMS | {"patience_s": 7})
    values = values_of(there, PT)
    assert change_from(there, values).is_empty
    strange = point(terms=TERMS, name=" Cais\x1b ")
    assert change_from(strange, values_of(strange, PT)).is_empty
    typed = values | {"price_per_kwh": "2", "no_show_s": "600s", "cancel_until_s": "1h30m"}
    assert change_from(there, typed) == PointChange(
        price_per_kwh_minor=200, terms={"no_show_s": 600, "cancel_until_s": 5_400}
    )
    assert change_from(there, values | {"name": "Cais"}).body() == {
        "name": "Cais",
        "price_per_kwh_minor": None,
        "maintenance": None,
        "terms": None,
    }


def test_a_code_is_made_of_a_name() -> None:
    """As the web client makes it."""
    assert code_from("Praça da Sé 1") == "praca-da-se-1"
    assert code_from("  ÁÉ -- ñ!") == "ae-n"
    assert code_from("x" * 63 + " y") == "x" * 63
