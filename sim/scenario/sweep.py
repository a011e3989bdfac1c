"""What ``recarga sweep`` plays: settings that vary, and how often each is repeated."""

import re
from decimal import Decimal
from itertools import count, takewhile
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import YEAR_S

VALUES_MAX = 1_000
"""Of one setting: more is a mistake in a range."""

_NUMBER = r"[+-]?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})\.\.({_NUMBER})(?::({_NUMBER}))?")

WarmUp = Literal["mser5", "none"] | Annotated[float, Field(ge=0, le=YEAR_S, allow_inf_nan=False)]
Measure = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]


class Sweep(ScenarioModel):
    """A grid of settings; ``--set`` and the other options of ``recarga sweep`` take precedence."""

    set: dict[str, Any] = {}
    """By path (``fleet.rate_per_h``): a list of values, or a range: ``100..400:50``, both ends included."""
    replications: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Of every cell, under seeds that are the same in all cells (common random numbers)."""
    until_half_width: Annotated[float, Field(gt=0, le=10)] | None = None
    """More replications are played until the intervals are this narrow: half their width, as a share of the value."""
    replications_max: Annotated[int, Field(ge=1, le=10_000)] = 50
    """The most that ``until_half_width`` may lead to."""
    measures: Annotated[list[Measure], Field(max_length=20)] = []
    """Whose intervals ``until_half_width`` is about; all that a knee is drawn of, if left out."""
    warm_up: WarmUp | None = None
    """What is left out at the beginning: what MSER-5 says, nothing, or so many seconds. If left out: MSER-5 where
    vehicles arrive at one rate and nothing breaks, else nothing."""

    @field_validator("set")
    @classmethod
    def _are_values(cls, value: dict[str, Any]) -> dict[str, Any]:
        return {path: spread(values if isinstance(values, list) else [values]) for path, values in value.items()}


def spread(values: list[Any]) -> list[Any]:
    """Return the values with ranges written out. Raises ``ValueError`` for what is none, nothing, or too much."""
    found: list[Any] = []
    for value in values:
        found += _range(value) if isinstance(value, str) and ".." in value else [value]
        if len(found) > VALUES_MAX:
            raise ValueError(f"expected at most {VALUES_MAX} values")
    if not found:
        raise ValueError("expected a value at least")
    if any(value in found[:at] for at, value in enumerate(found)):
        raise ValueError("expected different values")
    return found


def _range(text: str) -> list[float]:
    match = _RANGE.fullmatch(text)
    if match is None:
        raise ValueError(f"expected a range such as 100..400:50, found {text!r}")
    low, high, step = Decimal(match[1]), Decimal(match[2]), Decimal(match[3] or 1)
    if low > high or step <= 0:
        raise ValueError(f"expected a range that rises by steps above 0, found {text!r}")
    if (high - low) / step >= VALUES_MAX:
        raise ValueError(f"expected at most {VALUES_MAX} values, found {text!r}")
    steps = takewhile(lambda value: value <= high, (low + number * step for number in count()))
    return [int(value) if value == value.to_integral_value() else float(value) for value in steps]
