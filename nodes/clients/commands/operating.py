"""``point create``, ``change``, ``maintenance``, ``fault``, ``show``: what operators do."""

import re
from typing import Annotated

import typer

from nodes.clients.amounts import currency_from, degrees_from, minor_from, watts_from
from nodes.clients.commands.call import Call
from nodes.clients.commands.finding import checked_point
from nodes.clients.commands.options import Key
from nodes.clients.errors import BadInput
from nodes.clients.moments import length_s
from nodes.clients.objects import Point
from nodes.clients.operator import NewPoint, Operator, PointChange
from nodes.clients.plain_text import plain
from nodes.clients.point_sheet import point_sheet
from nodes.domain.terms import TERMS_RANGES

PointArgument = Annotated[str, typer.Argument(metavar="POINT", help="A point's id, such as server1.centro-01.")]
_VERSION = re.compile(r"\d{1,15}-\d{1,15}", re.ASCII)


_TERMS = {name.removesuffix("_s"): name for name in TERMS_RANGES}

Terms = Annotated[
    list[str] | None,
    typer.Option("--term", metavar="NAME=DURATION", help=f"Such as no_show=10m; repeated. Names: {', '.join(_TERMS)}."),
]


async def create(
    call: Call,
    point: Annotated[str, typer.Argument(metavar="POINT", help="Its id: that node's, such as server1.centro-01.")],
    name: Annotated[str, typer.Option(help="What people call it.")],
    kw: Annotated[str, typer.Option(metavar="KW", help="The most power it gives.")],
    price: Annotated[str, typer.Option(metavar="AMOUNT", help="Per kWh, such as 1.89.")],
    currency: Annotated[str, typer.Option(metavar="CODE", help="ISO 4217.")] = "BRL",
    connector: Annotated[str | None, typer.Option(help="Such as IEC_62196_T2 or CHADEMO.")] = None,
    address: Annotated[str | None, typer.Option(help="Where it stands, in words.")] = None,
    at: Annotated[str | None, typer.Option(metavar="LAT,LON", help="Where it stands, in degrees.")] = None,
    terms: Terms = None,
    key: Key = None,
) -> None:
    """Create a point on any node. When there is one of that id, the exit code is 4."""
    lat, lon = (None, None) if at is None else _place(at)
    code = currency_from(currency)
    new = NewPoint(
        checked_point(point),
        name,
        watts_from(kw),
        minor_from(price, code),
        code,
        connector,
        lat,
        lon,
        address,
        _lengths(terms),
    )
    made = await Operator(call.network.client).create_point(new, key=key)
    call.tell(made, f"{call.speech('created', point=plain(made.name))}\n{plain(made.id)}")


async def change(
    call: Call,
    point: PointArgument,
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    price: Annotated[
        str | None, typer.Option(metavar="AMOUNT", help="Per kWh, such as 1.89, in the point's currency.")
    ] = None,
    terms: Terms = None,
    if_version: Annotated[
        str | None, typer.Option(metavar="EPOCH-SEQ", help="Only while its witness is still that one, such as 2-17.")
    ] = None,
    key: Key = None,
) -> None:
    """Change a point's name, price, or terms; what is left out stays. Reservations that are made keep their price."""
    checked_point(point)
    lengths = _lengths(terms)
    if name is None and price is None and not lengths:
        raise BadInput("say what is to be otherwise: --name, --price, --term")
    if if_version is not None and not _VERSION.fullmatch(if_version):
        raise BadInput(f"--if-version: expected a version such as 2-17, got {if_version[:40]!r}")
    price_minor = None if price is None else minor_from(price, (await call.network.point(point)).currency)
    wanted = PointChange(name, price_minor, terms=lengths)
    changed = await Operator(call.network.client).change_point(point, wanted, key=key, version=if_version)
    _tell_changed(call, changed)


async def maintenance(
    call: Call,
    point: PointArgument,
    is_over: Annotated[bool, typer.Option("--end", help="Put it back into service.")] = False,
    key: Key = None,
) -> None:
    """Take a point out of service: a charge goes on, and nothing new begins. With --end, put it back."""
    wanted = PointChange(maintenance=not is_over)
    _tell_changed(call, await Operator(call.network.client).change_point(checked_point(point), wanted, key=key))


async def fault(
    call: Call,
    point: PointArgument,
    what: Annotated[str | None, typer.Argument(metavar="WHAT", help="What has failed.")] = None,
    is_mended: Annotated[bool, typer.Option("--mended", help="It works again.")] = False,
    key: Key = None,
) -> None:
    """Report a fault, as a charger does: a charge that runs ends unbilled. With --mended, say that it works again."""
    if is_mended == bool(what):
        raise BadInput("expected what has failed, or --mended")
    operator = Operator(call.network.client)
    _tell_changed(call, await operator.report_fault(checked_point(point), what or "", key=key))


async def show(call: Call, point: PointArgument) -> None:
    """Tell all of a point, as its owner says: its terms and its version (witness) too."""
    told = await call.network.point(checked_point(point), fresh=True)
    call.tell(told, point_sheet(told, call.speech, call.now_ms).plain)


def _tell_changed(call: Call, point: Point) -> None:
    text = point_sheet(point, call.speech, call.now_ms).plain
    call.tell(point, f"{call.speech('changed', point=plain(point.name))}\n\n{text}")


def _place(text: str) -> tuple[float, float]:
    lat, _, lon = text.partition(",")
    return degrees_from(lat, 90), degrees_from(lon, 180)


def _lengths(terms: list[str] | None) -> dict[str, int]:
    """Return terms as the API names them, in seconds. Raises ``BadInput``."""
    found = {}
    for term in terms or []:
        name, _, text = term.partition("=")
        if name.strip() not in _TERMS:
            raise BadInput(f"--term: expected one of {', '.join(_TERMS)}, and =DURATION, got {term[:60]!r}")
        found[_TERMS[name.strip()]] = length_s(text)
    return found
