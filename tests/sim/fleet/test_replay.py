"""Real sessions as vehicles: every row becomes one, and a row that is wrong is said with its line."""

import gzip
import os
from datetime import datetime
from pathlib import Path

import pytest

from nodes.documents import DocumentError
from sim.fleet.fleet import Fleet
from sim.fleet.plan import Plan
from sim.fleet.replay import read_sessions, replay_plans
from sim.scenario.schema import Replay, Scenario
from tests.sim.fleet.examples import scenario

HEADER = "arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id,estimated_departure,claimed\n"
ROWS = (
    "2019-05-01 09:00:00-07:00,2019-05-01 11:00:00-07:00,60.0,14.069,CA-305,2_39_1,2019-05-01 09:20:45-07:00,True\n"
    "2019-05-01 08:15:30-07:00,2019-05-01 08:45:30-07:00,10.0,0.747,CA-311,2_39_2,2019-05-01 09:20:45-07:00,False\n"
)
GOOD = HEADER + ROWS


def recorded(folder: Path, content: str | bytes, name: str = "day.csv") -> Path:
    path = folder / name
    data = content if isinstance(content, bytes) else content.encode()
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def replaying(path: Path, **more: object) -> Scenario:
    """Return a scenario that replays a file, on the first of May 2019."""
    network = more.pop("network", {"nodes": 2})
    time = {"start": "2019-05-01T08:00:00-07:00", "duration_s": 36_000}
    return scenario(time=time, network=network, fleet={"replay": {"format": "acn", "path": str(path), **more}})


def plans_of(spec: Scenario) -> list[Plan]:
    replay = spec.fleet.replay
    assert replay is not None
    fleet = Fleet(spec)
    return replay_plans(read_sessions(replay), replay, fleet.city, spec.time.start)


def refusal(path: Path, **more: object) -> str:
    with pytest.raises(DocumentError) as caught:
        Fleet(replaying(path, **more))
    return str(caught.value).replace(str(path), path.name)


@pytest.mark.parametrize("name", ["day.csv", "day.csv.gz"])
def test_every_row_becomes_a_vehicle_at_the_station_it_used(tmp_path: Path, name: str) -> None:
    """In order of arrival; it reserves ahead, stays as long and takes as much as it did, within the point's power."""
    spec = replaying(recorded(tmp_path, GOOD, name), reserve_ahead_s=600)
    first, second = plans_of(spec)
    assert (first.station, second.station) == ("server2.ca-311", "server1.ca-305")
    assert (first.arrival_s, first.lead_s, first.stay_s) == (330, 600, 1_800)
    assert (second.arrival_s, second.lead_s, second.stay_s) == (3_000, 600, 7_200)
    assert second.wanted_wh == 14_069
    assert second.power_w == pytest.approx(14_069 / 2 * 1.25)
    assert (first.insists, first.attempts_max, first.shows_up, first.cancels) == (True, 1, True, False)
    assert Fleet(spec).size == 2


def test_a_vehicle_cannot_reserve_before_the_scenario_begins(tmp_path: Path) -> None:
    """It reserves at once then, and still arrives when it did."""
    first = plans_of(replaying(recorded(tmp_path, GOOD), reserve_ahead_s=7_200))[0]
    assert (first.arrival_s, first.lead_s) == (0, 930)


def test_only_the_time_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    """From the first moment on, up to and without the last; the same moment in any time zone."""
    path = recorded(tmp_path, GOOD)
    assert [plan.station for plan in plans_of(replaying(path, to="2019-05-01T16:00:00Z"))] == ["server1.ca-311"]
    late = {"from": "2019-05-01T16:00:00+00:00"}
    assert [plan.station for plan in plans_of(replaying(path, **late))] == ["server1.ca-305"]
    assert "no session arrives in the time that is asked for" in refusal(path, to="2019-01-01T00:00:00Z")


