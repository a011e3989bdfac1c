"""Points: who owns which, where they are, and which of them everybody wants."""

import json
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from nodes.documents import DocumentError
from nodes.points_file import read_points
from sim.engine.randomness import Randomness
from sim.fleet.city import place_in
from sim.scenario.schema import Area
from tests.sim.fleet.examples import city_of, scenario

GIVEN = {"id": "centro-01", "name": "Centro", "max_power_w": 50_000, "connector": "CHADEMO", "price_per_kwh_minor": 99}


def points_file(folder: Path, *points: dict[str, object]) -> str:
    path = folder / "points.json"
    path.write_text(json.dumps({"points": list(points)}))
    return str(path)


def test_the_nth_point_is_wanted_one_nth_as_often_as_the_first() -> None:
    """Zipf's law with exponent 1, over all nodes together."""
    city = city_of(scenario(network={"nodes": 2, "points_per_node": 5}))
    rng = Random("zipf")
    seen = Counter(city.favourite(rng).id for _ in range(20_000))
    harmonic = sum(1 / rank for rank in range(1, 11))
    for rank, point in enumerate(city.points, 1):
        assert seen[point.id] == pytest.approx(20_000 / rank / harmonic, rel=0.12)
    assert len({point.id.partition(".")[0] for point in city.points[:5]}) == 2


def test_with_exponent_0_all_points_are_alike() -> None:
    """And with a high one, one point has them all."""
    rng = Random("zipf")
    flat = city_of(scenario(network={"nodes": 1, "points_per_node": 4}, fleet={"popularity_zipf_s": 0}))
    seen = Counter(flat.favourite(rng).id for _ in range(4_000))
    assert min(seen.values()) > 850
    steep = city_of(scenario(network={"nodes": 1, "points_per_node": 4}, fleet={"popularity_zipf_s": 10}))
    assert Counter(steep.favourite(rng).id for _ in range(1_000))[steep.points[0].id] > 980


def test_candidates_are_different_known_and_mostly_the_popular_first() -> None:
    """A driver tries the favourite first, but not always."""
    city = city_of(scenario(network={"nodes": 1, "points_per_node": 6}))
    ids = sorted(city.by_id)
    rng = Random("choose")
    firsts: Counter[str] = Counter()
    for _ in range(3_000):
        chosen = city.choose(ids, 4, rng)
        assert len(set(chosen)) == 4
        firsts[chosen[0]] += 1
    assert [identifier for identifier, _ in firsts.most_common(2)] == [point.id for point in city.points[:2]]
    assert firsts[city.points[0].id] == pytest.approx(
        3_000 * city.weights[city.points[0].id] / sum(city.weights.values()), rel=0.12
    )
    assert city.choose(["elsewhere.x"], 4, rng) == ["elsewhere.x"]
    assert city.choose([], 4, rng) == []


def test_kinds_are_dealt_by_share_and_terms_given_to_all() -> None:
    """Three slow ones to one quick one."""
    kinds = [{"share": 3, "max_power_w": 22_000}, {"share": 1, "max_power_w": 120_000, "connector": "CHADEMO"}]
    network = {"nodes": 1, "points_per_node": 800, "kinds": kinds, "terms": {"no_show_s": 77}}
    city = city_of(scenario(network=network))
    quick = [point for point in city.points if point.max_power_w == 120_000]
    assert len(quick) == pytest.approx(200, rel=0.2)
    assert all(item["terms"] == {"no_show_s": 77} for item in city.files["server1"]["points"])


def test_a_generated_file_is_one_that_a_node_reads(tmp_path: Path) -> None:
    """It is handed to a node process."""
    city = city_of(scenario(network={"nodes": 1, "points_per_node": 12}))
    path = tmp_path / "p.json"
    path.write_text(json.dumps(city.files["server1"]))
    assert [entry.slug for entry in read_points(path)] == [f"p{number:02d}" for number in range(1, 13)]


