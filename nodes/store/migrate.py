"""Bringing the database of an older Recarga up to this one's schema, in the transaction that raises the epoch."""

from sqlalchemy import Connection, Index, update

from nodes.store.tables import SCHEMA_VERSION, NodeRow, ReservationRow, TripRow, table


def migrate(connection: Connection, schema_version: int) -> None:
    """Change tables of that schema into tables of this one. Nothing is lost: only columns and tables are added."""
    if schema_version < 2:
        _add_trips(connection)
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
