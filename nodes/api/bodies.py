"""What clients send."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field, StrictBool, model_validator

from nodes.api.fields import (
    WHO_DRIVES,
    Address,
    Body,
    Currency,
    DateTime,
    DriverId,
    EnergyWh,
    Millis,
    Name,
    NodeId,
    PointId,
    PowerW,
    PriceMinor,
    Text,
    to_ms,
)
from nodes.domain.commands import Reserve, ReserveNow
from nodes.domain.ids import POINT_ID_PATTERN, SLUG_PATTERN
from nodes.domain.point import MAX_NAME_CHARS, Connector, Location, PointSpec
from nodes.domain.terms import TERMS_RANGES, Terms
from nodes.tidings import Tidings

_DURATION = "seconds from now on, or less where the next reservation or the terms end it sooner"


def _ms(ms: int | None, moment: datetime | None) -> int:
    if ms is not None:
        return ms
    assert moment is not None
    return to_ms(moment)


def _term(name: str) -> Any:
    low, high = TERMS_RANGES[name]
    return Field(default=None, ge=low, le=high, strict=True, description="seconds")


class TermsBody(Body):
    """Terms under which a point is reserved and used; what is left out has its default, or stays as it is."""

    cancel_until_s: int | None = _term("cancel_until_s")
    early_start_s: int | None = _term("early_start_s")
    no_show_s: int | None = _term("no_show_s")
    late_stop_s: int | None = _term("late_stop_s")
    min_window_s: int | None = _term("min_window_s")
    max_window_s: int | None = _term("max_window_s")
    horizon_s: int | None = _term("horizon_s")

    def given(self) -> dict[str, int]:
        """Return what is given."""
        return self.model_dump(exclude_none=True)


class LocationBody(Body):
    """Where a point stands."""

    lat: Annotated[float, Field(ge=-90, le=90, strict=True, description="WGS 84 degrees", examples=[-8.063])] | None = (
        None
    )
    lon: (
        Annotated[float, Field(ge=-180, le=180, strict=True, description="WGS 84 degrees", examples=[-34.871])] | None
    ) = None
    address: Address | None = None


class PointBody(Body):
    """A new charging point."""

    id: Annotated[
        str,
        Field(
            pattern=f"(?:{SLUG_PATTERN})|(?:{POINT_ID_PATTERN})",
            max_length=100,
            description="the part behind the dot, for a point of this node; or a whole id, for any node",
            examples=["centro-01"],
        ),
    ]
    name: Name
    location: LocationBody = LocationBody()
    max_power_w: PowerW
    connector: Connector | None = None
    connector_label: Annotated[Text, Field(max_length=MAX_NAME_CHARS)] | None = None
    price_per_kwh_minor: PriceMinor
    currency: Currency = "BRL"
    terms: TermsBody = TermsBody()

    @model_validator(mode="after")
    def _describes_a_point(self) -> "PointBody":
        self.spec()
        return self

    def spec(self) -> PointSpec:
        """Return the description. Raises ``ValueError``, which validation has ruled out."""
        return PointSpec(
            name=self.name,
            location=Location(self.location.lat, self.location.lon, self.location.address),
            max_power_w=self.max_power_w,
            connector=self.connector,
            price_per_kwh_minor=self.price_per_kwh_minor,
            currency=self.currency,
            terms=Terms(**self.terms.given()),
            connector_label=self.connector_label,
        )


class PointPatchBody(Body):
    """Changes to a point; what is left out stays as it is."""

    name: Name | None = None
    price_per_kwh_minor: PriceMinor | None = None
    maintenance: StrictBool | None = None
    terms: TermsBody | None = None
    fault: Annotated[Text, Field(max_length=500)] | None = Field(
        default=None, description="what failed; empty: it works again. Comes alone: it is the charger's report"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> "PointPatchBody":
        others = (self.name, self.price_per_kwh_minor, self.maintenance, self.terms)
        if self.fault is not None and any(value is not None for value in others):
            raise ValueError("fault comes alone")
        if self.fault is None and all(value is None for value in others):
            raise ValueError("expected at least one change")
        return self


class ReservationBody(Body):
    """A window wanted on a point: `start_ms` (or `start`) and `end_ms` (or `end`); or `duration_s`, from now on."""

    point_id: PointId
    driver_id: DriverId | None = Field(default=None, description=WHO_DRIVES)
    start_ms: Millis | None = None
    start: DateTime | None = None
    end_ms: Millis | None = None
    end: DateTime | None = None
    duration_s: Annotated[int, Field(ge=1, le=31_622_400, strict=True, description=_DURATION)] | None = None

    @model_validator(mode="after")
    def _has_one_window(self) -> "ReservationBody":
        starts = (self.start_ms is not None) + (self.start is not None)
        ends = (self.end_ms is not None) + (self.end is not None)
        if (starts, ends, self.duration_s is not None) not in ((1, 1, False), (0, 0, True)):
            raise ValueError("expected start_ms or start, and end_ms or end; or only duration_s, which begins now")
        return self

    def action(self, driver_id: str) -> Reserve | ReserveNow:
        """Return what is asked for that driver. Raises ``ValueError``, which validation has ruled out."""
        if self.duration_s is not None:
            return ReserveNow(driver_id, self.duration_s)
        return Reserve(driver_id, _ms(self.start_ms, self.start), _ms(self.end_ms, self.end))


class StartBody(Body):
    """Plugging in under a reservation."""

    driver_id: DriverId | None = Field(default=None, description="if given, only this driver's reservation is started")
    max_energy_wh: EnergyWh | None = Field(default=None, description="room in the battery, in Wh")


class PlugInBody(Body):
    """Plugging in, with a reservation or without."""

    driver_id: DriverId | None = Field(default=None, description=WHO_DRIVES)
    end_ms: Millis | None = Field(default=None, description="until when, without a reservation; as long as possible")
    max_energy_wh: EnergyWh | None = Field(default=None, description="room in the battery, in Wh")


class MeterBody(Body):
    """A meter reading."""

    energy_wh: EnergyWh
    driver_id: DriverId | None = None


class StopBody(Body):
    """Unplugging."""

    energy_wh: EnergyWh | None = Field(default=None, description="the last reading; else the one before stands")
    driver_id: DriverId | None = None


class PingBody(Body):
    """What a node tells another one when it asks whether it is there. Newer nodes may say more."""

    model_config = ConfigDict(extra="ignore")

    tidings: Tidings
    reach: NodeId | None = Field(default=None, description="ask that node first, and say whether it answered")
