"""Random quantities as a scenario writes them: a number, or one named distribution."""

import math
from collections.abc import Callable
from random import Random
from typing import Annotated

from pydantic import AfterValidator, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.scenario.model import ScenarioModel

LARGEST = 1e9
"""Of any quantity that is drawn: thirty years in seconds, a gigawatt. Milliseconds of it fit in 64 bits with ease."""

TRIP_STOPS_MAX = 20
"""The most that a node takes (``nodes/api/trip_bodies.py``)."""

Positive = Annotated[float, Field(gt=0, le=LARGEST, allow_inf_nan=False)]
Sigma = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]
Finite = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class Distribution(ScenarioModel):
    """Exactly one of the distributions; draws are kept within ``at_least`` and ``at_most``."""

    constant: Finite | None = None
    uniform: Annotated[tuple[Finite, Finite], Field(strict=False)] | None = Field(
        default=None, description="[low, high]"
    )
    triangular: Annotated[tuple[Finite, Finite, Finite], Field(strict=False)] | None = Field(
        default=None, description="[low, mode, high]"
    )
    exponential: Positive | None = Field(default=None, description="mean")
    lognormal: Annotated[tuple[Positive, Sigma], Field(strict=False)] | None = Field(
        default=None, description="[median, sigma of the logarithm]"
    )
    at_least: Finite | None = None
    at_most: Finite | None = None

    @model_validator(mode="before")
    @classmethod
    def _number_is_constant(cls, value: object) -> object:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return {"constant": value}
        return value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the JSON Schema, in which a plain number will do too."""
        written = handler.resolve_ref_schema(handler(core_schema))
        number = {"type": "number", "minimum": -LARGEST, "maximum": LARGEST}
        description = written.pop("description", "")
        return {"description": description, "anyOf": [number, written]}

    @model_validator(mode="after")
    def _is_one_distribution(self) -> "Distribution":
        given = [name for name in _KINDS if getattr(self, name) is not None]
        if len(given) != 1:
            names = ", ".join(_KINDS)
            raise ValueError(f"expected a number or exactly one of {names}; found {', '.join(given) or 'none'}")
        for name in ("uniform", "triangular"):
            bounds = getattr(self, name)
            if bounds is not None and list(bounds) != sorted(bounds):
                raise ValueError(f"{name}: expected numbers in rising order")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise ValueError("at_least: expected at most at_most")
        return self

    def draw(self, rng: Random) -> float:
        """Return one value, between -1e9 and 1e9."""
        return self._kept(self._raw(rng))

    def named(self) -> tuple[float, float]:
        """Return the least and greatest number that it was given, of a mean or median that one, within its limits."""
        shape = next(value for name in _KINDS if (value := getattr(self, name)) is not None)
        numbers = shape[:1] if self.lognormal is not None else shape if isinstance(shape, tuple) else (shape,)
        return self._kept(min(numbers)), self._kept(max(numbers))

    def _kept(self, value: float) -> float:
        low = -LARGEST if self.at_least is None else self.at_least
        return min(max(value, low), LARGEST if self.at_most is None else self.at_most)

    def _raw(self, rng: Random) -> float:
        if self.constant is not None:
            return self.constant
        if self.uniform is not None:
            return rng.uniform(*self.uniform)
        if self.triangular is not None:
            low, mode, high = self.triangular
            return rng.triangular(low, high, mode)
        if self.exponential is not None:
            return rng.expovariate(1 / self.exponential)
        assert self.lognormal is not None
        median, sigma = self.lognormal
        return rng.lognormvariate(math.log(median), sigma)


_KINDS = ("constant", "uniform", "triangular", "exponential", "lognormal")


def within(low: float, high: float) -> Callable[[Distribution], Distribution]:
    """Return the check that a distribution's numbers are of the key's unit and sign."""

    def check(distribution: Distribution) -> Distribution:
        for number in distribution.named():
            if not low <= number <= high:
                wanted = f"{low:g} to {high:g}" if high < LARGEST else f"{low:g} or more"
                raise ValueError(f"expected numbers of {wanted}, found {number:g}")
        return distribution

    return check


DurationS = Annotated[Distribution, AfterValidator(within(0, LARGEST))]
"""Seconds, not below 0."""
DurationMs = Annotated[Distribution, AfterValidator(within(0, 86_400_000))]
"""Milliseconds, 0 to a day."""
ShareDrawn = Annotated[Distribution, AfterValidator(within(0, 1))]
"""0 to 1."""
WattHours = Annotated[Distribution, AfterValidator(within(1_000, LARGEST))]
"""Wh of a battery: one that is given in kWh is refused."""
StopCount = Annotated[Distribution, AfterValidator(within(1, TRIP_STOPS_MAX))]
"""Stops of a trip, as many as a node takes."""
Watts = Annotated[Distribution, AfterValidator(within(1_000, LARGEST))]
"""W of a vehicle: one that is given in kW is refused."""