def test_a_node_more_changes_no_point_of_the_others() -> None:
    """Where a point is depends on the seed and its id alone."""
    two, three = (city_of(scenario(network={"nodes": nodes, "points_per_node": 5})) for nodes in (2, 3))
    assert {node: three.files[node] for node in two.files} == two.files
    assert three.files["server3"] != two.files["server2"]
    other_seed = city_of(scenario(seed=2, network={"nodes": 2, "points_per_node": 5}))
    assert other_seed.files != two.files


@pytest.mark.parametrize(("lat", "lon"), [(-8.0, -34.9), (0.0, 179.99), (0.0, -179.99), (85.0, 10.0), (-85.0, 180.0)])
def test_places_are_on_the_map_and_within_the_radius(lat: float, lon: float) -> None:
    """Also beside the date line, where one degree more is 360 less."""
    area, rng = Area(lat=lat, lon=lon, radius_m=50_000), Random("place")
    for _ in range(300):
        place = place_in(area, rng)
        assert -90 <= place.lat <= 90
        assert -180 <= place.lon <= 180
        assert abs(place.lat - lat) <= 50_000 / 111_000


def test_places_are_spread_evenly_over_the_disc() -> None:
    """Half of them lie within 0.71 of the radius; without the root half would lie within 0.5."""
    area, rng = Area(lat=0, lon=0, radius_m=10_000), Random("place")
    within = sum(
        (place.lat**2 + place.lon**2) ** 0.5 * 111_320 <= 7_071 for place in (place_in(area, rng) for _ in range(2_000))
    )
    assert within == pytest.approx(1_000, rel=0.1)


def test_points_of_a_file_are_taken_as_they_are(tmp_path: Path) -> None:
    """The equator and the meridian of Greenwich are places like any other."""
    file = points_file(tmp_path, GIVEN | {"location": {"lat": 0.0, "lon": 0.0}})
    spec = scenario(network={"nodes": 2, "points_per_node": 3, "points_files": {"server2": file}})
    city = city_of(spec)
    point = city.by_id["server2.centro-01"]
    assert (point.place.lat, point.place.lon, point.max_power_w) == (0.0, 0.0, 50_000)
    assert len(city.points) == 4


def test_a_city_without_any_point_is_refused(tmp_path: Path) -> None:
    """Nobody could drive anywhere; found out in the middle of a run it would be a traceback."""
    file = points_file(tmp_path)
    with pytest.raises(DocumentError, match=r"points.json:1:1: points: expected a point"):
        city_of(scenario(network={"nodes": 1, "points_files": {"server1": file}}))


def test_stations_are_dealt_to_the_nodes_in_turn() -> None:
    """Replayed sessions bring their own points."""
    city = city_of(scenario(network={"nodes": 2}), stations=("CA-1", "CA-2", "CA-3"))
    assert sorted(city.by_id) == ["server1.ca-1", "server1.ca-3", "server2.ca-2"]
    assert city.files["server1"]["points"][0]["name"] == "CA-1"


def test_stations_are_not_dealt_to_nodes_with_a_file_of_their_own(tmp_path: Path) -> None:
    """They would be lost, and their vehicles with them."""
    file = points_file(tmp_path, GIVEN | {"location": {"lat": 1, "lon": 2}})
    spec = scenario(network={"nodes": 2, "points_files": {"server1": file}})
    city = city_of(spec, stations=("CA-1", "CA-2"))
    assert sorted(city.by_id) == ["server1.centro-01", "server2.ca-1", "server2.ca-2"]


def test_popularity_is_drawn_from_the_seed() -> None:
    """Otherwise the first node would have all the favourites."""
    orders = {tuple(point.id for point in city_of(scenario(seed=seed)).points) for seed in range(4)}
    assert len(orders) == 4
    assert Randomness(1).stream("popularity").random() == Randomness(1).stream("popularity").random()
