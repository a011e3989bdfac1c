"""OCPI Tariffs, as far as a point can express them: one price for each kWh, and nothing else.

A tariff that also charges for time, for a start or for parking, or whose price depends on anything, cannot be told to a
driver as a price per kWh. It is refused rather than cut down.
"""

from nodes.documents import Document, Path, Plain, Problem
from nodes.documents.wording import found
from nodes.points_file.draft import Draft
from nodes.points_file.exact_units import minor_units

TARIFFS_KEY = "tariffs"
EXPLICIT = "; give price_per_kwh_minor at the EVSE or its Location instead"
_FOR_EVERYBODY = (None, "REGULAR")  # OCPI's other TariffTypes are for some drivers only


class TariffError(ValueError):
    """A tariff is not one price for each kWh."""


class Tariffs:
    """The tariffs of a file, by id."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        given = document.data.get(TARIFFS_KEY, []) if isinstance(document.data, dict) else []
        self._by_id: dict[str, tuple[Path, dict[str, Plain]]] = {}
        if not isinstance(given, list):
            problems.append(document.problem((TARIFFS_KEY,), f"expected a list of tariffs, found {found(given)}"))
            return
        for index, tariff in enumerate(given):
            name = tariff.get("id") if isinstance(tariff, dict) else None
            if isinstance(tariff, dict) and isinstance(name, str):
                self._by_id[name] = ((TARIFFS_KEY, index), tariff)
            else:
                problems.append(document.problem((TARIFFS_KEY, index), "expected a tariff with an id that is text"))

    def give_price(self, draft: Draft, at: Path, connector: dict[str, Plain], *, has_default: bool) -> None:
        """Give a draft the price of its connector's tariff, or a fault when there is none, and no default either."""
        ids = connector.get("tariff_ids")
        names = [name for name in ids if isinstance(name, str)] if isinstance(ids, list) else []
        tariffs = [self._by_id[name] for name in names if name in self._by_id]
        if not tariffs and not has_default:
            lacking = f"; the file has no tariff {found(names[0])}" if names else ""
            message = (
                f"required, but missing{lacking}; give it at the EVSE, its Location or in defaults, or give the connector "
                "tariff_ids and the file tariffs"
            )
            draft.fault("price_per_kwh_minor", (*at, "price_per_kwh_minor"), message)
        regular = [each for each in tariffs if each[1].get("type") in _FOR_EVERYBODY]
        for tariff_at, tariff in (regular or tariffs)[:1]:
            try:
                price_minor, currency = price_of(tariff)
            except ValueError as error:
                draft.fault("price_per_kwh_minor", tariff_at, str(error))
                return
            draft.give("price_per_kwh_minor", price_minor, tariff_at)
            draft.give("currency", currency, (*tariff_at, "currency"))


def price_of(tariff: Plain) -> tuple[int, str]:
    """Return a tariff's price for a kWh, in the currency's minor unit and before VAT as OCPI has it, and the currency.

    Raises ``TariffError`` naming what a point cannot express, or what is missing, and ``ValueError`` for a price that is no
    whole number of minor units.
    """
    if not isinstance(tariff, dict):
        raise TariffError(f"expected a tariff, found {found(tariff)}")
    currency = tariff.get("currency")
    if not isinstance(currency, str):
        raise TariffError(f"the tariff has no currency{EXPLICIT}")
    for limit in ("min_price", "max_price"):
        if tariff.get(limit) is not None:
            raise TariffError(f"the tariff has a {limit}, which a point cannot express{EXPLICIT}")
    elements = tariff.get("elements")
    prices = (
        {price for element in elements for price in _energy_prices(element)} if isinstance(elements, list) else set()
    )
    if len(prices) != 1:
        raise TariffError(f"the tariff has {len(prices) or 'no'} prices of type ENERGY; a point has one{EXPLICIT}")
    return minor_units(prices.pop(), currency), currency


def _energy_prices(element: Plain) -> list[float]:
    components = element.get("price_components") if isinstance(element, dict) else None
    if not isinstance(element, dict) or not isinstance(components, list):
        raise TariffError(f"the tariff has an element without price_components{EXPLICIT}")
    prices = []
    for component in components:
        kind = component.get("type") if isinstance(component, dict) else None
        price = component.get("price") if isinstance(component, dict) else None
        if isinstance(price, bool) or not isinstance(price, (int, float)):
            raise TariffError(f"expected the price of a component to be a number, found {found(price)}")
        if kind != "ENERGY" and price != 0:
            raise TariffError(f"the tariff charges for {found(kind)}, which a point cannot express{EXPLICIT}")
        if kind == "ENERGY":
            prices.append(price)
    if prices and element.get("restrictions"):
        raise TariffError(f"the tariff's price has restrictions, which a point cannot express{EXPLICIT}")
    return prices
