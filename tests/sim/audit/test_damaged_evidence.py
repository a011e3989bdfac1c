"""Whatever stands in a history or a database, the audit ends with a result or with one line that says what is wrong."""

from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.audit import AuditError
from tests.sim.audit.run_folder import ANSWER, JOURNAL, Row
from tests.sim.audit.scripted_run import scripted_run

anything: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**62), 2**62),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.just([1, 2]),
    st.just("server9.x.r1-1"),
)

_KEYS = {"ver", "id", "key"}
"""Columns in which SQLite itself does not take everything."""


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every place inside a JSON value: container and key."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [(value, key) for key in keys] + [each for key in keys for each in places(value[key])]


def replace_one(row: Row, value: Any, rng: Random) -> None:
    container, key = rng.choice(places(row))
    container[key] = deepcopy(value)  # a list put into itself is no JSON


@settings(max_examples=150, deadline=None)
@given(value=anything, choice=st.integers(0, 2**32), count=st.integers(1, 3))
def test_any_value_in_the_history_is_survived(value: Any, choice: int, count: int):
    """A traceback would say nothing about the run."""
    run, rng = scripted_run().run.copy(), Random(choice)
    for _ in range(count):
        replace_one(rng.choice(run.lines), value, rng)
    with TemporaryDirectory() as folder, suppress(AuditError):
        run.audit_in(Path(folder)).to_json()


@settings(max_examples=150, deadline=None)
@given(value=anything, choice=st.integers(0, 2**32))
def test_any_value_in_a_database_is_survived(value: Any, choice: int):
    """Events are JSON within SQLite, which keeps any type in any column."""
    run, rng = scripted_run().run.copy(), Random(choice)
    tables = [rows for node in run.nodes.values() for rows in node.values() if rows]
    row = rng.choice(rng.choice(tables))
    places_in_json = [each for each in (row.get("data"), row.get("body")) if each]
    if places_in_json and rng.random() < 0.7:
        replace_one(places_in_json[0], value, rng)
    else:
        columns = [name for name in row if not isinstance(row[name], dict) and name not in _KEYS]
        row[rng.choice(columns)] = value if isinstance(value, int | float | str) else "bent"
    with TemporaryDirectory() as folder, suppress(AuditError):
        run.audit_in(Path(folder)).to_json()


def test_the_tables_hold_what_the_test_above_bends():
    """Else it would test nothing."""
    assert scripted_run().run.rows(JOURNAL)
    assert scripted_run().run.rows(ANSWER)
