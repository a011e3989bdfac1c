"""All planted bugs."""

from sim.audit.planted_bugs.books import BOOKS
from sim.audit.planted_bugs.bounds import BOUNDS
from sim.audit.planted_bugs.bug import PlantedBug
from sim.audit.planted_bugs.calendars import CALENDARS
from sim.audit.planted_bugs.durability import DURABILITY
from sim.audit.planted_bugs.errors import UnknownBug
from sim.audit.planted_bugs.gossip import GOSSIP
from sim.audit.planted_bugs.keys import KEYS
from sim.audit.planted_bugs.membership import MEMBERSHIP
from sim.audit.planted_bugs.moves import MOVES
from sim.audit.planted_bugs.ownership import OWNERSHIP
from sim.audit.planted_bugs.progress import PROGRESS
from sim.audit.planted_bugs.reading import READING
from sim.audit.planted_bugs.time_passing import TIME_PASSING
from sim.audit.planted_bugs.trips import TRIPS

CATALOGUE: tuple[PlantedBug, ...] = (
    *CALENDARS,
    *DURABILITY,
    *KEYS,
    *TRIPS,
    *READING,
    *OWNERSHIP,
    *GOSSIP,
    *MEMBERSHIP,
    *MOVES,
    *TIME_PASSING,
    *PROGRESS,
    *BOOKS,
    *BOUNDS,
)
"""In the order of the promises that they break."""


def find(name: str) -> PlantedBug:
    """Return the bug of that name. Raises ``UnknownBug``, which names those there are."""
    for bug in CATALOGUE:
        if bug.name == name:
            return bug
    raise UnknownBug(f"there is no planted bug {name!r}; there are {', '.join(bug.name for bug in CATALOGUE)}")
