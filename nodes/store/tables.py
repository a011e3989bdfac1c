"""The tables of a node's database. People and the audit read them; only the node writes."""

from sqlalchemy import BigInteger, Index, Integer, String, Table, Text
from sqlmodel import AutoString, Field, SQLModel

from nodes.store.plain_text import PlainText

SCHEMA_VERSION = 2
"""Raised by every change that an older node could not work with; ``nodes.store.migrate`` brings older files up to it."""

_NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""What counts up for ever. SQLite numbers rows by itself only under the name ``integer``, which there has 64 bits, too."""


class NodeRow(SQLModel, table=True):
    """The node itself; one row."""

    __tablename__ = "node"

    id: str = Field(primary_key=True)
    schema_version: int
    epoch: int = Field(sa_type=BigInteger)
    ver: int = Field(sa_type=BigInteger)
    """The last event's ``ver``."""
    created_ms: int = Field(sa_type=BigInteger)
    started_ms: int = Field(sa_type=BigInteger)


class PointRow(SQLModel, table=True):
    """A charging point as it is now."""

    __tablename__ = "charging_point"
    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True)
    name: str
    lat: float | None
    lon: float | None
    address: str | None
    max_power_w: int
    connector: str | None
    connector_label: str | None
    price_per_kwh_minor: int
    currency: str
    terms: str = Field(sa_type=Text)
    """JSON."""
    maintenance: bool
    fault: str | None
    file_digest: str | None
    changed_ms: int = Field(sa_type=BigInteger)
    """When what the operator says last changed."""
    updated_ms: int = Field(sa_type=BigInteger)
    epoch: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)


class ReservationRow(SQLModel, table=True):
    """A reservation; the window in force is ``[start_ms, released_ms or end_ms)``."""

    __tablename__ = "reservation"
    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True)
    point_id: str
    driver_id: str
    status: str
    start_ms: int = Field(sa_type=BigInteger)
    end_ms: int = Field(sa_type=BigInteger)
    released_ms: int | None = Field(default=None, sa_type=BigInteger)
    trip_id: str | None
    trip_stop: int | None
    """Which stop of its trip, from 0."""
    trip_points: str | None = Field(default=None, sa_type=Text)
    """JSON: points of the trip's other stops."""
    idempotency_key: str | None
    price_per_kwh_minor: int
    currency: str
    extended: bool
    reason: str | None
    created_ms: int = Field(sa_type=BigInteger)
    epoch: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)


class SessionRow(SQLModel, table=True):
    """A charging session."""

    __tablename__ = "session"
    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True)
    point_id: str
    reservation_id: str
    driver_id: str
    status: str
    started_ms: int = Field(sa_type=BigInteger)
    ended_ms: int | None = Field(default=None, sa_type=BigInteger)
    energy_wh: int = Field(sa_type=BigInteger)
    cost_minor: int = Field(sa_type=BigInteger)
    price_per_kwh_minor: int
    currency: str
    max_power_w: int
    max_energy_wh: int | None = Field(default=None, sa_type=BigInteger)
    metered_ms: int | None = Field(default=None, sa_type=BigInteger)
    reason: str | None
    epoch: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)


class TripRow(SQLModel, table=True):
    """A trip that this node coordinates."""

    __tablename__ = "trip"
    __table_args__ = {"sqlite_with_rowid": False}

    id: str = Field(primary_key=True)
    driver_id: str
    status: str
    idempotency_key: str
    fingerprint: str
    wanted: str = Field(sa_type=Text)
    """JSON: what was asked, and which points would do."""
    stops: str = Field(sa_type=Text)
    """JSON: the reservations that the decision names, once it is made."""
    reason: str | None
    failed_stop: int | None
    created_ms: int = Field(sa_type=BigInteger)
    decided_ms: int | None = Field(default=None, sa_type=BigInteger)
    settled: bool
    """Whether every stop's owner knows the decision."""
    cancel_asked: bool
    outcomes: str = Field(sa_type=Text)
    """JSON: what became of each stop when the trip was cancelled."""
    epoch: int = Field(sa_type=BigInteger)
    seq: int = Field(sa_type=BigInteger)


class JournalRow(SQLModel, table=True):
    """One event of a point or, under the trip's id, of a trip. ``ver`` has no gaps; ``(epoch, point_seq)`` orders the events
    of one point or trip.
    """

    __tablename__ = "journal"

    ver: int = Field(primary_key=True, sa_type=_NUMBER, sa_column_kwargs={"autoincrement": False})
    node: str
    epoch: int = Field(sa_type=BigInteger)
    point_id: str
    point_seq: int = Field(sa_type=BigInteger)
    type: str
    at_ms: int = Field(sa_type=BigInteger)
    data: str = Field(sa_type=Text)
    """JSON."""


class AnswerRow(SQLModel, table=True):
    """An answer kept under an idempotency key."""

    __tablename__ = "idempotency_key"

    id: int | None = Field(default=None, primary_key=True, sa_type=_NUMBER)
    """Grows with time, so that what has expired stands at the front."""
    key: str
    fingerprint: str
    status: int
    body: str = Field(sa_type=Text)
    """JSON, as it was sent."""
    location: str | None
    epoch: int | None = Field(default=None, sa_type=BigInteger)
    seq: int | None = Field(default=None, sa_type=BigInteger)
    created_ms: int = Field(sa_type=BigInteger)


def table(model: type[SQLModel]) -> Table:
    """Return the Core table of a model, for statements on the hot path."""
    found = SQLModel.metadata.tables[str(model.__tablename__)]
    assert isinstance(found, Table)
    return found


_RESERVATION, _SESSION, _TRIP = table(ReservationRow), table(SessionRow), table(TripRow)
_OF_TRIP = _RESERVATION.c.trip_id.is_not(None)
_UNDER_WAY = _TRIP.c.settled.is_(False) | _TRIP.c.cancel_asked.is_(True)
Index("idempotency_key_key", table(AnswerRow).c.key, unique=True)
Index("reservation_trip", _RESERVATION.c.trip_id, sqlite_where=_OF_TRIP, postgresql_where=_OF_TRIP)
Index("trip_under_way", _TRIP.c.id, sqlite_where=_UNDER_WAY, postgresql_where=_UNDER_WAY)
OF_DRIVERS = (
    Index("reservation_driver", *(_RESERVATION.c[name] for name in ("driver_id", "created_ms", "id", "status"))),
    Index("session_driver", *(_SESSION.c[name] for name in ("driver_id", "started_ms", "id", "status"))),
    Index("trip_driver", *(_TRIP.c[name] for name in ("driver_id", "created_ms", "id"))),
)
"""Indexes by which a driver's own are found, the newest first; with the status, so that what is over is passed over without
being looked up. One is all that a reservation bears: each costs some 10 us. Databases of schema 2 may be without
them: older nodes work with them and without."""
for _table in SQLModel.metadata.tables.values():
    for _column in _table.columns:
        if isinstance(_column.type, AutoString | String):
            _column.type = _column.type.with_variant(PlainText(), "postgresql")
