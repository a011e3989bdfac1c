"""The application on a screen of a test's own, driven by keys."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input, Select

from nodes.clients.http_client import HttpClient, Patience
from nodes.clients.network import Network
from nodes.clients.speech import Speech
from nodes.clients.terminal.app import ClientApp
from nodes.clients.terminal.booking_screen import BookingScreen
from nodes.clients.terminal.form_screen import FormScreen
from nodes.clients.terminal.operator_pane import OperatorPane
from nodes.clients.terminal.points_pane import PointsPane
from nodes.clients.terminal.rows import Rows

WAIT_S = 90
"""How long something may take to be the case: machines whose cores are busy are slow."""


class Seen:
    """What is on the screen, and keys to press."""

    def __init__(self, app: ClientApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def until(self, condition: Callable[[], Any], what: str = "") -> None:
        """Wait until something is the case; nothing else is waited for."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not condition():
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise AssertionError(f"it never was: {what}\n{self.text}") from None
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    @property
    def text(self) -> str:
        """The whole screen."""
        app = self.app
        return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())

    async def shows(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts), " and ".join(texts))

    async def choose(self, point_id: str, pane: type[PointsPane | OperatorPane] = PointsPane) -> None:
        """Put the cursor on a point."""
        table = self.app.query_one(pane).query_one(Rows)
        await self.until(lambda: point_id in table._shown, point_id)
        table.move_cursor(row=list(table._shown).index(point_id))
        await self.until(lambda: getattr(self.app.query_one(pane).chosen, "id", None) == point_id, point_id)

    async def fill_form(self, **values: str) -> None:
        """Fill a form's fields, and ask."""
        await self.until(lambda: isinstance(self.app.screen, FormScreen), "a form")
        for name, value in values.items():
            field = self.app.screen.query_one(f"#field-{name}")
            assert isinstance(field, (Input, Select))
            field.value = value
            await self.pilot.pause()
        self.app.screen.query_one("#field-name", Input).focus()
        await self.press("enter")

    async def fill(self, start: str, length: str) -> None:
        """Fill the window that is asked for, and ask."""
        await self.until(lambda: isinstance(self.app.screen, BookingScreen), "a window is asked for")
        self.app.screen.query_one("#from", Input).value = start
        self.app.screen.query_one("#for", Input).value = length
        self.app.screen.query_one("#for", Input).focus()
        await self.press("enter")


@asynccontextmanager
async def running_app(
    *urls: str,
    driver: str | None = "ana",
    token: str | None = None,
    size: tuple[int, int] = (80, 24),
    language: str = "en",
    is_live: bool = True,
) -> AsyncIterator[Seen]:
    """Have the application on a screen of that size, once it is live."""
    client = HttpClient(urls, token=token, patience=Patience(deadline_s=30))
    app = ClientApp(Network(client), driver, Speech(language))
    async with app.run_test(size=size) as pilot:
        seen = Seen(app, pilot)
        await seen.until(lambda: not is_live or (app.live.is_live and len(app.board.points) >= 6), "live")
        yield seen
