"""The statements of the hot path, written with SQLAlchemy Core and compiled once for a database's dialect."""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, Dialect, Table, Update, bindparam, case, update
from sqlalchemy.dialects import postgresql, sqlite

from nodes.store.tables import AnswerRow, JournalRow, NodeRow, PointRow, ReservationRow, SessionRow, table

Row = dict[str, Any]


class Statement:
    """SQL text with the order of its parameters; ``run`` executes it once per row, in one call to the driver."""

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        order = cast("Sequence[str]", getattr(compiled, "positiontup", None))
        assert order, f"the driver takes no positional parameters: {compiled}"
        self._sql = str(compiled)
        self._in_order: Callable[[Row], Any] = itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],)

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        """Execute for each row, a dict by column name (the key of an update is ``row_id``)."""
        connection.exec_driver_sql(self._sql, [self._in_order(row) for row in rows])


def hot_statements(dialect: Dialect) -> dict[str, Statement]:
    """Return the statements by name, in the order in which a batch must run them.

    The order is that of a reservation's life, so that it does not matter how much of it falls into one batch.
    """
    insert = postgresql.insert if dialect.name == "postgresql" else sqlite.insert
    points, reservations = table(PointRow), table(ReservationRow)
    sessions, answers = table(SessionRow), table(AnswerRow)
    answer = insert(answers)
    names = [column.name for column in answers.c if column.name != "id"]
    replaced = {name: answer.excluded[name] for name in names if name != "key"}
    statements: dict[str, ClauseElement] = {
        "journal": insert(table(JournalRow)),
        "point.created": insert(points),
        "point.changed": _update(points, *SPEC_COLUMNS, "maintenance", "fault", "changed_ms"),
        "reservation.reserved": insert(reservations),
        "session.started": insert(sessions),
        "reservation.active": _update(reservations, "status", "epoch", "seq").values(
            start_ms=case(
                (reservations.c.start_ms > bindparam("at_ms"), bindparam("at_ms")), else_=reservations.c.start_ms
            )
        ),
        "reservation.extended": _update(reservations, "end_ms", "extended", "epoch", "seq"),
        "session.metered": _update(sessions, "energy_wh", "metered_ms", "epoch", "seq"),
        "session.stopped": _update(sessions, "status", "ended_ms", "energy_wh", "cost_minor", "reason", "epoch", "seq"),
        "reservation.ended": _update(reservations, "status", "released_ms", "reason", "epoch", "seq"),
        "point.version": _update(points, "epoch", "seq", "updated_ms"),
        "answers": answer.values({name: bindparam(name) for name in names}).on_conflict_do_update(
            index_elements=["key"], set_=replaced
        ),
        "node": update(table(NodeRow)).values(ver=bindparam("ver")),
    }
    return {name: Statement(statement, dialect) for name, statement in statements.items()}


SPEC_COLUMNS = (
    "name",
    "lat",
    "lon",
    "address",
    "max_power_w",
    "connector",
    "connector_label",
    "price_per_kwh_minor",
    "currency",
    "terms",
    "file_digest",
)
"""Columns of a point that hold what its operator says of it."""


def _update(target: Table, *columns: str) -> Update:
    return update(target).where(target.c.id == bindparam("row_id")).values({name: bindparam(name) for name in columns})
