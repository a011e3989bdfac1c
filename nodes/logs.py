"""What a process logs, for people or for machines: lines of text, or one JSON object a line."""

import logging
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson


@dataclass(slots=True)
class Errand:
    """What is being done: the request that it began with, wherever that was made, and the trip that it is about."""

    request_id: str
    trip_id: str | None = None


errand: ContextVar[Errand | None] = ContextVar("errand", default=None)
"""What is being done here, if requests have ids (``nodes.api.request_log``): tasks that it starts inherit it."""


def note_trip(trip_id: str) -> None:
    """Say which trip this is about."""
    if (found := errand.get()) is not None:
        found.trip_id = trip_id


_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
"""What every record has; the rest was given as ``extra``."""


class LogFormat(StrEnum):
    """How log lines are written."""

    TEXT = "text"
    JSON = "json"


def set_up(level: int, log_format: LogFormat = LogFormat.TEXT, **members: str) -> None:
    """Log to standard error from now on. ``members`` stand in every JSON line, such as ``node="server1"``."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines(members) if log_format is LogFormat.JSON else logging.Formatter(_TEXT))
    logging.basicConfig(level=level, handlers=[handler])


class JsonLines(logging.Formatter):
    """A record as one line of JSON, with what was given as ``extra`` and the ids of request and trip."""

    def __init__(self, members: dict[str, str]) -> None:
        super().__init__()
        self._members = members

    def format(self, record: logging.LogRecord) -> str:
        """See ``logging.Formatter.format``."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **self._members,
            "message": record.getMessage(),
        }
        if (found := errand.get()) is not None:
            line["request_id"] = found.request_id
            if found.trip_id is not None:
                line["trip_id"] = found.trip_id
        line |= {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()
