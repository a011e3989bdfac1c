"""What the application does on an operator's behalf."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from nodes.clients.objects import Point
from nodes.clients.operator import Operator, PointChange
from nodes.clients.plain_text import plain
from nodes.clients.terminal.asking import Asking
from nodes.clients.terminal.form_screen import FormScreen
from nodes.clients.terminal.new_point_screen import NewPointScreen
from nodes.clients.terminal.operator_pane import OperatorPane
from nodes.clients.terminal.point_form import (
    change_fields,
    change_from,
    empty_values,
    new_fields,
    new_point,
    values_of,
)

if TYPE_CHECKING:
    from nodes.clients.terminal.app import ClientApp


class Operating:
    """Each act is a worker of the application."""

    def __init__(self, app: "ClientApp") -> None:
        self._app = app
        self._speech = app.speech
        self._board = app.board
        self._asking = Asking(app)
        self._operator = Operator(app.network.client)
        self._draft = empty_values(app.speech)
        """The point that is being described: it stays until it is there."""

    def create(self) -> None:
        """Ask for a new point's description, and create it."""
        draft, nodes = self._draft, [node.id for node in self._board.nodes]
        if draft["node"] not in nodes:
            draft["node"] = nodes[0] if nodes else ""

        async def ask(key: str) -> Point:
            return await self._operator.create_point(new_point(draft), key=key)

        def done(made: Point | None) -> None:
            if made is not None:
                self._draft = empty_values(self._speech) | {"node": made.node}
                self._take(made, "created")

        question, words, fields = self._speech("ask.new"), self._speech("key.create"), new_fields(nodes, self._speech)
        self._app.push_screen(NewPointScreen(question, words, self._speech, fields, draft, ask), done)

    def change(self) -> None:
        """Ask what is to be otherwise of the point under the cursor, and change it."""
        self._act(self._change)

    def serve(self) -> None:
        """Take the point under the cursor out of service, or put it back, once it is confirmed."""
        self._act(self._serve)

    def mend(self) -> None:
        """Say that what failed at the point under the cursor works again, once it is confirmed."""
        self._act(self._mend)

    def _act(self, act: Callable[[Point], Coroutine[None, None, None]]) -> None:
        point = self._app.query_one(OperatorPane).chosen
        if point is not None:
            self._app.run_worker(act(point), group="act")

    async def _change(self, seen: Point) -> None:
        point = await self._asking.network(self._app.quick.point(seen.id, fresh=True))
        if point is None:
            return
        values = values_of(point, self._speech)

        async def ask(key: str) -> Point:
            wanted = change_from(point, values)
            return point if wanted.is_empty else await self._operator.change_point(point.id, wanted, key=key)

        question = self._speech("ask.change", point=plain(point.name))
        words, fields = self._speech("key.change"), change_fields(point, self._speech)
        told = await self._app.push_screen_wait(FormScreen(question, words, self._speech, fields, values, ask))
        if told is not None:
            self._take(told, "unchanged" if told is point else "changed")

    async def _serve(self, point: Point) -> None:
        question = self._speech("ask.in" if point.maintenance else "ask.out", point=plain(point.name))
        if await self._asking.is_confirmed(question):
            change = PointChange(maintenance=not point.maintenance)
            told = await self._asking.network(self._operator.change_point(point.id, change))
            if told is not None:
                self._take(told, "changed")

    async def _mend(self, point: Point) -> None:
        if await self._asking.is_confirmed(self._speech("ask.mended", fault=plain(point.fault))):
            told = await self._asking.network(self._operator.report_fault(point.id, ""))
            if told is not None:
                self._take(told, "changed")

    def _take(self, point: Point, said: str) -> None:
        self._board.points[point.id] = point
        self._app.tell(self._speech(said, point=plain(point.name)))
        self._app.show("points", "operator")
