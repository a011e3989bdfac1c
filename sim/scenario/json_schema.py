"""The JSON Schema of scenario files, for editors.

``python -m sim.scenario.json_schema`` prints it; ``scenarios/scenario.schema.json`` is what it printed, and CI compares.
"""

import json
import sys
from typing import Any

from sim.scenario.schema import Scenario


def scenario_json_schema() -> dict[str, Any]:
    """Return the schema of what a scenario file may say, ``extends`` included."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "Another scenario file, relative to this one, that this one changes.",
    }
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Recarga scenario"
    schema.pop("required", None)  # a scenario that extends another need not repeat what that one says
    return schema


if __name__ == "__main__":
    sys.stdout.write(json.dumps(scenario_json_schema(), indent=2, ensure_ascii=False) + "\n")
