"""How many decimals a currency has."""

import re
from pathlib import Path

import pytest

import nodes.web
from nodes.domain import currency
from nodes.domain.currency import minor_digits
from nodes.points_file.exact_units import minor_units


@pytest.mark.parametrize(("code", "digits"), [("BRL", 2), ("JPY", 0), ("KWD", 3), ("OMR", 3), ("IQD", 3), ("XYZ", 2)])
def test_money_has_the_decimals_of_its_currency(code: str, digits: int) -> None:
    """One digit too few makes a price a tenth."""
    assert minor_digits(code) == digits
    assert minor_units(2, code) == 2 * 10**digits


def test_the_page_counts_as_the_servers_do() -> None:
    """What an operator types on the page is what the servers store."""
    script = (Path(nodes.web.__file__).parent / "static" / "js" / "currency.js").read_text()
    none, three = (set(re.findall(r'"([A-Z]{3})"', line)) for line in re.findall(r"^const .*", script, re.MULTILINE))
    assert (none, three) == (currency._NO_MINOR_UNIT, currency._THREE_DIGITS)
