"""All that is known of a run, indexed for the checks."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sim.audit.clients_keys import under_clients_keys
from sim.audit.databases import Database, read_databases
from sim.audit.errors import AuditError
from sim.audit.operation import Operation
from sim.audit.operations import History, read_operations
from sim.audit.point_log import PointLog, point_logs
from sim.audit.requests import Callers, Request, requests_of
from sim.audit.rows import Event, ReservationRow, SessionRow, TripRow


@dataclass(slots=True)
class Evidence:
    """The history of a run and its nodes' databases."""

    history: History
    databases: dict[str, Database]
    requests: list[Request] = field(init=False)
    callers: Callers = field(init=False)
    logs: dict[str, PointLog] = field(init=False)
    """By point."""
    reservations: dict[str, ReservationRow] = field(init=False)
    sessions: dict[str, SessionRow] = field(init=False)
    trips: dict[str, TripRow] = field(init=False)
    sessions_of: dict[str, list[SessionRow]] = field(init=False)
    """By reservation."""
    _acknowledged: dict[str, Operation] = field(init=False)

    def __post_init__(self) -> None:
        self.requests = requests_of(self.history.operations, self.history.circumstances.copied)
        databases = self.databases.values()
        self.logs = {name: log for found in databases for name, log in point_logs(found.own_events()).items()}
        self.reservations = {name: row for found in databases for name, row in found.reservations.items()}
        self.sessions = {name: row for found in databases for name, row in found.sessions.items()}
        drivers = {name: row.driver_id for name, row in self.reservations.items()}
        drivers |= {name: row.driver_id for name, row in self.sessions.items()}
        self.trips = {name: row for found in databases for name, row in found.trips.items()}
        drivers |= {name: row.driver_id for name, row in self.trips.items()}
        keys = {name: row.idempotency_key for name, row in self.trips.items()}
        self.callers = Callers(self.requests, drivers, keys)
        self.sessions_of = defaultdict(list)
        for session in self.sessions.values():
            self.sessions_of[session.reservation_id].append(session)
        self._acknowledged = {}
        for operation in self.acknowledged("reserve", "start"):
            self._acknowledged.setdefault(operation.told["id"], operation)

    def acknowledged(self, *functions: str) -> Iterator[Operation]:
        """Yield the operations of these kinds that were told ok, and told of what."""
        return (found for found in self.history.operations if found.f in functions and found.is_ok)

    def askers(self, *subjects: str) -> list[Operation]:
        """Return the operations that were told of these reservations or sessions first."""
        return [self._acknowledged[subject] for subject in subjects if subject in self._acknowledged]

    def callers_of(self, event: Event) -> list[Request]:
        """Return the requests that may have caused an event."""
        made = event.data.get("reservation_id")
        return self.callers.of(event, None if made is None else self.reservations.get(made))


def read_evidence(folder: Path) -> Evidence:
    """Read a run's folder. Raises ``AuditError`` when the history or a database that it speaks of cannot be read."""
    if not folder.is_dir():
        raise AuditError(f"{folder}: there is no such folder")
    history = read_operations(folder / "history.jsonl")
    databases = read_databases(folder / "nodes")
    for operation in (*history.operations, *history.views):
        owner = (operation.point or "").partition(".")[0]
        if owner and owner not in databases:
            where = f"{history.path}:{operation.index + 1}"
            raise AuditError(f"{folder / 'nodes' / owner}.db: missing, but {where} asks for {operation.point}")
    if history.circumstances.mode == "remote":  # elsewhere nodes have no keys, and know a client's as it was sent
        sent = {operation.key for operation in history.operations if operation.key is not None}
        databases = {node_id: under_clients_keys(found, sent) for node_id, found in databases.items()}
    return Evidence(history, databases)
