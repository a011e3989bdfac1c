"""What clients send about trips, and what nodes send each other about their stops."""

from typing import Annotated

from pydantic import Field, StrictBool, model_validator

from nodes.api.fields import (
    WHO_DRIVES,
    Body,
    DateTime,
    DriverId,
    Millis,
    NodeId,
    PointId,
    PowerW,
    TripId,
    to_ms,
)
from nodes.domain.commands import PrepareStop
from nodes.request import Nearby, PlanTrip, StopWish, coordinator_of

STOPS_MAX = 20
"""Stops of one trip."""
_ANY_OF_MAX = 10
_RADIUS_M_MAX = 200_000

_StopNumber = Annotated[int, Field(ge=0, lt=STOPS_MAX, strict=True, description="which stop of the trip, from 0")]


class NearBody(Body):
    """Any point near a place."""

    lat: Annotated[float, Field(ge=-90, le=90, strict=True, description="WGS 84 degrees", examples=[-8.063])]
    lon: Annotated[float, Field(ge=-180, le=180, strict=True, description="WGS 84 degrees", examples=[-34.871])]
    radius_m: Annotated[float, Field(gt=0, le=_RADIUS_M_MAX, strict=True, description="metres", examples=[2_000])]
    min_power_w: PowerW = 1


class StopWishBody(Body):
    """One stop: a window on `point_id`, on `any_of` some points (the first that can be had), or `near` a place."""

    point_id: PointId | None = None
    any_of: Annotated[list[PointId], Field(min_length=1, max_length=_ANY_OF_MAX)] | None = None
    near: NearBody | None = None
    start_ms: Millis | None = None
    start: DateTime | None = None
    end_ms: Millis | None = None
    end: DateTime | None = None

    @model_validator(mode="after")
    def _says_where_and_when(self) -> "StopWishBody":
        if sum(place is not None for place in (self.point_id, self.any_of, self.near)) != 1:
            raise ValueError("expected one of point_id, any_of, near")
        if self.any_of is not None and len(dict.fromkeys(self.any_of)) < len(self.any_of):
            raise ValueError("any_of names a point twice")
        if (self.start_ms is None) == (self.start is None) or (self.end_ms is None) == (self.end is None):
            raise ValueError("expected start_ms or start, and end_ms or end")
        return self

    def wish(self) -> StopWish:
        """Return what is wished."""
        start_ms = to_ms(self.start) if self.start is not None else self.start_ms
        end_ms = to_ms(self.end) if self.end is not None else self.end_ms
        assert start_ms is not None and end_ms is not None
        points = (self.point_id,) if self.point_id is not None else tuple(self.any_of or ())
        near = None if self.near is None else Nearby(**self.near.model_dump())
        return StopWish(start_ms, end_ms, points, near)


class TripBody(Body):
    """A trip: its stops in order of time, none overlapping the one before."""

    driver_id: DriverId | None = Field(default=None, description=WHO_DRIVES)
    stops: Annotated[list[StopWishBody], Field(min_length=1, max_length=STOPS_MAX)]
    coordinator: NodeId | None = Field(
        default=None,
        description="the node that decides; else the owner of the first point that is named. Needed where none is",
    )

    def plan(self, driver_id: str) -> tuple[str | None, PlanTrip]:
        """Return the coordinator (None: nothing says which) and what is asked of it."""
        wishes = tuple(stop.wish() for stop in self.stops)
        return self.coordinator or coordinator_of(wishes), PlanTrip(driver_id, wishes)


class PrepareBody(Body):
    """A coordinator asks for a promise."""

    point_id: PointId
    trip_id: TripId
    stop: _StopNumber
    driver_id: DriverId
    start_ms: Millis
    end_ms: Millis
    points: Annotated[list[PointId], Field(max_length=STOPS_MAX, description="where the trip's other stops are")] = []

    def action(self) -> PrepareStop:
        """Return what is asked."""
        return PrepareStop(self.trip_id, self.stop, self.driver_id, self.start_ms, self.end_ms, tuple(self.points))


class CommitBody(Body):
    """A coordinator says that a promised stop stands."""

    trip_id: TripId


class AbortBody(Body):
    """A coordinator says that what was promised for a stop is not needed."""

    point_id: PointId
    trip_id: TripId
    stop: _StopNumber
    is_replaced: StrictBool = Field(default=False, description="whether the trip may stand, with another point")
