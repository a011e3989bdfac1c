"""A charge, as it goes on: energy, cost, time left."""

import asyncio
from contextlib import aclosing

from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.widgets import Button, Digits, ProgressBar, Static

from nodes.clients.appearance import cost_so_far
from nodes.clients.errors import ClientError
from nodes.clients.following import follow
from nodes.clients.moments import now_ms
from nodes.clients.network import Network, new_key
from nodes.clients.objects import Reservation, Session
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.terminal.confirm_screen import ConfirmScreen


class ChargeScreen(ModalScreen[None]):
    """Follows one charge. Leaving does not end it; ``s`` does."""

    BINDINGS = [("escape", "leave", ""), ("s", "stop", "")]
    AUTO_FOCUS = "#leave"

    def __init__(self, session: Session, title: str, network: Network, quick: Network, speech: Speech) -> None:
        super().__init__()
        self._session = session
        self._reservation: Reservation | None = None
        self._title = title
        self._network, self._quick = network, quick
        self._speech = speech
        self._stop_key = new_key()
        self._said = ""

    def compose(self) -> ComposeResult:
        """Lay it out."""
        with Vertical(classes="dialog"):
            yield Static(self._title, markup=False, classes="question")
            yield Digits("", id="energy")
            yield ProgressBar(id="room", show_eta=False)
            yield Static("", id="charge-facts", markup=False)
            yield Static("", id="said", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(f"{self._speech('key.stop')} (s)", id="stop", compact=True, variant="error")
                yield Button(self._speech("key.back"), id="leave", compact=True)

    def on_mount(self) -> None:
        """Begin to follow it."""
        self._show()
        self.set_interval(1.0, self._show)
        self._follow()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Stop, or leave."""
        if event.button.id == "stop":
            self.action_stop()
        else:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Leave; the charge goes on."""
        self.dismiss(None)

    @work(exclusive=True, group="stop")
    async def action_stop(self) -> None:
        """End the charge, once it is confirmed."""
        if not self._session.is_open:
            return
        answers = (("yes", self._speech("yes")), ("no", self._speech("no")))
        question = self._speech("ask.finish", point=plain(self._session.point_id))
        if await self.app.push_screen_wait(ConfirmScreen(question, answers)) != "yes":
            return
        self._said = self._speech("asking")
        self._show()
        try:
            self._session = await self._network.stop(self._session.id, self._session.driver_id, key=self._stop_key)
            self._said = ""
        except ClientError as error:
            self._said = self._speech.explain(error, now_ms())
        self._show()

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        stream = self._quick.events(point_id=self._session.point_id)
        async with aclosing(follow(stream, self._look, self._away)) as told:
            async for session in told:
                self._said = ""
                self._session = session
                self._show()
                if not session.is_open:
                    return

    async def _look(self) -> Session:
        session, self._reservation = await asyncio.gather(
            self._quick.session(self._session.id), self._quick.reservation(self._session.reservation_id)
        )
        return session

    def _away(self, error: ClientError) -> None:
        self._said = f"{self._speech('away')} ({plain(error)})"
        self._show()

    def _show(self) -> None:
        session, speech, at_ms = self._session, self._speech, now_ms()
        energy = speech.energy(session.energy_wh)
        self.query_one("#energy", Digits).update(energy.removesuffix(" kWh"))
        room = self.query_one("#room", ProgressBar)
        room.display = session.max_energy_wh is not None
        room.update(total=session.max_energy_wh, progress=session.energy_wh)
        lines = [f"{energy} · {speech.money(cost_so_far(session), session.currency)}"]
        if not session.is_open:
            lines.append(f"{speech.status(session.status)} {speech.clock(session.ended_ms or at_ms)}")
        elif self._reservation is not None:
            left = speech.duration(max(0, self._reservation.end_ms - at_ms))
            until = speech("until", when=speech.moment(self._reservation.end_ms, at_ms))
            lines.append(f"{speech('time_left')}: {left} ({until})")
        if session.is_open and session.metered_ms is None:
            lines.append(speech("no_reading"))
        self.query_one("#charge-facts", Static).update("\n".join(lines))
        self.query_one("#said", Static).update(self._said)
        self.query_one("#stop", Button).display = session.is_open
