"""All that an operator says of a point, line by line."""

from rich.text import Text

from nodes.clients.appearance import point_price, point_status
from nodes.clients.objects import Point
from nodes.clients.plain_text import plain
from nodes.clients.speech import Speech
from nodes.clients.words import key_words


def point_sheet(point: Point, speech: Speech, now_ms: int) -> Text:
    """Return what a point is, what it costs, whether it serves, and its terms."""
    sheet = Text.assemble((plain(point.name), "bold"), f"\n{plain(point.id)}")
    where = point.location
    if where.address:
        sheet.append(f"\n{plain(where.address)}")
    if where.lat is not None and where.lon is not None:
        sheet.append(f"\n{where.lat:.5f}, {where.lon:.5f}")
    plug = speech.connector(point.connector, point.connector_label)
    sheet.append(f"\n{speech.power(point.max_power_w)} · {plug}\n{point_price(point, speech)}\n")
    sheet.append_text(point_status(point, speech, now_ms))
    if point.maintenance and point.status != "INOPERATIVE":  # a charge goes on meanwhile, or it is out of order too
        sheet.append(f"\n{speech('maintenance')}", "red")
    if point.fault:
        sheet.append(f"\n{speech('fault')}: {plain(point.fault)}", "red")
    if point.stale:
        sheet.append(f"\n{speech('stale', when=speech.moment(point.as_of_ms, now_ms))}", "yellow")
    sheet.append("\n")
    for term, seconds in point.terms.items():
        if key_words(f"length.{term}") is not None:
            sheet.append(f"\n{speech(f'length.{term}')}: {speech.duration(1000 * seconds)}")
    return sheet
