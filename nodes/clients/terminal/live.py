"""Keeps the board as the network is: by events as they come, by looking anew where they may be missing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing, suppress
from enum import Enum

from nodes.clients.errors import ClientError, NotAllowed
from nodes.clients.events import Away, Connected, EventStream, Happened
from nodes.clients.looking_up import look_up
from nodes.clients.moments import now_ms
from nodes.clients.network import Listed, Network
from nodes.clients.objects import Point, Reservation, Session
from nodes.clients.terminal.board import POINTS_MAX, Board
from nodes.domain.ids import is_point_id

_GATHER_S = 0.15
"""News is gathered that long before points are asked for again: one thing that happens is often several events."""
_LOOK_EVERY_S = 15.0
"""Windows begin without an event, and nodes without a broker hear nothing of each other's points."""
_NODES_EVERY_S = 5.0
"""How nodes are is looked at so often, also while so much happens that points are never all asked for."""
_MINE_EVERY_S = 5.0
"""Events do not say whose: after one, what the driver has is listed anew, if that was not done so lately."""
_PAST_EVERY_S = 120.0
"""What is over changes no more, and is looked at rarely."""
_PAST_MAX = 200
"""Of each kind, so much of what is over is shown."""
_ONE_BY_ONE_MAX = 20
"""Points asked for one by one; more, and the list is read anew."""


class Part(Enum):
    """A part of the board."""

    POINTS = "points"
    MINE = "mine"
    NODES = "nodes"
    LINK = "link"


class Live:
    """``run`` goes on until it is cancelled. ``changed`` is told which part of the board is new."""

    def __init__(self, network: Network, board: Board, changed: Callable[[Part], None]) -> None:
        self.network = network
        self.board = board
        self.error: ClientError | None = None
        """Why there is no connection; None: there is one, or none was tried yet."""
        self.url: str | None = None
        """Whose events are heard."""
        self._changed = changed
        self._dirty: set[str] = set()
        self._is_all_dirty = True
        self._all_due_s = 0.0
        self._mine_due_s = 0.0
        self._past_due_s = 0.0
        self._news = asyncio.Event()

    @property
    def is_live(self) -> bool:
        """Whether what is shown follows what happens."""
        return self.url is not None and self.error is None

    async def run(self) -> None:
        """Listen and look until cancelled."""
        tasks = [asyncio.create_task(self._listen(self.network.events())), asyncio.create_task(self._watch_nodes())]
        try:
            while True:
                await self._look()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), _LOOK_EVERY_S)
                await asyncio.sleep(_GATHER_S)
                self._news.clear()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)

    def look_again(self, *point_ids: str) -> None:
        """Ask for these points soon; without any, for all."""
        self._dirty.update(point_ids)
        self._is_all_dirty |= not point_ids
        self._news.set()

    async def _listen(self, stream: EventStream) -> None:
        try:
            async with aclosing(stream.read()) as items:
                async for item in items:
                    match item:
                        case Connected():
                            self._connected(item.url)
                        case Away():
                            self._lost(item.error)
                        case Happened():
                            self._hear(item)
        except NotAllowed as error:  # asking again with the same token is of no use
            self._lost(error)

    def _hear(self, item: Happened) -> None:
        if is_point_id(item.subject):
            self.look_again(item.subject)
        elif item.type.startswith(("node.", "trip.")):
            self.look_again()

    async def _look(self) -> None:
        dirty, now_s = self._dirty, asyncio.get_running_loop().time()
        is_all = self._is_all_dirty or now_s >= self._all_due_s or len(dirty) > _ONE_BY_ONE_MAX
        self._dirty, self._is_all_dirty = set(), False
        try:
            if is_all:
                await self._read_all()
            else:
                found = await look_up(self._point, sorted(dirty))
                self.board.points |= {point.id: point for point in found.items}
                self._changed(Part.POINTS)
            if is_all or now_s >= self._mine_due_s or any(map(self.board.is_mine, dirty)):
                await self._read_mine()
        except ClientError as error:
            self._is_all_dirty = True
            self._lost(error, is_stream=False)
        else:
            if self.error is not None and self.url is not None:
                self._connected(self.url)

    async def _read_all(self) -> None:
        points = {}
        async with aclosing(self.network.points()) as told:
            async for point in told:
                points[point.id] = point
                if len(points) == POINTS_MAX:
                    break
        self.board.points = points
        self._all_due_s = asyncio.get_running_loop().time() + _LOOK_EVERY_S
        self._changed(Part.POINTS)
        await self._read_nodes()

    async def _read_nodes(self) -> None:
        self.board.nodes, self.board.nodes_ms = await self.network.nodes(), now_ms()
        self._changed(Part.NODES)

    async def _watch_nodes(self) -> None:
        while True:
            await asyncio.sleep(_NODES_EVERY_S)
            with suppress(ClientError):  # the stream of events tells of it
                await self._read_nodes()

    async def _read_mine(self) -> None:
        """Read what the driver has in force, by its id what was in force and is no more, and now and then the past."""
        board, driver_id, now_s = self.board, self.board.driver_id, asyncio.get_running_loop().time()
        if not driver_id:
            return
        self._mine_due_s = now_s + _MINE_EVERY_S
        held = await self.network.reservations(driver_id, active=True)
        charges = await self.network.sessions(driver_id, active=True)
        ended = await look_up(self.network.reservation, _ended(board.reservations, held))
        finished = await look_up(self.network.session, _ended(board.sessions, charges))
        board.reservations |= {each.id: each for each in (*ended.items, *held.items)}
        board.sessions |= {each.id: each for each in (*finished.items, *charges.items)}
        if now_s >= self._past_due_s:
            past = await self.network.reservations(driver_id, active=False, most=_PAST_MAX)
            bills = await self.network.sessions(driver_id, active=False, most=_PAST_MAX)
            self._past_due_s = now_s + (0 if past.away or bills.away else _PAST_EVERY_S)
            board.reservations |= {each.id: each for each in past.items}
            board.sessions |= {each.id: each for each in bills.items}
        self._changed(Part.MINE)

    async def _point(self, point_id: str) -> Point:
        return await self.network.point(point_id)

    def _connected(self, url: str) -> None:
        was_live, self.url, self.error = self.is_live, url, None
        if not was_live:
            self.look_again()
        self._changed(Part.LINK)

    def _lost(self, error: ClientError, *, is_stream: bool = True) -> None:
        self.error = error
        if is_stream:
            self.url = None
        self._changed(Part.LINK)


def _ended(known: Mapping[str, Reservation | Session], listed: Listed) -> list[str]:
    """Return the ids of what is known to be open and was not listed as such."""
    still = {each.id for each in listed.items}
    return [each.id for each in known.values() if each.is_open and each.id not in still]
