"""Limits that a run must keep to: its service-level objectives."""

from typing import Annotated, Any

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from sim.scenario.limit_syntax import Comparison, parse_limit
from sim.scenario.model import ScenarioModel
from sim.scenario.quantities import Seconds


class Limit(ScenarioModel):
    """One limit; text alone is short for its ``limit``."""

    limit: Annotated[str, Field(min_length=3, max_length=300)]
    """What must hold: ``p99(reserve.latency_ms) < 50``, ``goodput >= 0.9 * offered`` (docs/report.md, *Limits*)."""
    strict: bool = True
    """Whether the run fails when it does not hold, or cannot be measured; if not, the report tells it and that is all."""
    abort_after_s: Seconds | None = None
    """From so many seconds of the scenario's time on, the run is ended as soon as it does not hold; left out: never."""

    @model_validator(mode="before")
    @classmethod
    def _may_be_text(cls, data: object) -> object:
        return {"limit": data} if isinstance(data, str) else data

    @model_validator(mode="after")
    def _says_something(self) -> "Limit":
        try:
            comparison = parse_limit(self.limit)
        except ValueError as error:
            raise ValueError(f"limit: {error}") from error
        if self.abort_after_s is not None:
            for figure in comparison.figures:
                if not figure.is_live:
                    raise ValueError(f"abort_after_s: {figure.name} is known only when the run is over")
        return self

    @property
    def comparison(self) -> Comparison:
        """What it says."""
        return parse_limit(self.limit)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Let editors accept text alone, too."""
        whole = handler.resolve_ref_schema(handler(schema))
        return {"anyOf": [{"type": "string", "minLength": 3, "maxLength": 300}, whole], "description": cls.__doc__}
