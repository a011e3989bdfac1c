"""A node that must not serve says so to everybody, for good."""

import logging

import pytest

from nodes.errors import NotServing, Superseded
from nodes.standing import Standing


def test_the_first_reason_stands_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """Who looks into the log at night must find what happened first."""
    told: list[str] = []
    standing = Standing("server1", lambda: told.append("refused"))
    standing.check()
    with caplog.at_level(logging.CRITICAL):
        standing.refuse(Superseded("server1", 3, 4))
        standing.refuse(Superseded("server1", 3, 9))
    with pytest.raises(NotServing, match="at epoch 4, and this is its epoch 3"):
        standing.check()
    assert told == ["refused"]
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
