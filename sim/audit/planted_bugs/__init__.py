"""The auditor is audited: bugs that the exploration must find, planted in the nodes' code where it is imported.

Nothing here imports ``nodes``: a bug must be planted before they are.
"""

from sim.audit.planted_bugs.bug import Edit, PlantedBug
from sim.audit.planted_bugs.catalogue import CATALOGUE, find
from sim.audit.planted_bugs.errors import EditMissed, PlantingError, TooLate, UnknownBug
from sim.audit.planted_bugs.planting import edited_sources, plant

__all__ = [
    "CATALOGUE",
    "Edit",
    "EditMissed",
    "PlantedBug",
    "PlantingError",
    "TooLate",
    "UnknownBug",
    "edited_sources",
    "find",
    "plant",
]
