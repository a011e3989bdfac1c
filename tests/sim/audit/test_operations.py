"""A history that is not well formed is no evidence: the audit says where, and does not guess."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from sim.audit import AuditError
from sim.audit.operation import Operation
from sim.audit.operations import read_operations
from sim.audit.requests import is_decision, requests_of

ASKED = {"driver_id": "v1", "start_ms": 0, "end_ms": 300_000}
TOLD = ASKED | {"id": "n.p.r1-2", "status": "RESERVED", "price_per_kwh_minor": 1}


def line(process: int | str, kind: str, f: str = "reserve", **members: Any) -> dict[str, Any]:
    value = {"value": ASKED if kind == "invoke" else TOLD} if f == "reserve" and kind in {"invoke", "ok"} else {}
    return {"time_ns": 0, "process": process, "type": kind, "f": f, "point": "n.p"} | value | members


def history(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "history.jsonl"
    path.write_bytes(b"".join(orjson.dumps({"index": at} | each) + b"\n" for at, each in enumerate(lines)))
    return path


def test_an_invocation_and_its_completion_are_one_operation(tmp_path: Path):
    """Lines of several processes may stand between them."""
    path = history(
        tmp_path,
        line("run", "info", "begin"),
        line(1, "invoke", key="k1"),
        line(2, "invoke", key="k2"),
        line(1, "ok", key="k1", witness=[1, 2], status=201, time_ns=7),
        line("nemesis", "info", "crash", time_ns=7),
        line(2, "fail", error="window-taken", status=409, time_ns=8),
        line("run", "info", "end", time_ns=8),
    )
    found = read_operations(path)
    first, second = found.operations
    assert (first.index, first.end_index, first.outcome, first.witness) == (1, 3, "ok", (1, 2))
    assert (second.outcome, second.error, second.key) == ("fail", "window-taken", "k2")
    assert found.ended


def test_what_never_completed_has_an_unknown_outcome(tmp_path: Path):
    """The run may have ended before the answer came; the request may have had its effect."""
    (operation,) = read_operations(history(tmp_path, line(1, "invoke"))).operations
    assert operation.outcome == "info"
    assert operation.may_have_acted


def test_an_acknowledgement_that_says_nothing_is_not_trusted(tmp_path: Path):
    """That is the node's mistake, so it is no error of the history."""
    (operation,) = read_operations(history(tmp_path, line(1, "invoke"), line(1, "ok", value={"id": 7}))).operations
    assert not operation.is_ok
    assert operation.flaw == "id is 7"


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([line(1, "invoke", "fly")], ":1: unknown f 'fly'"),
        ([line(1, "shout")], ":1: unknown type 'shout'"),
        ([line("car", "invoke")], ":1: process 'car'"),
        ([line(True, "invoke")], ":1: process True"),
        ([line(1, "invoke"), line(1, "invoke")], ":2: process 1 invokes while line 1 is open"),
        ([line(1, "invoke"), line(1, "info"), line(1, "invoke")], ":3: process 1 invokes after an info"),
        ([line(1, "ok")], ":1: process 1 completes what it never invoked"),
        ([line(1, "invoke"), line(1, "ok"), line(1, "ok")], ":3: process 1 completes what it never invoked"),
        ([line(1, "invoke"), line(1, "ok", "cancel")], ":2: f is 'cancel', but 'reserve' in line 1"),
        ([line(1, "invoke", key="a"), line(1, "ok", key="b")], ":2: key is 'b', but 'a' in line 1"),
        ([line(1, "invoke"), line(1, "ok", point="n.q")], ":2: point is 'n.q', but 'n.p' in line 1"),
        ([line(1, "invoke", time_ns=5), line(1, "ok", time_ns=4)], ":2: time_ns 4 follows 5"),
        ([line(1, "invoke", time_ns="now")], ":1: time_ns 'now'"),
        ([line(1, "invoke"), line(1, "ok", witness=[1])], ":2: witness [1]; expected [epoch, seq]"),
        ([line(1, "invoke"), line(1, "ok", status="201")], ":2: status '201' is no number"),
        ([line(1, "invoke", key=7)], ":1: key 7 is no text"),
        ([line(1, "invoke", value={"driver_id": "v1"})], ":1: reserve asks for driver_id, start_ms, end_ms or"),
        ([line(1, "invoke", value=ASKED | {"end_ms": "noon"})], ":1: reserve asks for end_ms 'noon'"),
        ([line(1, "invoke", value=ASKED | {"driver_id": 7})], ":1: reserve asks for driver_id 7"),
        ([line(1, "invoke", "meter", value={"id": "n.p.s1-1"})], ":1: meter asks for id, energy_wh; found"),
    ],
)
def test_a_history_that_is_not_well_formed(tmp_path: Path, lines: list[dict[str, Any]], text: str):
    """One line that says file, line and what is wrong."""
    path = history(tmp_path, *lines)
    with pytest.raises(AuditError) as caught:
        read_operations(path)
    assert str(caught.value).startswith(f"{path}{text}")
    assert "\n" not in str(caught.value)


def test_attempts_under_one_key_are_one_request(tmp_path: Path):
    """A vehicle that got no answer goes on as another process, with the same key."""
    path = history(
        tmp_path,
        line(1, "invoke", key="k"),
        line(1, "info", key="k"),
        line(2, "invoke"),
        line(3, "invoke", key="k"),
        line(3, "ok", key="k"),
    )
    first, second = requests_of(read_operations(path).operations)
    assert [attempt.index for attempt in first.attempts] == [0, 3]
    assert [decision.index for decision in first.decisions] == [3]
    assert second.key is None


@pytest.mark.parametrize(
    ("outcome", "status", "error", "decided"),
    [
        ("ok", 201, None, True),
        ("fail", 409, "window-taken", True),
        ("fail", 404, "unknown-session", True),
        ("fail", 429, "point-busy", False),
        ("fail", 503, "node-busy", False),
        ("fail", 503, "owner-unreachable", False),
        ("fail", 404, "unknown-node", False),
        ("fail", 421, "misdirected", False),
        ("fail", None, "unreachable", False),
        ("fail", 502, "no-problem", False),
        ("info", None, "timeout", False),
    ],
)
def test_only_what_the_owner_decided_is_a_decision(outcome: str, status: int | None, error: str | None, decided: bool):
    """The next answer to anything else may rightly differ."""
    operation = Operation(0, 0, 1, "reserve", {}, "n", "n.p", "k", outcome=outcome, status=status, error=error)
    assert is_decision(operation) is decided
