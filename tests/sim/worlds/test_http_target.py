"""What the vehicles' side of HTTP says became of a request: the audit believes it."""

import pytest

from nodes.domain.commands import Cancel
from nodes.request import Request
from sim.fleet.target import NoAnswerError
from sim.worlds.http_target import HttpTarget
from tests.nodes.peers.strange_owner import answers, drop, strange_owner


async def test_a_cancellation_whose_connection_broke_is_not_sent_again_unasked() -> None:
    """The HTTP client would, as DELETE is idempotent; finding nobody then, it would say that nothing was ever done."""
    cancel = Request("server1.a", Cancel("server1.a.r1-1", "ana"), key="k")
    async with strange_owner(answers("200 OK", b"{}")) as owner:
        target = HttpTarget({"server1": owner.url}, 8)
        try:
            await target.ask("server1", cancel, 5_000)
            owner.behave = drop
            with pytest.raises(NoAnswerError):
                await target.ask("server1", cancel, 5_000)
        finally:
            await target.close()
        assert len(owner.seen) == 2
