"""Every request that one node can hand on to another, for Hypothesis."""

from dataclasses import fields

import orjson
from hypothesis import strategies as st

from nodes.api.fields import ENERGY_WH_MAX, MS_MAX
from nodes.domain import commands as c
from nodes.domain.point import MAX_ADDRESS_CHARS, MAX_POWER_W, MAX_PRICE_MINOR, Connector, Location, PointSpec
from nodes.domain.terms import TERMS_RANGES, Terms
from nodes.records import Answer
from nodes.request import (
    CancelTrip,
    HeldKind,
    Nearby,
    PlanTrip,
    ReadAttested,
    ReadCalendar,
    ReadDecision,
    ReadHeld,
    ReadJournal,
    ReadPoint,
    ReadReservation,
    ReadSession,
    ReadSnapshot,
    ReadStop,
    ReadTrip,
    Request,
    StopWish,
)

POINTS = st.sampled_from(["server1.a", "server1.centro-01", "server1." + "x" * 64])
SERIALS = st.tuples(st.integers(0, 10**10 - 1), st.integers(0, 10**15 - 1))
ODD = st.sampled_from(list("aZ9 ~!\"'%&+/?#=;,\\{}<>é中😀"))


def texts(least: int, most: int) -> st.SearchStrategy[str]:
    """Printable text, with a liking for what URLs, headers and JSON treat in a special way."""
    mixed = st.one_of(st.text(max_size=most), st.text(ODD, max_size=most))
    return mixed.filter(lambda text: text.isprintable() and least <= len(text) <= most)


DRIVERS = texts(1, 100)
MS = st.integers(0, MS_MAX)
WH = st.integers(0, ENERGY_WH_MAX)
KEYS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=128)
TERMS = {name: st.integers(low, high) for name, (low, high) in TERMS_RANGES.items()}
WHOLE_TERMS = st.fixed_dictionaries(TERMS).filter(lambda terms: terms["min_window_s"] <= terms["max_window_s"])
LOCATIONS = st.builds(
    lambda place, address: Location(*(place or (None, None)), address),
    st.none() | st.tuples(st.floats(-90, 90), st.floats(-180, 180)),
    st.none() | texts(0, MAX_ADDRESS_CHARS),
)
SPECS = st.builds(
    PointSpec,
    name=texts(1, 200),
    location=LOCATIONS,
    max_power_w=st.integers(1, MAX_POWER_W),
    connector=st.none() | st.sampled_from(Connector),
    price_per_kwh_minor=st.integers(0, MAX_PRICE_MINOR),
    currency=st.from_regex(r"[A-Z]{3}", fullmatch=True),
    terms=WHOLE_TERMS.map(lambda terms: Terms(**terms)),
    connector_label=st.none() | texts(0, 200),
)
RESERVATIONS = SERIALS.map(lambda serial: f".r{serial[0]}-{serial[1]}")
SESSIONS = SERIALS.map(lambda serial: f".s{serial[0]}-{serial[1]}")
TRIPS = SERIALS.map(lambda serial: f"server1.trip.t{serial[0]}-{serial[1]}")
STOPS = st.integers(0, 19)
NEARBY = st.builds(
    Nearby, st.floats(-90, 90), st.floats(-180, 180), st.floats(0.001, 200_000), st.integers(1, MAX_POWER_W)
)
SOME_POINTS = st.lists(st.sampled_from([f"server{number}.a" for number in range(1, 9)]), min_size=1, unique=True)
WISHES = st.one_of(
    st.builds(StopWish, MS, MS, SOME_POINTS.map(tuple)), st.builds(StopWish, MS, MS, st.just(()), NEARBY)
)

