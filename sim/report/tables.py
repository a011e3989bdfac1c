"""The report's tables in full, as CSV files beside it, and as Parquet where pyarrow is installed."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from sim.measure.outcomes import Outcome, Tally
from sim.report.model import Report

Row = Mapping[str, Any]


def tables(report: Report) -> dict[str, bytes]:
    """Return every table that has rows, as CSV (RFC 4180, UTF-8, a header line), by name."""
    found: dict[str, Sequence[Row]] = {
        "promises": _promises(report),
        "limits": [asdict(limit) for limit in report.slo],
        "operations": _operations(report),
        "latency_ms": _latency(report),
        "ways_ms": _ways(report),
        "slowest": [asdict(slow) for slow in report.slowest],
        "timeline": _timeline(report),
        "points": [_flat(asdict(point)) for point in report.points],
        "nodes": [_flat(asdict(node)) for node in report.nodes],
        "queues": [asdict(queue) for queue in report.queues.nodes],
        "classes": [_flat(asdict(each), drop=("attempts", "gave_up")) for each in report.fates],
        "attempts": _attempts(report),
        "faults": [_flat(asdict(fault)) for fault in report.faults],
        "gauges": [asdict(gauge) for gauge in report.gauges],
        "resources": [asdict(used) for used in report.resources],
    }
    return {name: _csv(rows) for name, rows in found.items() if rows}


def as_parquet(content: bytes) -> bytes | None:
    """Return a CSV table as Parquet, with types; None where the extra ``parquet`` is not installed.

    The reader is given memory of Arrow's own: its threads outlive the call, and one that lets go of a Python object
    while the interpreter ends aborts the process (apache/arrow, issues 33975 and 34314).
    """
    try:
        from pyarrow import BufferOutputStream, BufferReader, csv, parquet
    except ImportError:
        return None
    own = BufferOutputStream()
    own.write(content)
    out = BufferOutputStream()
    parquet.write_table(csv.read_csv(BufferReader(own.getvalue())), out)
    written: bytes = out.getvalue().to_pybytes()
    return written


def _csv(rows: Sequence[Row]) -> bytes:
    names = dict.fromkeys(name for row in rows for name in row)
    text = StringIO()
    writer = csv.DictWriter(text, list(names), restval="")
    writer.writeheader()
    writer.writerows(({name: _plain(value) for name, value in row.items()}) for row in rows)
    return text.getvalue().encode()


def _plain(value: Any) -> Any:
    """Return text that a spreadsheet takes for text, whatever it begins with (OWASP, CSV injection)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value


def _flat(row: Row, prefix: str = "", drop: Iterable[str] = ()) -> dict[str, Any]:
    """Return the row with the members of its members: ``demand.refused``."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if name in drop:
            continue
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{name}.")
        else:
            flat[f"{prefix}{name}"] = value
    return flat


def _promises(report: Report) -> list[Row]:
    return [
        {"promise": name, "verdict": each.verdict, "checked": each.checked, "violations": each.violation_count}
        for name, each in report.promises.items()
    ]


def _operations(report: Report) -> list[Row]:
    rows: list[Row] = []
    for kind, counts in report.operations.items():
        rows.append({"kind": kind, "outcome": Outcome.ACCEPTED.word, "error": "", "count": counts.total.accepted})
        rows += [{"kind": kind, **asdict(reason)} for reason in counts.reasons]
    return rows


def _latency(report: Report) -> list[Row]:
    rows: list[Row] = []
    for kind, pairs in report.latency_ms.items():
        for outcome, pair in pairs.items():
            for start, latency in (("intended", pair.from_intended), ("sent", pair.from_sent)):
                figures = {name: value for name, value in asdict(latency).items() if name != "curve"}
                rows.append({"kind": kind, "outcome": outcome, "from": start, "count": pair.count, **figures})
    return rows


def _ways(report: Report) -> list[Row]:
    return [_flat(asdict(way)) for way in report.ways]


def _timeline(report: Report) -> list[Row]:
    series = report.timeline
    columns: dict[str, Sequence[float]] = {name: getattr(series, name) for name in Tally.__dataclass_fields__}
    columns |= {f"kind.{name}": counts for name, counts in series.by_kind.items()}
    columns |= {"timed_out": series.timed_out, "retried": series.retried}
    columns |= {f"reason.{name}": counts for name, counts in series.by_reason.items()}
    columns |= {"worst_view_ms": report.staleness.worst_ms, "waiting_in_mailboxes": report.queues.waiting}
    return [
        {
            "from_s": round(at * series.bucket_s, 3),
            "civil_ms": series.civil_start_ms + at * series.civil_bucket_ms,
            **{name: values[at] for name, values in columns.items()},
        }
        for at in range(len(series.offered))
    ]


def _attempts(report: Report) -> list[Row]:
    return [
        {"class": each.name, "attempts": number, "vehicles": vehicles, "gave_up": each.gave_up.get(number, 0)}
        for each in report.fates
        for number, vehicles in each.attempts.items()
    ]
