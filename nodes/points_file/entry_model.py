"""What every format has to come to in the end: the native entry of a point, checked."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from nodes.documents.wording import found
from nodes.domain.ids import is_slug, slug_from
from nodes.domain.point import (
    MAX_ADDRESS_CHARS,
    MAX_NAME_CHARS,
    MAX_POWER_W,
    MAX_PRICE_MINOR,
    Connector,
    Location,
    PointSpec,
)
from nodes.domain.terms import TERMS_RANGES, Terms


def _checked_slug(text: str) -> str:
    if is_slug(text):
        return text
    near = slug_from(text)
    raise ValueError(f"expected 1 to 64 of a-z, 0-9 and '-', not at an end, found {found(text)}; {near!r} would do")


def _checked_currency(text: str) -> str:
    if re.fullmatch(r"[A-Z]{3}", text):
        return text
    raise ValueError(f"expected an ISO 4217 code such as BRL, found {found(text)}")


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class LocationModel(_Strict):
    """WGS 84, in degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)
    address: Annotated[str, Field(max_length=MAX_ADDRESS_CHARS)] | None = None


def _seconds(name: str) -> Any:
    low, high = TERMS_RANGES[name]
    return Field(default=getattr(Terms(), name), ge=low, le=high)


class TermsModel(_Strict):
    """``nodes.domain.terms.Terms``, any of them."""

    cancel_until_s: int = _seconds("cancel_until_s")
    early_start_s: int = _seconds("early_start_s")
    no_show_s: int = _seconds("no_show_s")
    late_stop_s: int = _seconds("late_stop_s")
    min_window_s: int = _seconds("min_window_s")
    max_window_s: int = _seconds("max_window_s")
    horizon_s: int = _seconds("horizon_s")


class EntryModel(_Strict):
    """One point: ``nodes.domain.point.PointSpec`` and an id."""

    id: Annotated[str, AfterValidator(_checked_slug)]
    name: str = Field(min_length=1, max_length=MAX_NAME_CHARS)
    location: LocationModel
    max_power_w: int = Field(ge=1, le=MAX_POWER_W)
    connector: Connector
    price_per_kwh_minor: int = Field(ge=0, le=MAX_PRICE_MINOR)
    currency: Annotated[str, AfterValidator(_checked_currency)] = "BRL"
    terms: TermsModel = Field(default_factory=TermsModel)

    def spec(self) -> PointSpec:
        """Return the domain's value. Raises its ``ValueError``, whose text begins with the field."""
        location = Location(**self.location.model_dump())
        try:
            terms = Terms(**self.terms.model_dump())
        except ValueError as error:
            raise ValueError(f"terms.{error}") from None
        return PointSpec(
            name=self.name,
            location=location,
            max_power_w=self.max_power_w,
            connector=self.connector,
            price_per_kwh_minor=self.price_per_kwh_minor,
            currency=self.currency,
            terms=terms,
        )


assert list(TermsModel.model_fields) == list(TERMS_RANGES)
