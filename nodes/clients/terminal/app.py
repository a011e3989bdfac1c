"""The application: five panes, and what the keys do."""

from functools import partial

from textual import work
from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Input, TabbedContent, TabPane

from nodes.clients.errors import BadInput, ClientError
from nodes.clients.http_client import Patience
from nodes.clients.moments import now_ms
from nodes.clients.network import Network
from nodes.clients.objects import Reservation, Session
from nodes.clients.speech import Speech
from nodes.clients.terminal.acting import Acting
from nodes.clients.terminal.board import Board
from nodes.clients.terminal.day_strip import day_span
from nodes.clients.terminal.keys import KEYS, TABS
from nodes.clients.terminal.live import Live, Part
from nodes.clients.terminal.mine_pane import MinePane
from nodes.clients.terminal.nodes_pane import NodesPane
from nodes.clients.terminal.operating import Operating
from nodes.clients.terminal.operator_pane import OperatorPane
from nodes.clients.terminal.points_pane import WIDE, PointsPane
from nodes.clients.terminal.rows import Rows
from nodes.clients.terminal.status_bar import StatusBar
from nodes.clients.terminal.trip_pane import TripPane
from nodes.clients.terminal.who import find_out_who

_Pane = PointsPane | MinePane | TripPane | NodesPane | OperatorPane
_KINDS: tuple[type[_Pane], ...] = (PointsPane, MinePane, TripPane, NodesPane, OperatorPane)
_PANES = dict(zip(TABS, _KINDS, strict=True))
_FILTERS = {"filter": "points", "operator-filter": "operator"}
"""Filter lines, and whose they are."""
_QUICK = Patience(deadline_s=4.0, attempt_s=4.0)
"""For what is looked at in the background: it is asked again soon anyway."""


