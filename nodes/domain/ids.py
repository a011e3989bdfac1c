"""Identifiers. Each one names its owner, so that any node can route any request.

==============  ===============================  =============================
node            ``server1``                      ``[a-z0-9-]``, 1 to 32
point           ``server1.centro-01``            node, a dot, a slug of 1 to 64
reservation     ``server1.centro-01.r2-17``      point, ``r``, epoch, sequence
session         ``server1.centro-01.s2-18``      point, ``s``, epoch, sequence
trip            ``server1.trip.t2-5``            coordinating node, ``trip``, ``t``, epoch, count
==============  ===============================  =============================

All of them are safe in a URL path, an MQTT topic and a file name. A reservation's or session's id holds the
witness ``(epoch, seq)`` of the event that made it, which is unique by construction. A trip's id says in which of its
coordinator's epochs it began.
"""

import re
import unicodedata

NODE_ID_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$"
SLUG_PATTERN = r"^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$"
POINT_ID_PATTERN = NODE_ID_PATTERN[:-1] + r"\." + SLUG_PATTERN[1:]
RESERVATION_ID_PATTERN = POINT_ID_PATTERN[:-1] + r"\.r[0-9]{1,10}-[0-9]{1,15}$"
SESSION_ID_PATTERN = POINT_ID_PATTERN[:-1] + r"\.s[0-9]{1,10}-[0-9]{1,15}$"
TRIP_ID_PATTERN = NODE_ID_PATTERN[:-1] + r"\.trip\.t[0-9]{1,10}-[0-9]{1,15}$"

_NODE_ID = re.compile(NODE_ID_PATTERN)
_SLUG = re.compile(SLUG_PATTERN)
_POINT_ID = re.compile(POINT_ID_PATTERN)
_RESERVATION_ID = re.compile(RESERVATION_ID_PATTERN)
_SESSION_ID = re.compile(SESSION_ID_PATTERN)
_TRIP_ID = re.compile(TRIP_ID_PATTERN)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def is_node_id(text: str) -> bool:
    """Whether the text is a node's id."""
    return _NODE_ID.fullmatch(text) is not None


def is_slug(text: str) -> bool:
    """Whether the text can stand behind the dot of a point's id."""
    return _SLUG.fullmatch(text) is not None


def is_point_id(text: str) -> bool:
    """Whether the text is a point's id."""
    return _POINT_ID.fullmatch(text) is not None


def is_reservation_id(text: str) -> bool:
    """Whether the text is a reservation's id."""
    return _RESERVATION_ID.fullmatch(text) is not None


def is_session_id(text: str) -> bool:
    """Whether the text is a session's id."""
    return _SESSION_ID.fullmatch(text) is not None


def is_trip_id(text: str) -> bool:
    """Whether the text is a trip's id."""
    return _TRIP_ID.fullmatch(text) is not None


def point_id(node: str, slug: str) -> str:
    """Return the id of the point that the node calls by that slug."""
    return f"{node}.{slug}"


def owner_of(identifier: str) -> str:
    """Return the node that owns a point, a reservation or a session, read off its id."""
    return identifier.partition(".")[0]


def point_of(identifier: str) -> str:
    """Return the point of a reservation or a session, read off its id."""
    return identifier.rpartition(".")[0]


def reservation_id(point: str, epoch: int, seq: int) -> str:
    """Return the id of the reservation that the event ``(epoch, seq)`` of the point makes."""
    return f"{point}.r{epoch}-{seq}"


def session_id(point: str, epoch: int, seq: int) -> str:
    """Return the id of the session that the event ``(epoch, seq)`` of the point starts."""
    return f"{point}.s{epoch}-{seq}"


def trip_id(node: str, epoch: int, count: int) -> str:
    """Return the id of the trip that the node begins as its ``count``-th one in that epoch."""
    return f"{node}.trip.t{epoch}-{count}"


def epoch_of_trip(trip: str) -> int:
    """Return the coordinator's epoch in which a trip began, read off its id."""
    return int(trip.rpartition(".t")[2].partition("-")[0])


def slug_from(name: str) -> str:
    """Make a slug from a human name: lower case without accents; what is no letter or digit becomes a dash; cut at 64."""
    letters = (char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return _NOT_SLUG.sub("-", "".join(letters).lower()).strip("-")[:64].rstrip("-") or "ponto"
