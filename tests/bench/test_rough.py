"""What counts as a booking that could be made while something was broken: otherwise the share kept is flattering, or unfair."""

from pathlib import Path

import orjson
import pytest

from bench.compare_rough import phase_rows
from bench.rough_phases import Booking, Phase, read_rough_history
from sim.scenario.faults import BrokerPause, Crash, Fault, OneWay, Partition

_CRASH = Crash(at_s=10, kind="crash", node="c")
_CUT = Partition(at_s=10, kind="partition", groups=[["a", "b", "vehicles"], ["c"]])
_DEAF = OneWay.model_validate({"at_s": 10, "kind": "one_way", "from": ["a", "b"], "to": ["c"]})


@pytest.mark.parametrize(
    ("fault", "asked", "owners", "can"),
    [
        (BrokerPause(at_s=10, kind="broker_pause"), "a", ["a", "b", "c"], True),
        (_CRASH, "a", ["a", "b"], True),
        (_CRASH, "a", ["c"], False),
        (_CRASH, "c", ["a"], True),  # whoever asks a dead node goes to another
        (_CUT, "c", ["a"], True),
        (_CUT, "a", ["a", "c"], False),
        (_DEAF, "c", ["c"], True),
        (_DEAF, "a", ["c"], False),
        (_DEAF, "c", ["a"], False),
    ],
)
def test_a_booking_can_be_made_if_its_owners_can_be_reached(
    fault: Fault, asked: str, owners: list[str], can: bool
) -> None:
    """Of a trip, all of them."""
    assert Phase([fault], 0).allows(Booking("reserve", 0, asked, owners)) is can


def test_a_phase_tells_what_share_was_decided_in_time(tmp_path: Path) -> None:
    """An answer that says 'ask again' decides nothing; a refusal does; what comes too late for a driver does not count."""
    history = tmp_path / "history.jsonl"
    lines = [
        _asked(0, "k0"),
        _ended(1, "k0", "ok", 201),
        *(_fault(state, at_s) for state, at_s in (("broken", 10), ("mending", 20), ("mended", 30))),
        *(_asked(11, key) for key in ("k1", "k2", "k3", "k4")),
        _ended(12, "k1", "fail", 409),
        _ended(12, "k2", "fail", 503),
        _ended(13, "k2", "ok", 201),
        _ended(14, "k3", "info", None),
        _ended(29, "k4", "ok", 201),
        _asked(32, "k5"),
        _ended(33, "k5", "ok", 201),
        _asked(40, "k6"),
        _ended(41, "k6", "ok", 201),
    ]
    ordered = sorted(lines, key=lambda line: line["time_ns"])  # type: ignore[arg-type, return-value]
    history.write_bytes(b"".join(orjson.dumps({"index": index} | line) + b"\n" for index, line in enumerate(ordered)))
    quiet, broken, mended = phase_rows(read_rough_history(history))
    assert (quiet["s"], quiet["bookings"], quiet["kept %"]) == (12.0, 2, 100.0)
    assert (broken["broken"], broken["s"], broken["bookings"], broken["kept %"]) == ("crash of c", 20.0, 4, 50.0)
    assert (mended["s"], mended["bookings"]) == (8.0, 1)


def _asked(at_s: int, key: str) -> dict[str, object]:
    return _line(at_s, 1, "invoke", "reserve") | {"point": "a.p1", "node": "a", "key": key, "value": {}}


def _ended(at_s: int, key: str, kind: str, status: int | None) -> dict[str, object]:
    return _line(at_s, 1, kind, "reserve") | {"point": "a.p1", "node": "a", "key": key, "status": status}


def _fault(state: str, at_s: int) -> dict[str, object]:
    value = {"state": state, "at_s": 10.0, "kind": "crash", "for_s": 10.0, "node": "c"}
    return _line(at_s, "nemesis", "info", "crash") | {"value": value, "node": "c"}


def _line(at_s: int, process: int | str, kind: str, f: str) -> dict[str, object]:
    return {"time_ns": at_s * 10**9, "process": process, "type": kind, "f": f}
