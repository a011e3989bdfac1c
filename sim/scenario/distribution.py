"""Random quantities as a scenario writes them: a number, or one named distribution."""

import math
from random import Random
from typing import Annotated

from pydantic import Field, model_validator

from sim.scenario.model import ScenarioModel

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]


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
    lognormal: Annotated[tuple[Positive, NotNegative], Field(strict=False)] | None = Field(
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
        """Return one value."""
        value = self._raw(rng)
        if self.at_least is not None:
            value = max(value, self.at_least)
        return value if self.at_most is None else min(value, self.at_most)

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
