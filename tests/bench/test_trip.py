"""What the benchmark of trips asks for can be had: otherwise it would measure refusals."""

import json
from collections import defaultdict
from itertools import pairwise

from bench.trip_network import NODES, TripNetwork


def body_of(request: bytes) -> dict[str, object]:
    return json.loads(request.partition(b"\r\n\r\n")[2])  # type: ignore[no-any-return]


def test_no_request_takes_anothers_window() -> None:
    """Whatever order the turns come in, and however many requests there are."""
    network = TripNetwork([])
    windows: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for turn in range(9):
        wish = (network.own_reservations, network.trips, network.others_reservations)[turn % 3]()
        for index in range(150):
            body = body_of(wish(index))
            for stop in body.get("stops", [body]):  # type: ignore[attr-defined]
                windows[stop["point_id"]].append((stop["start_ms"], stop["end_ms"]))
    for taken in windows.values():
        taken.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(taken))


def test_a_trips_stops_are_in_order_and_on_all_nodes() -> None:
    """Three owners, of which the first decides: the trip of the stated figure."""
    stops = body_of(TripNetwork([]).trips()(0))["stops"]
    assert [stop["point_id"].partition(".")[0] for stop in stops] == list(NODES)  # type: ignore[attr-defined]
    ends, starts = [stop["end_ms"] for stop in stops], [stop["start_ms"] for stop in stops]  # type: ignore[attr-defined]
    assert ends[:-1] == starts[1:]
