"""What an operator may say of a point."""

from dataclasses import replace
from typing import Any

import pytest

from nodes.domain.point import MAX_ADDRESS_CHARS, MAX_NAME_CHARS, MAX_POWER_W, MAX_PRICE_MINOR, Location
from tests.nodes.domain.examples import spec


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "a"),
        ("name", "a" * MAX_NAME_CHARS),
        ("max_power_w", 1),
        ("max_power_w", MAX_POWER_W),
        ("price_per_kwh_minor", 0),
        ("price_per_kwh_minor", MAX_PRICE_MINOR),
        ("currency", "EUR"),
        ("connector", None),
    ],
)
def test_both_ends_of_every_range_are_allowed(field: str, value: Any) -> None:
    """A free charger and a megawatt charger are both real."""
    assert getattr(replace(spec(), **{field: value}), field) == value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "a" * (MAX_NAME_CHARS + 1)),
        ("max_power_w", 0),
        ("max_power_w", -1),
        ("max_power_w", MAX_POWER_W + 1),
        ("max_power_w", float("nan")),
        ("price_per_kwh_minor", -1),
        ("price_per_kwh_minor", MAX_PRICE_MINOR + 1),
        ("currency", ""),
        ("currency", "brl"),
        ("currency", "BR"),
        ("currency", "REAIS"),
        ("currency", "ÀÉÎ"),
        ("currency", "123"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: Any) -> None:
    """The error names the field: the operator who wrote it is reading a file with many."""
    with pytest.raises(ValueError, match=f"^{field}: expected"):
        replace(spec(), **{field: value})


@pytest.mark.parametrize("currency", ["R$1", "B1L", "A-Z", "BR ", "A\nB"])
def test_a_currency_is_three_letters(currency: str) -> None:
    """ISO 4217 codes are letters only; what people write instead ('R$ ') must not reach the books."""
    with pytest.raises(ValueError, match=r"^currency: expected an ISO 4217 code"):
        replace(spec(), currency=currency)


@pytest.mark.parametrize(("lat", "lon"), [(-90, -180), (90, 180), (0.0, 0.0), (-12.97, -38.51)])
def test_every_place_on_earth_is_a_location(lat: float, lon: float) -> None:
    """The poles and the date line are the ends of the range; zero is a place and not a missing value."""
    location = Location(lat, lon)
    assert (location.lat, location.lon) == (lat, lon)


@pytest.mark.parametrize(
    ("lat", "lon", "message"),
    [
        (90.0001, 0, r"^location\.lat: "),
        (-90.0001, 0, r"^location\.lat: "),
        (0, 180.0001, r"^location\.lon: "),
        (0, -180.0001, r"^location\.lon: "),
        (float("nan"), 0, r"^location\.lat: "),
        (0, float("inf"), r"^location\.lon: "),
        (0, None, "lat and lon come together"),
        (None, 0, "lat and lon come together"),
    ],
)
def test_a_place_that_is_not_on_earth_is_refused(lat: float | None, lon: float | None, message: str) -> None:
    """Swapped or half coordinates would send a driver to the wrong continent."""
    with pytest.raises(ValueError, match=message):
        Location(lat, lon)


def test_a_location_may_be_an_address_alone() -> None:
    """The seed contract has a text where we have coordinates."""
    assert Location(address="a" * MAX_ADDRESS_CHARS).lat is None
    with pytest.raises(ValueError, match=r"^location\.address: "):
        Location(address="a" * (MAX_ADDRESS_CHARS + 1))
