"""Plain quantities of a scenario, with their ranges."""

from typing import Annotated

from pydantic import Field

from nodes.domain.ids import NODE_ID_PATTERN

YEAR_S = 366 * 86_400

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""0 to 1."""
Seconds = Annotated[float, Field(ge=0, le=YEAR_S, allow_inf_nan=False)]
PerHour = Annotated[float, Field(ge=0, le=36_000, allow_inf_nan=False)]
"""How often per hour of civil time, on average; ten a second at the most."""
NodeId = Annotated[str, Field(pattern=NODE_ID_PATTERN)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]

BROKER = "broker"
VEHICLES = "vehicles"
NOT_NODES = (BROKER, VEHICLES)
"""Hosts that are no nodes: the broker, and all vehicles together. No node may be called so."""
Host = NodeId
"""Who takes part in the network: a node's id, ``broker`` or ``vehicles``."""
Hosts = Annotated[list[Host], Field(min_length=1, max_length=52)]
