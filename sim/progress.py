"""How far a run is."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """What is told of a run while it plays."""

    phase: str
    civil_s: float = 0.0
    total_s: float = 0.0
    departed: int = 0
    vehicles: int = 0
    requests: int = 0
    reserved: int = 0
    refused: int = 0
    unknown: int = 0


OnProgress = Callable[[Progress], None]
