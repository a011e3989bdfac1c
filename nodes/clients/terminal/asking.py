"""Asks a question of who sits there, and something of the network, for whatever the application does on their behalf."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, TypeVar

from nodes.clients.errors import ClientError, Problem, Unreachable
from nodes.clients.terminal.confirm_screen import ConfirmScreen

if TYPE_CHECKING:
    from nodes.clients.terminal.app import ClientApp

T = TypeVar("T")


class Asking:
    """For workers of the application."""

    def __init__(self, app: "ClientApp") -> None:
        self._app = app

    async def answer(self, question: str, *answers: tuple[str, str]) -> str | None:
        """Return the answer that is chosen; one more is no."""
        no = ("no", self._app.speech("no"))
        return await self._app.push_screen_wait(ConfirmScreen(question, (*answers, no)))

    async def is_confirmed(self, question: str) -> bool:
        """Return whether the answer is yes."""
        return await self.answer(question, ("yes", self._app.speech("yes"))) == "yes"

    async def network(self, asked: Awaitable[T]) -> T | None:
        """Return the network's answer; None: there was none, which has been said."""
        try:
            return await asked
        except ClientError as error:
            self._app.tell_error(error)
            if isinstance(error, (Problem, Unreachable)):
                self._app.live.look_again()
            return None
