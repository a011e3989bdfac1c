"""Amounts as people type them."""

import pytest

from nodes.clients.amounts import currency_from, degrees_from, minor_from, minor_text, watts_from
from nodes.clients.errors import BadInput


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [("1.89", "BRL", 189), (" 1,89 ", "EUR", 189), ("0", "BRL", 0), ("150", "JPY", 150), ("0.089", "KWD", 89)],
)
def test_a_price_has_the_decimals_of_its_currency(text: str, currency: str, minor: int) -> None:
    """With a point or with a comma, and exactly: 1.89 in floating point is less than 189 cents."""
    assert minor_from(text, currency) == minor
    assert minor_from(minor_text(minor, currency, ","), currency) == minor


@pytest.mark.parametrize("text", ["", "1.895", "1.500", "1.890", "-1", "1e9", "1.234,5", "x", "٣", "9999999999"])
def test_what_is_no_price_is_not_rounded_into_one(text: str) -> None:
    """A price is what somebody pays."""
    with pytest.raises(BadInput):
        minor_from(text, "BRL")


def test_power_is_kilowatts_with_two_decimals() -> None:
    """And some. Three would be a thousand to somebody."""
    assert [watts_from(text) for text in ("22", "7.4", "7,4", "0.01")] == [22_000, 7_400, 7_400, 10]
    for text in ("0", "0.00", "1.000", "7.4005", "", "-3", "22 kW"):
        with pytest.raises(BadInput):
            watts_from(text)


def test_places_and_currencies_are_checked() -> None:
    """Before a node is asked."""
    assert degrees_from("-8.063", 90) == -8.063
    assert currency_from(" brl ") == "BRL"
    for text in ("91", "-90.1", "north", "", "1e1"):
        with pytest.raises(BadInput):
            degrees_from(text, 90)
    for text in ("R$", "REAL", ""):
        with pytest.raises(BadInput):
            currency_from(text)
