"""``reserve``, ``cancel``, ``reservations``."""

from typing import Annotated

import typer

from nodes.clients.commands.call import Call
from nodes.clients.commands.finding import checked_point
from nodes.clients.commands.options import Key
from nodes.clients.commands.tables import reservations_table
from nodes.clients.errors import BadInput, Refused
from nodes.clients.moments import duration_ms, moment_ms
from nodes.clients.objects import Reservation
from nodes.clients.plain_text import plain
from nodes.domain.ids import is_reservation_id, is_trip_id


async def reserve(
    call: Call,
    point: Annotated[str, typer.Argument(help="A point's id, such as server1.centro-01.")],
    start: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="18:00, +20m, RFC 3339; from now on, if left out.")
    ] = None,
    duration: Annotated[str, typer.Option("--for", metavar="DURATION", help="30m, 1h30m.")] = "30m",
    end: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Instead of --for.")] = None,
    or_next: Annotated[
        bool, typer.Option("--or-next", help="Else take the next free window, if one is offered.")
    ] = False,
    key: Key = None,
) -> None:
    """Reserve a window on a point. From now on it may be shorter than asked: until the next reservation.

    When it is taken, the exit code is 4 and the next free window is named.
    """
    checked_point(point)
    driver_id = await call.driver()
    wished_ms, window = duration_ms(duration), {"duration_s": duration_ms(duration) // 1000}
    if start is not None or end is not None:
        start_ms = call.now_ms if start is None else moment_ms(start, call.now_ms)
        end_ms = start_ms + wished_ms if end is None else moment_ms(end, start_ms)
        wished_ms, window = end_ms - start_ms, {"start_ms": start_ms, "end_ms": end_ms}
    try:
        held = await call.network.reserve(point, driver_id, **window, key=key)
    except Refused as refusal:
        if not or_next or refusal.alternative is None:
            raise
        start_ms, end_ms = refusal.alternative
        held = await call.network.reserve(
            point, driver_id, start_ms=start_ms, end_ms=end_ms
        )  # another wish: another key
    _say_reserved(call, held, wished_ms)


async def cancel(
    call: Call,
    what: Annotated[str, typer.Argument(metavar="RESERVATION|TRIP", help="Its id.")],
    key: Key = None,
) -> None:
    """Cancel a reservation, or a trip with all its stops, as far as their terms allow."""
    if is_trip_id(what):
        trip = await call.network.cancel_trip(what, call.settings.driver, key=key)
        call.tell(trip, f"{plain(trip.id)}: {call.speech.status(trip.status)}")
    elif is_reservation_id(what):
        held = await call.network.cancel(what, call.settings.driver, key=key)
        call.tell(held, call.speech("cancelled", what=plain(held.id)))
    else:
        raise BadInput(f"expected the id of a reservation or a trip, got {what[:60]!r}")


async def reservations(
    call: Call,
    past: Annotated[bool, typer.Option("--past", help="Also those that are over.")] = False,
) -> None:
    """List a driver's reservations on all nodes, wherever they were made."""
    found = await call.network.reservations(await call.driver(), active=None if past else True)
    items: list[Reservation] = sorted(found.items, key=lambda held: (-held.start_ms, held.id))
    call.tell_all(items, found.away, reservations_table, "no_mine")


def _say_reserved(call: Call, held: Reservation, wished_ms: int) -> None:
    speech = call.speech
    window = speech.span(held.start_ms, held.end_ms, call.now_ms)
    call.tell(held, f"{speech('confirmed', point=plain(held.point_id), window=window)}\n{plain(held.id)}")
    if held.end_ms - held.start_ms < wished_ms - 60_000:
        call.warn(speech("shortened", until=speech("until", when=speech.moment(held.end_ms, call.now_ms))))
