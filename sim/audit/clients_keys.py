"""The keys of a network that tells callers apart: a node knows a caller's key as ``key``, a newline, and whose it is.

The history has the keys as they were sent. Two callers' same key is two keys; so only those that this run sent are read
as they were sent. A run draws a part of its keys that nobody else has.
"""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import TypeVar

from sim.audit.databases import Database
from sim.audit.rows import ReservationRow, TripRow

T = TypeVar("T", ReservationRow, TripRow)


def under_clients_keys(database: Database, sent: AbstractSet[str]) -> Database:
    """Return the database with the keys that were sent as they were sent."""
    answers = [row if (key := _sent(row.key, sent)) is None else row._replace(key=key) for row in database.answers]
    return replace(
        database,
        reservations={name: _renamed(row, sent) for name, row in database.reservations.items()},
        trips={name: _renamed(row, sent) for name, row in database.trips.items()},
        answers=answers,
    )


def _renamed(row: T, sent: AbstractSet[str]) -> T:
    key = _sent(row.idempotency_key, sent)
    return row if key is None else row._replace(idempotency_key=key)


def _sent(key: object, sent: AbstractSet[str]) -> str | None:
    """Return what was sent by that name; None: it is as it was sent, was sent by others, or is none (SQLite keeps anything)."""
    if not isinstance(key, str):
        return None
    client, newline, _ = key.partition("\n")
    return client if newline and client in sent else None
