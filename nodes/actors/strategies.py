"""How requests that want a window of the same point are kept from undoing one another: other ways than the mailbox, for study.

They are what a node would do that keeps no point in memory: read the point's rows, decide, write, commit. What they
compete for is the point's row. Everything else (meters, cancellations, time) goes through the mailbox as ever.
"""

from collections.abc import Callable
from typing import Protocol

from nodes.actors.envelope import Envelope
from nodes.actors.point_actor import PointActor
from nodes.config import Limits, Strategy
from nodes.domain.commands import PrepareStop, Reserve, ReserveNow
from nodes.errors import PointBusy
from nodes.ports import Store
from nodes.store.journal import Journal

RESERVING = (Reserve, ReserveNow, PrepareStop)
"""The commands that compete for windows."""


class Transactions(Protocol):
    """Carries out requests that reserve."""

    async def take(self, actor: PointActor, envelope: Envelope) -> None:
        """See to it that the envelope's reply comes. Raises ``PointBusy`` when it is not taken, ``StoreError``."""


MakeTransactions = Callable[[Store, Journal, Limits], Transactions]


class RowLock:
    """``SELECT … FOR UPDATE SKIP LOCKED``: whoever finds the row locked is refused at once, and nobody waits for it.

    The lock is held from the read until the commit is on disk, as a transaction holds it.
    """

    def __init__(self, store: Store, journal: Journal, limits: Limits) -> None:
        del limits
        self._store = store
        self._journal = journal

    async def take(self, actor: PointActor, envelope: Envelope) -> None:
        """See ``Transactions.take``."""
        lock = actor.lock
        assert lock is not None, "a node of this strategy gives every point a lock"
        if lock.is_held:
            raise PointBusy(f"another transaction holds the row of {actor.point.id}")
        lock.hold()
        try:
            await self._store.find_in_force(actor.point.id)
            actor.handle(envelope)
            await self._journal.flushed()
        finally:
            lock.release()


class Optimistic:
    """``UPDATE … WHERE version = …``: whoever read a version that is no longer the newest reads again.

    Who writes while another's commit is under way waits for it, as for a row in a database, and has lost then. After
    ``optimistic_tries`` it is refused.
    """

    def __init__(self, store: Store, journal: Journal, limits: Limits) -> None:
        self._store = store
        self._journal = journal
        self._tries = limits.optimistic_tries

    async def take(self, actor: PointActor, envelope: Envelope) -> None:
        """See ``Transactions.take``."""
        for _ in range(self._tries):
            version, _ = await self._store.find_in_force(actor.point.id)
            if version == actor.point.seq or envelope.reply.done():
                actor.handle(envelope)
                return
            await self._journal.flushed()
        raise PointBusy(f"{actor.point.id} has changed {self._tries} times while this request read it")


TRANSACTIONS: dict[Strategy, MakeTransactions] = {Strategy.ROW_LOCK: RowLock, Strategy.OPTIMISTIC: Optimistic}
"""By strategy; there are none for the mailbox."""