class ClientApp(App[None]):
    """Runs until it is left. ``driver``: who drives, if that was said."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    TITLE = "Recarga"

    def __init__(self, network: Network, driver: str | None, speech: Speech) -> None:
        super().__init__()
        self.network = network
        self.quick = Network(network.client.with_patience(_QUICK))
        self.speech = speech
        self.board = Board()
        self.live = Live(self.quick, self.board, self._changed)
        self.acting = Acting(self)
        self.operating = Operating(self)
        self._said_driver = driver
        for key, action, words, _ in KEYS:
            shown = "[ ]" if action.startswith("day") else None
            self.bind(key, action, description=speech(words) if words else "", show=bool(words), key_display=shown)
        for number, tab in enumerate(TABS, 1):
            self.bind(str(number), f"tab('{tab}')", show=False)
        self.bind("q", "quit", description=speech("key.quit"))

    def compose(self) -> ComposeResult:
        """Lay it out."""
        yield StatusBar(self.speech)
        with TabbedContent(initial="points"):
            for number, (tab, pane) in enumerate(_PANES.items(), 1):
                yield TabPane(f"{number} {self.speech(tab)}", pane(self.board, self.speech), id=tab)
        yield Footer(compact=True)

    def on_mount(self) -> None:
        """Begin to follow the network."""
        self.query_one("#points Rows").focus()
        self.query_one(TabbedContent).hide_tab("operator")
        self.set_interval(1.0, self._tick)
        self._show_all()
        self.run_worker(self._find_out_who(), group="who")
        self.run_worker(self.live.run(), group="live")

    async def on_unmount(self) -> None:
        """Close the connections."""
        await self.network.client.close()
        await self.quick.client.close()

    # what is shown

    @property
    def pane(self) -> str:
        """The pane that is shown."""
        return self.query_one(TabbedContent).active

    def show(self, *tabs: str) -> None:
        """Show what the board holds now in these panes; in the operator's while it is looked at."""
        if not self.is_running:  # it is closing, and what is shown is being taken down
            return
        for tab in tabs:
            if tab != "operator" or self.pane == "operator":
                self.query_one(_PANES[tab]).show(now_ms())

    def tell(self, text: str, *, is_bad: bool = False) -> None:
        """Say something in passing."""
        self.notify(text, severity="error" if is_bad else "information", markup=False)

    def tell_error(self, error: ClientError) -> None:
        """Say what went wrong."""
        self.tell(self.speech.explain(error, now_ms()), is_bad=True)

    def _changed(self, part: Part) -> None:
        if not self.is_running:
            return
        match part:
            case Part.POINTS:
                self.show("points", "mine", "operator")
                self._look_into_calendar()
            case Part.MINE:
                self.show("mine", "points")
            case Part.NODES:
                self.show("nodes")
            case Part.LINK:
                self._show_bar()

    def _show_all(self) -> None:
        self.show(*TABS)
        self._show_bar()

    def _show_bar(self) -> None:
        if self.is_running:
            self.query_one(StatusBar).show(self.live, self.board)

    def _tick(self) -> None:
        self._show_bar()
        if self.is_running and self.pane == "nodes":
            self.query_one(NodesPane).show_sheet(now_ms())

    async def _find_out_who(self) -> None:
        try:
            await find_out_who(self._said_driver, self.network, self.board)
        except ClientError as error:
            self.tell(str(error) if isinstance(error, BadInput) else self.speech.explain(error, now_ms()), is_bad=True)
        if self.board.is_operator:
            self.query_one(TabbedContent).show_tab("operator")
        self.live.look_again()
        self._show_all()

    @work(exclusive=True, group="calendar")
    async def _look_into_calendar(self) -> None:
        if not self.is_running:
            return
        point, pane = self.query_one(PointsPane).chosen, self.query_one(PointsPane)
        if point is None:
            return
        try:
            self.board.calendar = await self.quick.calendar(point.id, *day_span(now_ms(), pane.day), fresh=True)
        except ClientError:  # the bar tells of it, or the point is gone
            return
        if self.is_running:
            pane.show_detail(now_ms())

    # what the keys do

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does something now."""
        if action == "take":
            return self.pane == "trip" and self.board.draft.offer is not None
        if action == "mended" and self.is_running:
            return self.pane == "operator" and self.query_one(OperatorPane).is_faulty
        if action == "tab":
            return parameters != ("operator",) or self.board.is_operator
        name = f"{action}({parameters[0]})" if action == "day" else action
        tabs = next((tabs for _, known, _, tabs in KEYS if known == name), None)
        return True if tabs is None or not self.is_running else self.pane in tabs

    def on_tabbed_content_tab_activated(self) -> None:
        """The keys that do something are others."""
        self.refresh_bindings()
        self.show(self.pane)
        if not isinstance(self.focused, Input):
            self.query_one(f"#{self.pane} Rows", Rows).focus()

    def on_resize(self) -> None:
        """There is room for more, or for less."""
        self.call_after_refresh(self._show_all)

    def on_input_changed(self, event: Input.Changed) -> None:
        """A filter has changed."""
        if event.input.id in _FILTERS:
            self.show(_FILTERS[event.input.id])

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """A filter is done."""
        if event.input.id in _FILTERS:
            self.query_one(f"#{_FILTERS[event.input.id]} Rows").focus()

    def on_data_table_row_highlighted(self, event: DataTable.RowHighlighted) -> None:
        """Another point is looked at."""
        if event.data_table.id == "points-table":
            self.query_one(PointsPane).show_detail(now_ms())
            self._look_into_calendar()

    def on_data_table_row_selected(self, event: DataTable.RowSelected) -> None:
        """Enter, or a click."""
        if event.data_table.id == "mine-table":
            self.action_watch()
        elif event.data_table.id == "operator-table":
            self.action_change()

    def action_tab(self, tab: str) -> None:
        """Show a pane."""
        self.query_one(TabbedContent).active = tab

    def action_filter(self) -> None:
        """Type into the filter."""
        self.query_one("#operator-filter" if self.pane == "operator" else "#filter").focus()

    def action_free_only(self) -> None:
        """Show points that are free, or all."""
        pane = self.query_one(PointsPane)
        pane.free_only = not pane.free_only
        self.show("points")

    def action_day(self, days: int) -> None:
        """Show another day of the calendar."""
        pane = self.query_one(PointsPane)
        pane.day = max(0, min(90, pane.day + days))
        pane.show_detail(now_ms())
        self._look_into_calendar()

    def action_past(self) -> None:
        """Show what is over, or not."""
        pane = self.query_one(MinePane)
        pane.past = not pane.past
        self.show("mine")

    def action_reserve(self) -> None:
        """Reserve the point under the cursor."""
        if (point := self.query_one(PointsPane).chosen) is not None:
            self.acting.reserve(point)

    def action_add_stop(self) -> None:
        """Put the point under the cursor into the trip."""
        if (point := self.query_one(PointsPane).chosen) is not None:
            self.acting.add_stop(point)

    def action_charge(self) -> None:
        """Plug in at the point, or under the reservation, under the cursor."""
        pane = self.query_one(PointsPane) if self.pane == "points" else self.query_one(MinePane)
        what = pane.chosen
        if what is not None and not isinstance(what, Session):
            self.acting.charge(what)

    def action_watch(self) -> None:
        """Follow the charge under the cursor."""
        what = self.query_one(MinePane).chosen
        session = self.board.session_of(what.id) if isinstance(what, Reservation) else what
        if session is not None:
            self.acting.watch(session)

    def action_cancel(self) -> None:
        """Cancel the reservation, or end the charge, under the cursor."""
        what = self.query_one(MinePane).chosen
        if isinstance(what, Session):
            self.acting.watch(what)
        elif what is not None and what.is_open:
            self.acting.cancel(what)

    def action_plan(self) -> None:
        """Book the trip."""
        if self.board.draft.stops:
            self.acting.plan()

    def action_take(self) -> None:
        """Move the stop that could not be had to when it can."""
        self.acting.take_offer()

    def action_remove(self) -> None:
        """Take a stop out of the trip."""
        if (number := self.query_one(TripPane).chosen) is not None:
            self.acting.change_draft(partial(self.board.draft.remove, number))

    def action_clear(self) -> None:
        """Take all stops out."""
        self.acting.change_draft(self.board.draft.clear)

    def action_new_point(self) -> None:
        """Create a point."""
        self.operating.create()

    def action_change(self) -> None:
        """Change the point under the cursor."""
        self.operating.change()

    def action_service(self) -> None:
        """Take the point under the cursor out of service, or put it back."""
        self.operating.serve()

    def action_mended(self) -> None:
        """Say that the point under the cursor works again."""
        self.operating.mend()
