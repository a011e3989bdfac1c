"""Tables for people: they fit into 80 columns, and say by words what they say by colour."""

from collections.abc import Iterable

from rich import box
from rich.table import Table
from rich.text import Text

from nodes.clients.appearance import cost_so_far, point_price, point_status, style_of
from nodes.clients.objects import KnownNode, Point, Reservation, Session
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech


def points_table(points: Iterable[Point], speech: Speech, now_ms: int) -> Table:
    """Return points."""
    shown = list(points)
    table = _table(speech, "point", "name", "status", "power", "connector", "price")
    is_near = any(point.distance_m is not None for point in shown)
    if is_near:
        table.add_column(speech("distance"), justify="right")
    for point in shown:
        cells = [
            Text(plain(point.id)),
            Text(plain(point.name)),
            point_status(point, speech, now_ms),
            Text(speech.power(point.max_power_w)),
            Text(speech.connector(point.connector, point.connector_label)),
            Text(point_price(point, speech)),
        ]
        if is_near:
            cells.append(Text(f"{speech.number((point.distance_m or 0) / 1000, 1)} km"))
        table.add_row(*cells)
    return table


def reservations_table(reservations: Iterable[Reservation], speech: Speech, now_ms: int) -> Table:
    """Return reservations."""
    table = _table(speech, "reservation", "window", "status", "driver")
    for held in reservations:
        table.add_row(
            Text(plain(held.id)),
            Text(speech.span(held.start_ms, held.end_ms, now_ms)),
            Text(speech.status(held.status), style_of(held.status)),
            Text(plain(held.driver_id)),
        )
    return table


def sessions_table(sessions: Iterable[Session], speech: Speech, now_ms: int) -> Table:
    """Return charges."""
    table = _table(speech, "charge", "started", "status", "energy", "cost")
    for session in sessions:
        table.add_row(
            Text(plain(session.id)),
            Text(speech.moment(session.started_ms, now_ms)),
            Text(speech.status(session.status), style_of(session.status)),
            Text(speech.energy(session.energy_wh)),
            Text(speech.money(cost_so_far(session), session.currency)),
        )
    return table


def nodes_table(nodes: Iterable[KnownNode], speech: Speech, now_ms: int) -> Table:
    """Return the nodes."""
    table = _table(speech, "node", "state", "owned", "lag", "since", "reason")
    for node in nodes:
        table.add_row(
            Text(plain(node.id)),
            Text(speech.status(node.state), style_of(node.state)),
            Text(str(node.points)),
            Text(str(node.lag.events)),
            Text(speech.moment(node.since_ms, now_ms) if node.since_ms else "–"),
            Text(speech.reason(node)),
        )
    return table


def _table(speech: Speech, first: str, *others: str) -> Table:
    """Return a table whose first column, the id to copy, is never cut."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    table.add_column(speech(first), no_wrap=True)
    for key in others:
        table.add_column(speech(key), justify="right" if key in ("power", "energy", "cost", "owned", "lag") else "left")
    return table
