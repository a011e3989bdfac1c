"""``watch`` and ``events``: see what happens, as it happens."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from functools import partial
from typing import Annotated

import typer

from nodes.clients.appearance import point_status
from nodes.clients.commands.call import Call
from nodes.clients.commands.charging import said
from nodes.clients.commands.finding import checked_point
from nodes.clients.errors import BadInput, ClientError
from nodes.clients.events import Away, Connected, Happened
from nodes.clients.following import follow
from nodes.clients.moments import now_ms
from nodes.clients.objects import Point, Reservation, Session, Told
from nodes.clients.plain_text import json_line, plain
from nodes.domain.ids import is_point_id, is_reservation_id, is_session_id, point_of


async def watch(
    call: Call,
    what: Annotated[str, typer.Argument(metavar="SESSION|RESERVATION|POINT", help="Its id.")],
) -> None:
    """Follow a charge or a reservation until it is over, or a point until Ctrl-C: told now, and each time it changes."""
    network, point_id = call.network, what if is_point_id(what) else point_of(what)
    look: Callable[[], Awaitable[Session | Reservation | Point]]
    if is_session_id(what):
        look = partial(network.session, what)
    elif is_reservation_id(what):
        look = partial(network.reservation, what)
    elif is_point_id(what):
        look = partial(network.point, what)
    else:
        raise BadInput(f"expected the id of a charge, a reservation or a point, got {what[:60]!r}")
    stream = network.events(point_id=point_id)
    async with aclosing(follow(stream, look, partial(_away, call))) as told:
        async for each in told:
            call.tell(each, "" if call.json else await _line(call, each))
            if isinstance(each, (Session, Reservation)) and not each.is_open:
                return


async def events(
    call: Call,
    point: Annotated[str | None, typer.Option(help="Only that point's.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only that node's and its points'.", metavar="NODE")] = None,
) -> None:
    """Tell what happens in the network until Ctrl-C, over every interruption."""
    stream = call.network.events(point_id=None if point is None else checked_point(point), node_id=owner)
    async with aclosing(stream.read()) as items:
        async for item in items:
            match item:
                case Happened():
                    when = f"{call.speech.clock(now_ms())}  {plain(item.type)}  {plain(item.subject)}"
                    call.say(json_line(item.data) if call.json else when)
                case Away():
                    _away(call, item.error)
                case Connected():
                    call.warn(f"{call.speech('live')}: {item.url}")


def _away(call: Call, error: ClientError) -> None:
    call.warn(f"{call.speech('away')} ({plain(error)})")


async def _line(call: Call, each: Told) -> str:
    at_ms = now_ms()
    clock = call.speech.clock(at_ms)
    if isinstance(each, Point):
        return f"{clock}  {point_status(each, call.speech, at_ms).plain}"
    if isinstance(each, Reservation):
        return f"{clock}  {call.speech.status(each.status)}  {call.speech.span(each.start_ms, each.end_ms, at_ms)}"
    assert isinstance(each, Session)
    if not each.is_open:
        return f"{clock}  {said(call, each)}"
    held = await call.network.reservation(each.reservation_id)
    left = call.speech.duration(max(0, held.end_ms - at_ms))
    return f"{clock}  {said(call, each)}, {call.speech('time_left')} {left}"
