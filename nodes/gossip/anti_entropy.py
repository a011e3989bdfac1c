"""One task that asks the owners of points for what gossip lost, or what somebody forged.

It has nothing to do while gossip works: a question is due when a node's digest does not agree with what is believed of its
points, when it is not known to be there, when what is heard of it contradicts itself, or when it has come far enough that
its own word on that is wanted (``attest_events``). Then the view has a round to come right by itself; after that the node
is asked: for the range of its journal that is missing, or for a snapshot. One page at a time, over all nodes.
"""

import asyncio
from hashlib import blake2b

from nodes.config import Limits
from nodes.errors import Forked, NoWord, RequestError
from nodes.gossip.correction import call_forked, forget_others, question, take_points, take_word
from nodes.gossip.node_view import NodeView
from nodes.gossip.view import View
from nodes.gossip.word import JournalPage, SnapshotPage, read_journal_page, read_snapshot_page
from nodes.ports import Clock, Peers, Timer
from nodes.problems import FORKED, JOURNAL_TRIMMED, is_problem
from nodes.records import Answer
from nodes.request import ReadJournal, ReadSnapshot, Request
from nodes.tasks import end

_HEAD = 2**53 - 1
"""Nothing happened after this: whoever is asked says how far it has come, and no more."""


class AntiEntropy:
    """Asks owners until the view agrees with them. ``start`` begins, ``stop`` ends the task."""

    def __init__(self, node_id: str, clock: Clock, peers: Peers, view: View, limits: Limits) -> None:
        self.questions = 0
        self.failures = 0
        self.points = 0
        """Points that were told in answer."""
        self._node_id = node_id
        self._clock = clock
        self._peers = peers
        self._view = view
        self._limits = limits
        self._timers: dict[str, Timer] = {}
        self._due: dict[str, None] = {}
        self._failed: dict[str, int] = {}
        """How often a node was asked in vain in a row."""
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin; nodes that the operator named are asked if they are not heard of within a round."""
        self._task = asyncio.get_running_loop().create_task(self._run())
        for node_id in sorted(self._view.nodes):
            self.sign(node_id, is_born=False)

    async def stop(self) -> None:
        """End."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        if self._task is not None:
            await end(self._task)
            self._task = None

    def sign(self, node_id: str, is_born: bool) -> None:
        """Take note that something of a node seems to be missing or wrong. A node just born is not waited for longer."""
        if self._task is None:
            return
        if is_born and self._failed.pop(node_id, 0) and (timer := self._timers.pop(node_id, None)) is not None:
            timer.cancel()
        if node_id not in self._timers and node_id not in self._due:
            self._later(node_id)

    def _later(self, node_id: str) -> None:
        """Ask a round from now; later, when the node was asked in vain."""
        limits, failed = self._limits, self._failed.get(node_id, 0)
        delay_ms = limits.anti_entropy_ms * 2 ** min(failed, 20) * _spread(self._node_id, node_id)
        delay_ms = min(delay_ms, max(limits.anti_entropy_retry_ms_max, limits.anti_entropy_ms))
        self._timers[node_id] = self._clock.call_later_s(delay_ms / 1000, lambda: self._ring(node_id))

    def _ring(self, node_id: str) -> None:
        self._timers.pop(node_id, None)
        self._due[node_id] = None
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            while self._due:
                node_id = next(iter(self._due))
                await self._settle(node_id)
                del self._due[node_id]
                if self._view.needs_word(self._view.nodes[node_id]) and node_id not in self._timers:
                    self._later(node_id)
            self._wake.clear()

    async def _settle(self, node_id: str) -> None:
        """Ask a node, if the view has not come right by itself."""
        node = self._view.nodes[node_id]
        if not self._view.needs_word(node) or node.url is None:
            self._failed.pop(node_id, None)
            return
        try:
            await self._pull(node)
        except Forked as forked:
            call_forked(node, str(forked), self._clock.now_ms())
        except (RequestError, NoWord):
            self.failures += 1
        if self._view.needs_word(node):
            self._failed[node_id] = self._failed.get(node_id, 0) + 1
        else:
            self._failed.pop(node_id, None)

    async def _pull(self, node: NodeView) -> None:
        """Ask what is missing: a range of the journal, if that is near enough and suffices; else a snapshot."""
        asked = question(self._view, node)
        page = await self._ask_journal(node, _HEAD)
        if page is None or not take_word(self._view, node, page, asked, self._clock.now_ms()):
            return
        if node.is_missing and not node.doubted and self._is_near(node, page):
            await self._pull_journal(node)
        if node.is_missing or node.doubted:
            await self._pull_snapshot(node)

    def _is_near(self, node: NodeView, page: JournalPage) -> bool:
        """Whether the journal tells all that is missing: a new epoch changes every point, and is no event."""
        synced = node.synced
        return (
            synced is not None and synced[0] == page.epoch and page.head_ver - synced[1] <= self._limits.pull_events_max
        )

    async def _pull_journal(self, node: NodeView) -> None:
        after: int | None = None if node.synced is None else node.synced[1]
        for _ in range(self._limits.pull_pages_max):
            if after is None:
                return
            asked = question(self._view, node)
            page = await self._ask_journal(node, after)
            if page is None:
                return  # the journal begins later by now
            take_points(self._view, page.points, asked)
            self.points += len(page.points)
            if not take_word(self._view, node, page, asked, self._clock.now_ms()):
                return
            after = page.next_after
            await self._clock.sleep_s(self._limits.pull_pause_ms / 1000)

    async def _pull_snapshot(self, node: NodeView) -> None:
        view, after, doubted = self._view, "", node.doubted
        for _ in range(self._limits.pull_pages_max):
            asked = question(view, node)
            page = await self._ask_snapshot(node, after)
            forget_others(view, node.node_id, page.items, after, page.next_after, asked)
            take_points(view, page.items, asked)
            self.points += len(page.items)
            if not take_word(view, node, page, asked, self._clock.now_ms()):
                return
            if page.next_after is None:
                if node.doubted == doubted:
                    node.doubted = 0
                return
            after = page.next_after
            await self._clock.sleep_s(self._limits.pull_pause_ms / 1000)

    async def _ask_journal(self, node: NodeView, after: int) -> JournalPage | None:
        """Return a page of the node's journal; None when it does not go back that far."""
        answer = await self._ask(node, ReadJournal(after, self._limits.pull_items))
        if is_problem(answer, JOURNAL_TRIMMED):
            return None
        return read_journal_page(node.node_id, _body(node.node_id, answer))

    async def _ask_snapshot(self, node: NodeView, after: str) -> SnapshotPage:
        answer = await self._ask(node, ReadSnapshot(after, self._limits.pull_items))
        return read_snapshot_page(node.node_id, _body(node.node_id, answer))

    async def _ask(self, node: NodeView, query: ReadJournal | ReadSnapshot) -> Answer:
        assert node.url is not None
        self.questions += 1
        timeout_ms = self._limits.pull_timeout_ms
        return await self._peers.ask(node.node_id, node.url, Request(node.node_id, query), timeout_ms)


def _body(node_id: str, answer: Answer) -> bytes:
    if is_problem(answer, FORKED):
        raise Forked(node_id, "it says so itself")
    if answer.status != 200:
        raise NoWord(f"{node_id} answers {answer.status}")
    return answer.body


def _spread(node_id: str, owner_id: str) -> float:
    """Return 0.75 to 1.25, another for every pair of nodes and always the same: nobody's chance decides who asks when."""
    return 0.75 + blake2b(f"{node_id} {owner_id}".encode(), digest_size=1).digest()[0] / 510
