"""Who may do what: one row for each operation of the API, by its ``operationId``. What is in no row, nobody may.

That drivers touch their own reservations, sessions and trips only is judged where those are looked up
(``nodes.api.visit``): others' are to them as if they did not exist.
"""

from enum import StrEnum
from types import MappingProxyType

from nodes.principal import SIGNED_IN, Role


class SeedContract(StrEnum):
    """Who may speak the seed contract, at the root."""

    OPEN = "open"
    """Anybody: the clients that speak it know of no tokens. Whoever reaches the node may create points and reserve."""
    TOKEN = "token"  # noqa: S105 - a word, no secret
    """Who has a token, as everywhere else."""
    OFF = "off"
    """Nobody: it is not there."""


_D, _O, _R, _N = Role.DRIVER, Role.OPERATOR, Role.READER, Role.NODE

# fmt: off
_TABLE: dict[str, tuple[Role, ...]] = {
    # operation           driver  operator  reader  node
    "listPoints":        (_D,     _O,       _R,     _N),
    "getPoint":          (_D,     _O,       _R,     _N),
    "getCalendar":       (_D,     _O,       _R,     _N),
    "listNodes":         (_D,     _O,       _R,     _N),
    "watchEvents":       (_D,     _O,       _R,     _N),
    "createPoint":       (        _O,                 ),
    "changePoint":       (        _O,                 ),
    "removeNode":        (        _O,                 ),
    "reserve":           (_D,     _O,                 ),  # where the seed contract is open, a node for a client of its own
    "listReservations":  (_D,     _O,                 ),
    "getReservation":    (_D,     _O,                 ),
    "cancelReservation": (_D,     _O,               _N),  # a node: stops of trips that it coordinates
    "startReservation":  (_D,     _O,                 ),
    "plugIn":            (_D,     _O,                 ),
    "listSessions":      (_D,     _O,                 ),
    "getSession":        (_D,     _O,                 ),
    "meter":             (_D,     _O,                 ),
    "stop":              (_D,     _O,                 ),
    "planTrip":          (_D,     _O,                 ),
    "listTrips":         (_D,     _O,                 ),
    "getTrip":           (_D,     _O,                 ),
    "cancelTrip":        (_D,     _O,                 ),
    "getDecision":       (                          _N,),
    "prepareStop":       (                          _N,),
    "commitStop":        (                          _N,),
    "abortStop":         (                          _N,),
    "getStop":           (                          _N,),
    "ping":              (                          _N,),
    "getJournal":        (                          _N,),
    "getSnapshot":       (                          _N,),
    "getAttested":       (                          _N,),
    "exportTable":       (        _O,                 ),
    "getMetrics":        (        _O,       _R,     _N),
    "criarPonto":        (        _O,                 ),
    "listarPontos":      (_D,     _O,       _R,     _N),
    "reservar":          (_D,     _O,                 ),
}
# fmt: on

_SEED = ("criarPonto", "listarPontos", "reservar")
_OPEN = (
    "isAlive",
    "isReady",
    "whoAmI",
    "signIn",
    "signOut",
    # pages and files, by their paths: they hold nothing of anybody's
    "/openapi.json",
    "/docs",
    "/docs/{file}",
    "/ui",
    "/ui/",
    "/ui/{version}/{path:path}",
)
_EVERYBODY = frozenset((*SIGNED_IN, Role.GUEST))

PERMISSIONS = MappingProxyType(
    {operation: frozenset(roles) for operation, roles in _TABLE.items()} | dict.fromkeys(_OPEN, _EVERYBODY)
)
"""The roles that may use each operation."""


def permitted(operation: str, seed_contract: SeedContract = SeedContract.TOKEN) -> frozenset[Role]:
    """Return the roles that may use an operation. Raises ``KeyError`` for one that the table does not know."""
    roles = PERMISSIONS[operation]
    if operation == "reserve" and seed_contract is SeedContract.OPEN:
        return roles | {Role.NODE}
    if operation not in _SEED:
        return roles
    return {SeedContract.OPEN: _EVERYBODY, SeedContract.TOKEN: roles, SeedContract.OFF: frozenset[Role]()}[
        seed_contract
    ]
