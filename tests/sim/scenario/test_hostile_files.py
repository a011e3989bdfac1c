"""Scenario files that are wrong: every error names file, line, column and path, and nothing else ever comes out."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodes.documents import DocumentError
from sim.scenario.load import load_scenario
from tests.sim.scenario.scenario_files import SMALLEST, refusal, refusal_of, write

BOMB = "\n".join(
    [f"a: &a [{', '.join(['x'] * 10)}]"]
    + [f"{name}: &{name} [{', '.join([f'*{below}'] * 10)}]" for below, name in zip("abcdefgh", "bcdefghi", strict=True)]
)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "s.yaml:1:1: (document): the file is empty"),
        ("# nothing\n", "s.yaml:1:1: (document): the document is empty"),
        ("- name: x\n", "s.yaml:1:1: (document): expected a mapping with name, time, network, fleet"),
        ("hello", "s.yaml:1:1: (document): expected a mapping with name, time, network, fleet"),
        ("name: x\ntime:\n\tduration_s: 60\n", "s.yaml:3:1: (document): found a tab; YAML is indented with spaces"),
        (SMALLEST + "name: y\n", "s.yaml:3:1: name: duplicate key 'name', also at line 1"),
        (SMALLEST + "seed: &a [*a]\n", "s.yaml:3:11: seed[0]: '*a' stands inside of what it repeats"),
        (SMALLEST + "seed: .nan\n", "s.yaml:3:7: seed: expected a finite number of at most 64 bits, found .nan"),
        (SMALLEST + "seed: -.inf\n", "s.yaml:3:7: seed: expected a finite number of at most 64 bits, found -.inf"),
        (SMALLEST + "seed: !!int 3\n", "s.yaml:3:7: seed: tags are not supported"),
        (b"name: x\n\xff\xfe", "s.yaml:2:1: (document): expected UTF-8, found the byte 0xff"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "s.yaml:1:1: (document): expected UTF-8, found the byte 0x89"),
        (b"\x00\x01\x02", "s.yaml:1:1: (document): unexpected character U+0000; is this a text file?"),
        ("name: x".encode("utf-16"), "s.yaml:1:1: (document): expected UTF-8, found UTF-16"),
        (BOMB, "s.yaml:6:36: f[7]: expected at most 1,000,000 values in a document, aliases expanded"),
    ],
)  # fmt: skip
def test_what_is_no_scenario_at_all_is_refused_at_its_place(tmp_path: Path, content: str | bytes, message: str) -> None:
    """The wrong file on the command line is the commonest mistake."""
    assert refusal_of(tmp_path, content).startswith(message)


@pytest.mark.parametrize(("name", "why"), [("nowhere.yaml", "No such file or directory"), ("folder", "Is a directory")])
def test_what_is_no_file_is_refused_in_the_same_form(tmp_path: Path, name: str, why: str) -> None:
    """One kind of error for the caller."""
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / name) == f"{name}:1:1: (document): cannot be read: {why}"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("vehicles: 5", "3:1: vehicles: unknown key 'vehicles'"),
        ("fleat: {}", "3:1: fleat: unknown key 'fleat'; did you mean 'fleet'?"),
        ("fleet: {meter_every: 300}", "3:9: fleet.meter_every: unknown key 'meter_every'; did you mean 'meter_every_s'?"),
        ("fleet: {meter_every_min: 5}", "3:9: fleet.meter_every_min: unknown key 'meter_every_min'; did you mean 'meter_every_s'?"),
        ("fleet: {vehicles: 0}", "3:19: fleet.vehicles: expected at least 1, found 0"),
        ("fleet: {vehicles: 1e9}", "3:19: fleet.vehicles: expected a whole number, found 1000000000.0"),
        ("fleet: {vehicles: 10000000000}", "3:19: fleet.vehicles: expected at most 10000000, found 10000000000"),
        ("fleet: {popularity_zipf_s: -1}", "3:28: fleet.popularity_zipf_s: expected at least 0, found -1"),
        ("fleet: {classes: []}", "3:18: fleet.classes: expected at least 1"),
        ("fleet: {classes: [{}, {}]}", "3:18: fleet.classes: expected different names"),
        ("fleet: {classes: [{no_show_share: 1.5}]}", "3:35: fleet.classes[0].no_show_share: expected at most 1, found 1.5"),
        ("fleet: {classes: [{cancel_share: -0.1}]}", "3:34: fleet.classes[0].cancel_share: expected at least 0, found -0.1"),
        ("fleet: {classes: [{trip_share: 2}]}", "3:32: fleet.classes[0].trip_share: expected at most 1, found 2"),
        ("fleet: {classes: [{trip_stops: 0}]}", "3:32: fleet.classes[0].trip_stops: expected numbers of 1 to 20, found 0"),
        ("fleet: {classes: [{trip_stops: {uniform: [2, 40]}}]}", "3:32: fleet.classes[0].trip_stops: expected numbers of 1 to 20, found 40"),
        ("fleet: {classes: [{trip_drive_s: -1}]}", "3:34: fleet.classes[0].trip_drive_s: expected numbers of 0 or more, found -1"),
        ("fleet: {classes: [{share: 0}]}", "3:27: fleet.classes[0].share: expected more than 0, found 0"),
        ("fleet: {classes: [{stay_s: -5}]}", "3:28: fleet.classes[0].stay_s: expected numbers of 0 or more, found -5"),
        ("fleet: {classes: [{lead_s: {uniform: [-60, 60]}}]}", "3:28: fleet.classes[0].lead_s: expected numbers of 0 or more, found -60"),
        ("fleet: {classes: [{stay_s: 1e300}]}", "3:28: fleet.classes[0].stay_s.constant: expected at most"),
        ("fleet: {classes: [{stay_s: 30min}]}", "3:28: fleet.classes[0].stay_s: expected"),
        ("fleet: {classes: [{stay_s: 22:00}]}", "3:28: fleet.classes[0].stay_s: expected"),
        ("fleet: {classes: [{battery: {soc_at_arrival: 30}}]}", "3:46: fleet.classes[0].battery.soc_at_arrival: expected numbers of 0 to 1, found 30"),
        ("fleet: {classes: [{battery: {capacity_wh: 60}}]}", "3:43: fleet.classes[0].battery.capacity_wh: expected numbers of 1000 or more, found 60"),
        ("fleet: {classes: [{battery: {max_power_w: {triangular: [7, 50, 150]}}}]}", "3:43: fleet.classes[0].battery.max_power_w: expected numbers of 1000 or more, found 7"),
        ("fleet: {arrivals: []}", "3:19: fleet.arrivals: expected a weight above 0"),
        ("fleet: {arrivals: [{from_s: 0, weight: 0}]}", "3:19: fleet.arrivals: expected a weight above 0"),
        ("fleet: {arrivals: [{from_s: 100, weight: 1}]}", "3:19: fleet.arrivals: expected a weight above 0 before time.duration_s"),
        ("fleet: {arrivals: [{from_s: 9, weight: 1}, {from_s: 9, weight: 1}]}", "3:19: fleet.arrivals: expected steps in rising order"),
        ("fleet: {arrivals: [{from_s: -1, weight: 1}]}", "3:29: fleet.arrivals[0].from_s: expected at least 0, found -1"),
        ("network: {nodes: 0}", "3:18: network.nodes: expected at least 1, found 0"),
        ("network: {nodes: 51}", "3:18: network.nodes: expected at most 50, found 51"),
        ("network: {nodes: [a, a]}", "3:18: network.nodes: expected different ids"),
        ("network: {nodes: [A]}", "3:19: network.nodes[0]: "),
        ("network: {nodes: [no, off]}\nseed: yes", "4:7: seed: expected a whole number, found 'yes'"),
        ("network: {points_files: {server9: a.json}}", "3:35: network.points_files.server9: there is no such node"),
        ("network: {area: {lat: 91}}", "3:23: network.area.lat: expected at most 85, found 91"),
        ("network: {kinds: [{connector: CCS}]}", "3:31: network.kinds[0].connector: expected one of"),
        ("network: {kinds: [{max_power_w: 22kW}]}", "3:33: network.kinds[0].max_power_w: expected a whole number, found '22kW'; write the number alone"),
        ("network: {kinds: [{price_per_kwh_minor: 1.89}]}", "3:41: network.kinds[0].price_per_kwh_minor: expected a whole number, found 1.89"),
        ("network: {kinds: [{price_per_kwh_minor: 18446744073709551615}]}", "3:41: network.kinds[0].price_per_kwh_minor: expected at most"),
        ("network: {terms: {no_show_s: -1}}", "3:30: network.terms.no_show_s: expected a whole number of seconds from 0"),
        ("faults: [{at_s: 1, kind: explode}]", "3:26: faults[0].kind: expected one of 'crash', 'pause', 'broker_crash', 'broker_pause', 'partition',"),
        ("faults: [{at_s: 1}]", "3:10: faults[0]: the key 'kind' is required, but missing"),
        ("faults: [{at_s: 1, kind: crash}]", "3:10: faults[0].node: required, but missing"),
        ("faults: [{at_s: 1, kind: broker_crash, node: server1}]", "3:40: faults[0].node: unknown key 'node'; known keys: at_s, for_s, kind"),
        ("faults: [{at_s: 1, kind: crash, node: server9}]", "3:39: faults[0].node: there is no node server9; there are server1, server2, server3"),
        ("faults: [{at_s: 1, kind: crash, node: broker}]", "3:39: faults[0].node: there is no node broker; there are server1, server2, server3"),
        ("faults: [{at_s: -1, kind: broker_crash}]", "3:17: faults[0].at_s: expected at least 0, found -1"),
        ("faults: [{at_s: 1, kind: partition}]", "3:10: faults[0].groups: required, but missing"),
        ("faults: [{at_s: 1, kind: partition, groups: []}]", "3:45: faults[0].groups: expected at least 2 entries, found an empty list"),
        ("faults: [{at_s: 1, kind: partition, groups: [[server1], []]}]", "3:57: faults[0].groups[1]: expected at least 1 entries, found an empty list"),
        ("faults: [{at_s: 1, kind: partition, groups: [[server1], [server9]]}]", "3:58: faults[0].groups[1][0]: there is no host server9; there are server1, server2, server3, broker, vehicles"),
        ("faults: [{at_s: 1, kind: partition, groups: [[server1], [broker, server1]]}]", "3:66: faults[0].groups[1][1]: server1 is in a group already"),
        ("faults: [{at_s: 1, kind: one_way, from: [server1], to: [server1]}]", "3:57: faults[0].to[0]: server1 is under 'from' already"),
        ("faults: [{at_s: 1, kind: one_way, from: [Server1], to: [broker]}]", "3:42: faults[0].from[0]: expected text that matches"),
        ("faults: [{at_s: 1, kind: loss, share: 30}]", "3:39: faults[0].share: expected at most 1, found 30"),
        ("faults: [{at_s: 1, kind: loss, share: 0.1, hosts: [vehicle]}]", "3:52: faults[0].hosts[0]: there is no host vehicle; there are"),
        ("faults: [{at_s: 1, kind: delay, delay_ms: -5}]", "3:43: faults[0].delay_ms: expected numbers of 0 to 8.64e+07, found -5"),
        ("faults: [{at_s: 1, kind: disk_slow, node: server1, factor: 0}]", "3:60: faults[0].factor: expected at least 1, found 0"),
        ("faults: [{at_s: 1, kind: clock_jump, node: server1, by_s: 5min}]", "3:59: faults[0].by_s: expected a number, found '5min'; write the number alone"),
        ("faults: [{at_s: 1, kind: gossip_forge, per_s: -1}]", "3:47: faults[0].per_s: expected at least 0, found -1"),
        ("random_faults: {crash: {per_hour: -1}}", "3:35: random_faults.crash.per_hour: expected at least 0, found -1"),
        ("random_faults: {crash: {}}", "3:24: random_faults.crash.per_hour: required, but missing"),
        ("random_faults: {crush: {per_hour: 1}}", "3:17: random_faults.crush: unknown key 'crush'; did you mean 'crash'?"),
        ("random_faults: {crash: {per_hour: 1, nodes: [server9]}}", "3:46: random_faults.crash.nodes[0]: there is no node server9"),
        ("random_faults: {loss: {per_hour: 1, share: 30}}", "3:44: random_faults.loss.share: expected numbers of 0 to 1, found 30"),
        ("random_faults: {disk_slow: {per_hour: 1, factor: 0.5}}", "3:50: random_faults.disk_slow.factor: expected numbers of 1 to 1e+06, found 0.5"),
        ("virtual: {latency_ms: -1}", "3:23: virtual.latency_ms: expected numbers of 0 to 8.64e+07, found -1"),
        ("virtual: {buggify: [mailbox.ful]}", "3:21: virtual.buggify[0]: there is no place 'mailbox.ful'; did you mean 'mailbox.full'?"),
        ("virtual: {buggify: [mailbox.full, mailbox.full]}", "3:35: virtual.buggify[1]: mailbox.full is in the list already"),
        ("virtual: {limits: {mailbox_capacty: 4}}", "3:19: virtual.limits: there is no limit 'mailbox_capacty'; did you mean 'mailbox_capacity'?"),
        ("virtual: {limits: {broker_retry_ms: 4}}", "3:19: virtual.limits: there is no limit 'broker_retry_ms'; "),
        ("virtual: {limits: {mailbox_capacity: 0}}", "3:38: virtual.limits.mailbox_capacity: expected a whole number above 0, found 0"),
        ("virtual: {limits: {mailbox_capacity: 1.5}}", "3:38: virtual.limits.mailbox_capacity: expected a whole number above 0, found 1.5"),
        ("virtual: {limits: {drain_s: -1}}", "3:29: virtual.limits.drain_s: expected a number above 0, found -1"),
        ("virtual: {crash_at_commit_share: 2}", "3:34: virtual.crash_at_commit_share: expected at most 1, found 2"),
        ("virtual: {view_reads_per_hour: -1}", "3:32: virtual.view_reads_per_hour: expected at least 0, found -1"),
        ("virtual: {links: [{from: [server9], to: [broker]}]}", "3:27: virtual.links[0].from[0]: there is no host server9"),
        ("network: {nodes: [broker, b]}", "3:18: network.nodes: broker cannot be a node's id"),
        ("fleet: {vehicles: 5, only: [1, 5]}", "3:28: fleet.only: there is no vehicle 5; there are 5, from 0"),
        ("fleet: {only: [1, 1]}", "3:15: fleet.only: expected different numbers"),
        ("fleet: {only: [-1]}", "3:16: fleet.only[0]: expected at least 0, found -1"),
        ("faults: [{at_s: 1, kind: broker_pause, for_s: -1}]", "3:47: faults[0].for_s: expected more than 0, found -1"),
        ("client: {timeout_ms: 5}", "3:22: client.timeout_ms: expected at least 10, found 5"),
        ("name: y\nnope: 1", "3:1: name: duplicate key"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_said_at_its_place_in_the_words_of_the_file(tmp_path: Path, line: str, message: str) -> None:
    """Wrong units are how simulations lie: a key without a unit, a battery in kWh, a share in percent."""
    assert refusal_of(tmp_path, SMALLEST + line + "\n").startswith(f"s.yaml:{message}")


@pytest.mark.parametrize(
    ("time", "message"),
    [
        ("{}", "2:7: time.duration_s: required, but missing"),
        ("{duration_s: -1}", "2:20: time.duration_s: expected more than 0, found -1"),
        ("{duration_s: 1e12}", "2:20: time.duration_s: expected at most 31622400, found 1000000000000.0"),
        ("{duration_s: 22:00}", "2:20: time.duration_s: expected a number, found '22:00'"),
        ("{duration_s: 60, scale: 0}", "2:31: time.scale: expected more than 0, found 0"),
        ("{duration_s: 60, drain_s: -1}", "2:33: time.drain_s: expected at least 0, found -1"),
        ("{duration_s: 60, start: 22:00}", "2:31: time.start: expected a time with a time zone"),
        ("{duration_s: 60, start: 12345}", "2:31: time.start: expected a time with a time zone"),
        ('{duration_s: 60, start: "1777878000"}', "2:31: time.start: expected a time with a time zone"),
        ("{duration_s: 60, start: 2026-05-04T07:00:00}", "2:31: time.start: "),
        ("{duration_s: 60, start: 0001-01-01T00:00:00Z}", "2:31: time.start: expected a year from 1971 to 8999"),
    ],
)  # fmt: skip
def test_a_wrong_time_is_said_at_its_place(tmp_path: Path, time: str, message: str) -> None:
    """22:00 is text in YAML 1.2 and 1320 in 1.1; a bare number would be seconds since 1970, which nobody meant."""
    assert refusal_of(tmp_path, f"name: x\ntime: {time}\n").startswith(f"s.yaml:{message}")


def test_all_problems_are_shown_at_once(tmp_path: Path) -> None:
    """Whoever mends a file does not want to be told one error a run."""
    text = refusal_of(tmp_path, "name: X\ntime: {duration_s: 0}\nfleet: {vehicles: x}\nseed: -1\n")
    assert [line.split(":")[1] for line in text.split("\n")] == ["1", "2", "3", "4"]


PIECES = st.sampled_from(
    ["name: x\n", "time: {duration_s: 60}\n", "time:\n", "  duration_s: 60\n", "fleet:\n", "  vehicles: 3\n", "- ", "{",
     "}", "[", "&a ", "*a", "extends: s.yaml\n", "\t", "# ", ": ", "'", '"', "\n", "network: {nodes: 2}\n", "0", "é", "\0"]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40) | st.binary(max_size=40))
def test_no_file_raises_anything_else(tmp_path: Path, content: str | bytes) -> None:
    """A traceback is no message to whoever wrote a scenario."""
    data = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    path = write(tmp_path, data)
    try:
        load_scenario(path)
    except DocumentError as error:
        lines = str(error).split("\n")
        assert all(re.match(rf"{re.escape(str(path))}:[1-9]\d*:[1-9]\d*: .+: .", line) for line in lines), lines
