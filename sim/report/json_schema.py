"""The JSON Schema of ``report.json``.

``python -m sim.report.json_schema`` prints it; ``docs/report.schema.json`` is what it printed, and CI compares.
"""

import json
import sys
from typing import Any

from sim.report.model import SCHEMA_VERSION, Report


def report_json_schema() -> dict[str, Any]:
    """Return the schema of what is written."""
    schema = Report.model_json_schema(mode="serialization")
    schema["properties"]["schema_version"]["const"] = SCHEMA_VERSION
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Recarga load report", **schema}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(report_json_schema(), indent=2, ensure_ascii=False) + "\n")
