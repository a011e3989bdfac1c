"""Stores in a PostgreSQL database."""

from sqlalchemy import URL

from nodes.store.sql_store import SqlStore


def store_at(url: URL, node_id: str = "server1", holder: str = "") -> SqlStore:
    return SqlStore(url, node_id, answer_retention_s=86_400, holder=holder)
