"""The base of everything a scenario can say: strict, so that nothing misspelt is silently ignored."""

from pydantic import BaseModel, ConfigDict


class ScenarioModel(BaseModel):
    """Unknown keys are errors; numbers are numbers; nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)
