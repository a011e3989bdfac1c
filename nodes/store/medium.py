"""What a node's database is kept on: SQLite's file, or a schema of PostgreSQL. What is particular to either is behind this."""

from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection

from nodes.errors import StoreError
from nodes.store.changes import Row


class BatchRunner(Protocol):
    """Makes the changes of a batch."""

    def run(self, rows: dict[str, list[Row]]) -> None:
        """Make the changes in one transaction, durably. Takes rows by kind of change (``nodes.store.changes``)."""


class Medium(Protocol):
    """Where the tables are. Every call blocks."""

    name: str
    """What errors call it. Holds no password."""
    errors: tuple[type[Exception], ...]
    """What its driver and SQLAlchemy raise."""

    def open(self, holder: str) -> Connection:
        """Make sure that no other process uses it, and return the connection that writes.

        Raises ``StoreHeld`` with what the other process said of itself, another ``StoreError``, or one of ``errors``; then
        all is as before.
        """

    def check(self, connection: Connection) -> set[str]:
        """Return the names of the tables there. Raises ``StoreError`` when it is damaged, or would not keep what it is given."""

    def make_room(self, connection: Connection) -> None:
        """Make the place that the tables are created in, where it takes one."""

    def batches(self, connection: Connection, node_id: str, epoch: int) -> BatchRunner:
        """Prepare the connection that writes for batches; it is used for nothing else from then on."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Give a connection to read with, in one transaction at a time. Raises ``StoreFailed`` when closed."""

    def error(self, error: Exception) -> StoreError:
        """Return what an error of the driver means for the node."""

    def look(self) -> None:
        """Find out whether the connection that writes can still do so; raise one of ``errors``, or ``StoreError``, if not."""

    def socket(self) -> int | None:
        """Return the file number of the connection that writes, if it is one that may end while nothing is written."""

    def close(self) -> None:
        """Close everything and let another process in. Does nothing when it is closed."""