def test_the_other_names_of_the_columns_are_known_and_their_order_is_free(tmp_path: Path) -> None:
    """ACN-Data's API says connectionTime, SustainGym arrival; spreadsheets add a byte order mark."""
    content = "\ufeffstationID,kWhDelivered,disconnectTime,connectionTime\n\nCA-9,5,2019-05-01T10:00:00Z,2019-05-01T09:00:00Z\n"
    (session,) = read_sessions(Replay(format="acn", path=str(recorded(tmp_path, content))))
    assert (session.station, session.energy_wh) == ("CA-9", 5_000)
    assert session.arrival == datetime.fromisoformat("2019-05-01T09:00:00+00:00")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("2019-05-01 08:15:30-07:00", "yesterday", "day.csv:3:1: arrival: expected a time with a time zone"),
        ("2019-05-01 08:15:30-07:00", "2019-05-01 08:15:30", "day.csv:3:1: arrival: expected a time zone, found '2019-05-01 08:15:30'"),
        ("2019-05-01 08:45:30-07:00", "", "day.csv:3:1: departure: expected a time with a time zone"),
        ("2019-05-01 08:45:30-07:00", "2019-05-01 08:15:30-07:00", "day.csv:3:1: departure: expected a time after the arrival"),
        (",0.747,", ",much,", "day.csv:3:1: energy: expected kWh"),
        (",0.747,", ",-1,", "day.csv:3:1: energy: expected 0 to 10000 kWh, found -1.0"),
        (",0.747,", ",nan,", "day.csv:3:1: energy: expected 0 to 10000 kWh, found nan"),
        (",0.747,", ",inf,", "day.csv:3:1: energy: expected 0 to 10000 kWh, found inf"),
        (",CA-311,", ", ,", "day.csv:3:1: station: expected a station, found nothing"),
        (",0.747,CA-311,2_39_2,2019-05-01 09:20:45-07:00,False", "", "day.csv:3:1: energy: the row is too short"),
        (",CA-311,", ",ca 305,", "day.csv:1:1: station: 'CA-305' and 'ca 305' would both be called ca-305"),
        ("station_id", "place", "day.csv:1:1: station: expected a column station_id or stationID; found arrival, departure"),
        (GOOD, "", "day.csv:1:1: arrival: expected a column arrival or connectionTime; found nothing"),
        (ROWS, "", "day.csv:1:1: arrival: no session arrives"),
        ("CA-311", "x" * 200_000, "day.csv:3:1: (document): no CSV: field larger than field limit"),
    ],
)  # fmt: skip
def test_a_wrong_row_is_said_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    """A file of thousands of rows is mended by line."""
    assert GOOD.count(old) == 1
    assert refusal(recorded(tmp_path, GOOD.replace(old, new))).startswith(message)


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    """A file that is none, is no text, or is a torn archive."""
    assert refusal(tmp_path / "none.csv").startswith("none.csv:1:1: (document): cannot be read: No such file")
    assert "cannot be read: Is a directory" in refusal(tmp_path)
    assert "cannot be read" in refusal(recorded(tmp_path, b"\xff\xfe\x00arrival"))
    whole = gzip.compress((HEADER + ROWS * 50).encode())
    for torn in (GOOD.encode(), whole[:-20], whole[:30] + b"\xff" * 40 + whole[70:]):
        path = tmp_path / "torn.csv.gz"
        path.write_bytes(torn)
        assert refusal(path).startswith("torn.csv.gz:1:1: (document): cannot be read: ")
    with pytest.raises(DocumentError, match="cannot be read: embedded null byte"):
        read_sessions(Replay(format="acn", path="a\0b"))


def test_sessions_outside_the_scenarios_time_are_refused(tmp_path: Path) -> None:
    """They would all arrive at once at the start, years late, or never; the start's default is not their day."""
    path = recorded(tmp_path, GOOD)
    for time in ({"duration_s": 3_600, "start": "2019-05-01T08:00:00-07:00"}, {"duration_s": 36_000}):
        with pytest.raises(
            DocumentError, match=r":1:1: arrival: sessions arrive from 2019-05-01 .*; change time.start"
        ):
            Fleet(scenario(time=time, fleet={"replay": {"format": "acn", "path": str(path)}}))


def test_a_station_that_no_points_file_has_is_refused(tmp_path: Path) -> None:
    """Where all nodes have files of their own, the stations have to be in them."""
    points = tmp_path / "points.json"
    points.write_text('{"points": []}')
    file = '{"points": [{"id": "ca-305", "name": "x", "location": {"lat": 1, "lon": 2}, "max_power_w": 1, "connector": "CHADEMO", "price_per_kwh_minor": 1}]}'
    points.write_text(file)
    network = {"nodes": 1, "points_files": {"server1": str(points)}}
    message = refusal(recorded(tmp_path, GOOD), network=network)
    assert message == "day.csv:1:1: station: no points file has a point ca-311 for 'CA-311'"


def test_the_real_data_can_be_replayed() -> None:
    """Caltech's sessions of 2019 to 2021: every file, every row, on the stations they used."""
    folder = os.environ.get("RECARGA_ACN_DATA")
    if not folder:
        pytest.skip("RECARGA_ACN_DATA names no folder of ACN-Data's CSV files")
    files = sorted(Path(folder).glob("*.csv*"))
    assert files
    for path in files:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
            rows = sum(bool(line.strip()) for line in file) - 1
        replay = Replay(format="acn", path=str(path))
        sessions = read_sessions(replay)
        assert len(sessions) == rows
        start = sessions[0].arrival
        time = {"start": start.isoformat(), "duration_s": (sessions[-1].arrival - start).total_seconds() + 1}
        spec = scenario(time=time, fleet={"replay": {"format": "acn", "path": str(path)}})
        plans = plans_of(spec)
        assert len(plans) == rows
        assert all(plan.arrival_s >= 0 and plan.lead_s >= 0 and plan.stay_s > 0 for plan in plans)
        assert sum(plan.wanted_wh for plan in plans) == pytest.approx(sum(row.energy_wh for row in sessions))
