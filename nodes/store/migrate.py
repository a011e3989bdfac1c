"""Bringing the database of an older Recarga up to this one's schema, in the transaction that raises the epoch."""

from functools import cache

from sqlalchemy import Connection, Dialect, Index, update
from sqlalchemy.schema import CreateIndex

from nodes.store.tables import OF_DRIVERS, SCHEMA_VERSION, NodeRow, ReservationRow, TripRow, table


def migrate(connection: Connection, schema_version: int) -> None:
    """Change tables of that schema into tables of this one. Nothing is lost: only columns, tables and indexes are added.

    Indexes are no part of a schema's number: an older node keeps them up without knowing what they are for.
    """
    if schema_version < 2:
        _add_trips(connection)
    for statement in _indexes_of_drivers(connection.dialect):
        connection.exec_driver_sql(statement)
    if schema_version < SCHEMA_VERSION:
        connection.execute(update(table(NodeRow)).values(schema_version=SCHEMA_VERSION))


def _add_trips(connection: Connection) -> None:
    reservations, trips = table(ReservationRow), table(TripRow)
    connection.exec_driver_sql("alter table reservation add column trip_stop integer")
    connection.exec_driver_sql("alter table reservation add column trip_points text")
    trips.create(connection)
    for index in _of_trips(reservations.indexes):
        index.create(connection)


def _of_trips(indexes: set[Index]) -> list[Index]:
    return [index for index in indexes if index.name == "reservation_trip"]


@cache
def _indexes_of_drivers(dialect: Dialect) -> list[str]:
    return [str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect)) for index in OF_DRIVERS]
