"""A node's PostgreSQL schema as the SQLite file that the audit reads."""

from pathlib import Path

from sqlalchemy import create_engine, insert, select
from sqlmodel import SQLModel

import nodes.store.tables  # noqa: F401 - fills the metadata


def copy_to_sqlite(url: str, node_id: str, path: Path) -> None:
    """Copy all tables of a node that has stopped, row by row as they are."""
    source = create_engine(url, connect_args={"options": f"-c search_path=recarga_{node_id}"})
    target = create_engine(f"sqlite:///{path}")
    SQLModel.metadata.create_all(target)
    with source.connect() as reading, target.begin() as writing:
        for table in SQLModel.metadata.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    source.dispose()
    target.dispose()
