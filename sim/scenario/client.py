"""How the load is put on the nodes: the vehicles' client, and when the load was not what it should be."""

from typing import Annotated

from pydantic import Field

from sim.scenario.model import ScenarioModel


class Client(ScenarioModel):
    """How vehicles talk to nodes; in wall-clock time."""

    timeout_ms: Annotated[int, Field(ge=10, le=60_000)] = 5_000
    """After this the vehicle does not know what became of its request."""
    connections_max: Annotated[int, Field(ge=1, le=1_000)] = 64
    """To one node; further requests wait for one, and are counted as sent late."""
    retries_max: Annotated[int, Field(ge=0, le=20)] = 4
    """Retries with the same key after no answer, 429 or 503."""


class Generator(ScenarioModel):
    """When the run itself was too slow to prove anything."""

    late_ms_p99_max: Annotated[float, Field(gt=0)] = 250
    """Requests sent later than intended, 99th percentile in wall-clock ms; above it the run is INVALID."""
