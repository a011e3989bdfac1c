"""``start``, ``meter``, ``stop``, ``sessions``: charge."""

from typing import Annotated

import typer

from nodes.clients.appearance import cost_so_far
from nodes.clients.commands.call import Call
from nodes.clients.commands.options import Key
from nodes.clients.commands.tables import sessions_table
from nodes.clients.errors import BadInput
from nodes.clients.moments import moment_ms
from nodes.clients.objects import Session
from nodes.clients.plain_text import plain
from nodes.domain.ids import is_point_id, is_reservation_id, is_session_id

SessionArgument = Annotated[str, typer.Argument(metavar="SESSION", help="A charge's id.")]


async def start(
    call: Call,
    what: Annotated[
        str, typer.Argument(metavar="RESERVATION|POINT", help="At a point: under your reservation, if any.")
    ],
    end: Annotated[str | None, typer.Option("--until", metavar="TIME", help="At a point that is free.")] = None,
    room_kwh: Annotated[float | None, typer.Option(min=0, help="Room in the battery.")] = None,
    key: Key = None,
) -> None:
    """Plug in: begin to charge, with a reservation or without."""
    room_wh = None if room_kwh is None else round(1000 * room_kwh)
    if is_reservation_id(what):
        if end is not None:
            raise BadInput("--until: a reservation says itself until when")
        session = await call.network.start(what, call.settings.driver, max_energy_wh=room_wh, key=key)
    elif is_point_id(what):
        end_ms = None if end is None else moment_ms(end, call.now_ms)
        driver_id = await call.driver()
        session = await call.network.plug_in(what, driver_id, end_ms=end_ms, max_energy_wh=room_wh, key=key)
    else:
        raise BadInput(f"expected the id of a reservation or a point, got {what[:60]!r}")
    call.tell(session, f"{call.speech('charging_at', point=plain(session.point_id))}\n{plain(session.id)}")


async def meter(
    call: Call,
    session: SessionArgument,
    kwh: Annotated[float, typer.Argument(min=0, help="Energy since the start.")],
    key: Key = None,
) -> None:
    """Report a meter reading, as a charger does: for trying things out where there is none."""
    told = await call.network.meter(checked_session(session), round(1000 * kwh), call.settings.driver, key=key)
    call.tell(told, said(call, told))


async def stop(
    call: Call,
    session: SessionArgument,
    kwh: Annotated[
        float | None, typer.Option(min=0, help="The last meter reading; else the one before stands.")
    ] = None,
    key: Key = None,
) -> None:
    """Unplug: end a charge, and learn what it costs."""
    energy_wh = None if kwh is None else round(1000 * kwh)
    told = await call.network.stop(checked_session(session), call.settings.driver, energy_wh=energy_wh, key=key)
    call.tell(told, said(call, told))


async def sessions(
    call: Call,
    past: Annotated[bool, typer.Option("--past", help="Also those that are over.")] = False,
) -> None:
    """List a driver's charges on all nodes."""
    found = await call.network.sessions(await call.driver(), active=None if past else True)
    items: list[Session] = found.items
    call.tell_all(items, found.away, sessions_table, "nothing")


def said(call: Call, session: Session) -> str:
    """Return how a charge is, in one line."""
    energy = call.speech.energy(session.energy_wh)
    cost = call.speech.money(cost_so_far(session), session.currency)
    if session.is_open:
        return f"{call.speech.status(session.status)}: {energy}, {cost}"
    return call.speech("finished", energy=energy, cost=cost)


def checked_session(text: str) -> str:
    """Return a charge's id. Raises ``BadInput``."""
    if not is_session_id(text):
        raise BadInput(f"expected the id of a charge such as server1.centro-01.s2-18, got {text[:60]!r}")
    return text
