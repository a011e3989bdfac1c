"""What the application does on a driver's behalf: ask, wait for the answer, say it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from nodes.clients.errors import ClientError, Problem
from nodes.clients.moments import local, now_ms
from nodes.clients.network import StopWish
from nodes.clients.objects import Point, Reservation, Session
from nodes.clients.plain_text import plain
from nodes.clients.terminal.asking import Asking
from nodes.clients.terminal.booking_screen import BookingScreen, WindowWish
from nodes.clients.terminal.charge_screen import ChargeScreen
from nodes.clients.terminal.draft import STOPS_MAX
from nodes.clients.terminal.trip_pane import TripPane

if TYPE_CHECKING:
    from nodes.clients.terminal.app import ClientApp

_USUAL_LENGTH = "30m"
_DRIVE_MS = 1_800_000
"""From one stop to the next, until something else is typed."""
_ALMOST_A_DAY_MS = 86_340_000
"""A time of day is the next one, which is less than a day away."""


class Acting:
    """Each act is a worker of the application."""

    def __init__(self, app: "ClientApp") -> None:
        self._app = app
        self._speech = app.speech
        self._board = app.board
        self._network = app.network
        self._asking = Asking(app)

    def reserve(self, point: Point) -> None:
        """Ask for a window on a point, and reserve it."""

        async def ask(wish: WindowWish) -> Reservation:
            driver_id = self._board.driver_id
            if wish.start_ms is None:
                return await self._network.reserve(point.id, driver_id, duration_s=wish.length_ms // 1000, key=wish.key)
            end_ms = wish.start_ms + wish.length_ms
            return await self._network.reserve(point.id, driver_id, start_ms=wish.start_ms, end_ms=end_ms, key=wish.key)

        def done(held: Reservation | None) -> None:
            if held is not None:
                self._board.reservations[held.id] = held
                window = self._speech.span(held.start_ms, held.end_ms, now_ms())
                self._app.tell(self._speech("confirmed", point=plain(point.name), window=window))
                self._app.show("mine", "points")
                self._app.live.look_again(point.id)

        if self._knows_driver():
            question = self._speech("ask.reserve", point=plain(point.name))
            words, start = self._speech("key.reserve"), _as_typed(point.next_free.start_ms)
            self._app.push_screen(BookingScreen(question, words, self._speech, start, _USUAL_LENGTH, ask), done)

    def add_stop(self, point: Point) -> None:
        """Ask for a window on a point, and put it into the trip."""
        draft = self._board.draft
        if len(draft.stops) >= STOPS_MAX:
            return

        async def ask(wish: WindowWish) -> StopWish:
            start_ms = now_ms() if wish.start_ms is None else wish.start_ms
            return StopWish(start_ms, start_ms + wish.length_ms, (point.id,))

        def done(stop: StopWish | None) -> None:
            if stop is not None:
                self.change_draft(lambda: draft.add(stop))
                number = draft.stops.index(stop) + 1
                window = self._speech.span(stop.start_ms, stop.end_ms, now_ms())
                self._app.tell(self._speech("added", n=number, point=plain(point.name), window=window))

        start = _as_typed(draft.stops[-1].end_ms + _DRIVE_MS) if draft.stops else _as_typed(point.next_free.start_ms)
        question = self._speech("ask.stop", point=plain(point.name))
        words = self._speech("key.add")
        self._app.push_screen(BookingScreen(question, words, self._speech, start, _USUAL_LENGTH, ask), done)

    def change_draft(self, change: Callable[[], Any]) -> None:
        """Change the trip that is put together; what was said of it no longer holds."""
        change()
        self._app.query_one(TripPane).say("")
        self._show_trip()

    def take_offer(self) -> None:
        """Move the stop that could not be had to when it can."""
        offer = self._board.draft.offer
        if offer is not None and self._board.draft.take_offer():
            self._app.query_one(TripPane).say(self._speech("moved", window=self._speech.span(*offer, now_ms())))
            self._show_trip()

    def plan(self) -> None:
        """Book the trip, all or nothing."""
        if self._knows_driver():
            self._app.run_worker(self._plan(), group="plan", exclusive=True)

    def charge(self, what: Point | Reservation) -> None:
        """Plug in, once it is confirmed, and follow the charge."""
        if self._knows_driver():
            self._app.run_worker(self._charge(what), group="act")

    def cancel(self, held: Reservation) -> None:
        """Cancel a reservation, or all of its trip, once it is confirmed."""
        self._app.run_worker(self._cancel(held), group="act")

    def watch(self, session: Session) -> None:
        """Follow a charge."""
        title = self._speech("charging_at", point=self._name(session.point_id))
        screen = ChargeScreen(session, title, self._network, self._app.quick, self._speech)
        self._app.push_screen(screen, lambda _: self._app.live.look_again(session.point_id))

    async def _plan(self) -> None:
        draft, pane, speech = self._board.draft, self._app.query_one(TripPane), self._speech
        pane.say(speech("asking"))
        self._show_trip()
        try:
            trip = await self._network.plan_trip(draft.stops, self._board.driver_id, key=draft.ask())
        except Problem as problem:
            if problem.outcome == "none":
                draft.refused(problem)
            self._say_refused(speech.explain(problem, now_ms()), problem.stop)
            return
        except ClientError as error:  # the same stops are asked under the same key again
            pane.say(speech.explain(error, now_ms()), "red")
            self._show_trip()
            return
        if trip.status == "CONFIRMED":
            self._board.reservations |= {stop.id: stop for stop in trip.stops}
            draft.clear()
            lines = [f"{speech('trip_confirmed', n=len(trip.stops))} · {plain(trip.id)}"]
            lines += [
                f"✓ {self._name(stop.point_id)}  {speech.span(stop.start_ms, stop.end_ms, now_ms())}"
                for stop in trip.stops
            ]
            pane.say("\n".join(lines), "green")
        elif trip.is_open:
            pane.say(speech("trip_pending", id=plain(trip.id)), "yellow")
        else:
            draft.key = ""
            self._say_refused(speech.explain(trip.refusal, now_ms()), trip.failed_stop)
            return
        self._show_trip()
        self._app.show("mine")
        self._app.live.look_again()

    def _say_refused(self, why: str, stop: int | None) -> None:
        said = why if stop is None else self._speech("stop_refused", n=stop + 1, why=why)
        self._app.query_one(TripPane).say(self._speech("trip_refused", why=said), "red")
        self._show_trip()

    async def _charge(self, what: Point | Reservation) -> None:
        point_id = what.id if isinstance(what, Point) else what.point_id
        question = self._speech("ask.charge", point=self._name(point_id))
        if not await self._asking.is_confirmed(question):
            return
        driver_id = self._board.driver_id
        if isinstance(what, Point):
            session = await self._asking.network(self._network.plug_in(what.id, driver_id))
        else:
            session = await self._asking.network(self._network.start(what.id, driver_id))
        if session is None:
            return
        self._board.sessions[session.id] = session
        self._app.show("mine")
        self.watch(session)

    async def _cancel(self, held: Reservation) -> None:
        window = self._speech.span(held.start_ms, held.end_ms, now_ms())
        what = f"{self._name(held.point_id)}, {window}"
        answers = [("yes", self._speech("yes"))]
        if held.trip_id is not None:
            answers = [("yes", self._speech("only_this")), ("trip", self._speech("whole_trip"))]
        answer = await self._asking.answer(self._speech("ask.cancel", what=what), *answers)
        driver_id = self._board.driver_id or None
        if answer == "trip" and held.trip_id is not None:
            trip = await self._asking.network(self._network.cancel_trip(held.trip_id, driver_id))
            if trip is not None:
                self._app.tell(self._speech("cancelled", what=plain(trip.id)))
        elif answer == "yes":
            over = await self._asking.network(self._network.cancel(held.id, driver_id))
            if over is not None:
                self._board.reservations[over.id] = over
                self._app.tell(self._speech("cancelled", what=what))
        self._app.show("mine", "points")
        self._app.live.look_again(held.point_id)

    def _name(self, point_id: str) -> str:
        point = self._board.points.get(point_id)
        return plain(point_id if point is None else point.name)

    def _show_trip(self) -> None:
        self._app.show("trip")
        self._app.refresh_bindings()

    def _knows_driver(self) -> bool:
        if not self._board.driver_id:
            self._app.tell("--driver", is_bad=True)
        return bool(self._board.driver_id)


def _as_typed(start_ms: int) -> str:
    """Return a time as it is typed, rounded up to the minute."""
    at_ms = now_ms()
    if start_ms <= at_ms + 60_000:
        return "now"
    when = local(start_ms + 59_999)
    return f"{when:%H:%M}" if start_ms < at_ms + _ALMOST_A_DAY_MS else f"{when:%Y-%m-%dT%H:%M}"