ABOUT_A_POINT: dict[type, st.SearchStrategy[object]] = {
    c.CreatePoint: st.builds(c.CreatePoint, SPECS),
    c.ChangePoint: st.builds(
        c.ChangePoint,
        name=st.none() | texts(1, 200),
        price_per_kwh_minor=st.none() | st.integers(0, MAX_PRICE_MINOR),
        terms=st.fixed_dictionaries({}, optional=TERMS).map(lambda terms: tuple(sorted(terms.items()))),
        maintenance=st.none() | st.booleans(),
    ),
    c.ReportFault: st.builds(c.ReportFault, texts(1, 500)),
    c.ClearFault: st.just(c.ClearFault()),
    c.Reserve: st.builds(c.Reserve, DRIVERS, MS, MS),
    c.ReserveNow: st.builds(c.ReserveNow, DRIVERS, st.integers(1, 31_622_400)),
    c.PlugIn: st.builds(c.PlugIn, DRIVERS, st.none() | MS, st.none() | WH),
    c.PrepareStop: st.builds(
        c.PrepareStop, TRIPS, STOPS, DRIVERS, MS, MS, st.lists(POINTS, max_size=20, unique=True).map(tuple)
    ),
    c.AbortStop: st.builds(c.AbortStop, TRIPS, STOPS, st.booleans()),
    ReadPoint: st.just(ReadPoint()),
    ReadCalendar: st.builds(ReadCalendar, MS, MS, st.integers(1, 1_000)),
}
ABOUT_SOMETHING_ON_IT: dict[type, st.SearchStrategy[object]] = {
    c.Cancel: st.builds(c.Cancel, RESERVATIONS, st.none() | DRIVERS),
    c.CommitStop: st.builds(c.CommitStop, RESERVATIONS, TRIPS),
    c.StartReservation: st.builds(c.StartReservation, RESERVATIONS, st.none() | DRIVERS, st.none() | WH),
    c.Meter: st.builds(c.Meter, SESSIONS, WH, st.none() | DRIVERS),
    c.Stop: st.builds(c.Stop, SESSIONS, st.none() | WH, st.none() | DRIVERS),
    ReadReservation: st.builds(ReadReservation, RESERVATIONS),
    ReadSession: st.builds(ReadSession, SESSIONS),
}
VERS = st.integers(0, 2**53 - 1)
MARKS = {
    HeldKind.RESERVATIONS: POINTS.map("{}.r1-2".format),
    HeldKind.SESSIONS: POINTS.map("{}.s1-2".format),
    HeldKind.TRIPS: TRIPS,
}
HELD = st.sampled_from(HeldKind).flatmap(
    lambda kind: st.builds(
        ReadHeld,
        st.just(kind),
        st.integers(1, 1_000),
        DRIVERS,
        st.none() if kind is HeldKind.TRIPS else st.none() | POINTS,
        st.none() if kind is HeldKind.TRIPS else st.none() | st.booleans(),
        st.none() | st.tuples(MS, MARKS[kind]),
    )
)
ABOUT_A_NODE: dict[type, st.SearchStrategy[object]] = {
    ReadJournal: st.builds(ReadJournal, VERS, st.integers(1, 1_000)),
    ReadSnapshot: st.builds(ReadSnapshot, st.just("") | POINTS, st.integers(1, 1_000)),
    ReadHeld: HELD,
    ReadAttested: st.builds(ReadAttested, st.sampled_from(["server1", "x", "a-" + "z" * 30])),
}
ABOUT_A_TRIP: dict[type, st.SearchStrategy[object]] = {
    PlanTrip: st.builds(PlanTrip, DRIVERS, st.lists(WISHES, min_size=1, max_size=20).map(tuple)),
    CancelTrip: st.builds(CancelTrip, TRIPS, st.none() | DRIVERS),
    ReadTrip: st.builds(ReadTrip, TRIPS),
    ReadDecision: st.builds(
        ReadDecision, TRIPS, st.tuples(POINTS, RESERVATIONS).map(lambda parts: parts[0] + parts[1])
    ),
    ReadStop: st.builds(ReadStop, POINTS, TRIPS),
}
READS = (ReadPoint, ReadCalendar, ReadReservation, ReadSession, ReadTrip, ReadDecision, ReadStop)
KEYED = (c.Reserve, c.ReserveNow, c.PrepareStop, PlanTrip)


@st.composite
def requests(draw: st.DrawFn, kind: type) -> Request:
    """Return a request of that kind for a point of ``server1``, or for itself, as the API would have read it."""
    if kind in ABOUT_A_NODE:
        return Request("server1", draw(ABOUT_A_NODE[kind]))  # type: ignore[arg-type]
    point = draw(POINTS)
    action = draw((ABOUT_A_POINT | ABOUT_SOMETHING_ON_IT | ABOUT_A_TRIP)[kind])
    if kind in ABOUT_A_TRIP:
        point = "server1" if isinstance(action, PlanTrip) else getattr(action, "point_id", None) or action.trip_id  # type: ignore[attr-defined]
    if kind in ABOUT_SOMETHING_ON_IT:
        values = [getattr(action, field.name) for field in fields(action)]  # type: ignore[arg-type]
        action = kind(point + values[0], *values[1:])
    if kind in READS:
        return Request(point, action)  # type: ignore[arg-type]
    return Request(
        point,
        action,  # type: ignore[arg-type]
        key=draw(KEYS if kind in KEYED else st.none() | KEYS),
        if_match=draw(st.none() | st.tuples(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1))),
    )


_MEMBERS = st.dictionaries(st.text(max_size=8), st.integers(0, 10**9) | st.text(max_size=12), max_size=3)
BODIES = st.builds(
    lambda members, detail, space: orjson.dumps({**members, "type": "urn:recarga:problem:x", "detail": detail}) + space,
    _MEMBERS,
    st.text(max_size=20),
    st.sampled_from([b"", b"\n", b"  "]),
)
"""Objects that would state a problem; they must come through byte for byte."""
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([200, 201, 400, 404, 409, 412, 421, 422, 429, 503, 504]),
    body=BODIES,
    witness=st.none() | st.tuples(st.integers(0, 10**15 - 1), st.integers(0, 10**15 - 1)),
    location=st.none() | st.sampled_from(["/v1/points/server1.a", "/v1/reservations/server1.a.r1-2"]),
    retry_after_s=st.none() | st.integers(0, 600),
)
