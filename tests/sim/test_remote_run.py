"""A scenario on nodes that run already: real processes, which this run did not start and of whose past it knows nothing."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from nodes.auth.algorithm import Algorithm
from nodes.auth.key_file import write_key_file
from nodes.auth.keys import new_key
from nodes.documents import DocumentError
from nodes.principal import Role
from sim.audit import audit
from sim.audit.verdicts import Verdict
from sim.fleet.fleet import Fleet
from sim.remote_run import RemoteRun, read_token
from sim.report import build_report
from sim.run_folder import RunFolder
from sim.scenario.load import load_scenario
from sim.worlds.credentials import Credentials, minting
from sim.worlds.local import LocalWorld
from sim.worlds.remote_export import RemoteError

pytestmark = pytest.mark.system
SCENARIO = Path(__file__).parents[2] / "scenarios" / "remote_rush.yaml"
SHORT = ["time.duration_s=8", "time.drain_s=2", "fleet.vehicles=40", "network.nodes=[server1, server2]"]
AT_ONCE = [f"fleet.classes.{at}.{name}={{uniform: [0, 1]}}" for at in (0, 1) for name in ("lead_s", "lateness_s")]
"""Who drives off now is there in seconds."""
MINUTE_MS = 60_000


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[LocalWorld]:
    async with own_network(tmp_path) as world:
        await world.settled()
        yield world


@asynccontextmanager
async def own_network(tmp_path: Path) -> AsyncIterator[LocalWorld]:
    """Two nodes and a broker, in the machine's own time."""
    made = load_scenario(SCENARIO, [*SHORT, "network.points_per_node=3"]).scenario
    world = LocalWorld(Fleet(made).city, tmp_path / "network")
    await world.start()
    try:
        yield world
    finally:
        await world.stop()


def remote_run(folder: Path, urls: list[str], *changes: str, credentials: Credentials | None = None) -> RemoteRun:
    shown: list[Any] = []
    return RemoteRun(SCENARIO, [*SHORT, *changes], urls, RunFolder(folder), "test", shown.append, credentials)


async def book(session: aiohttp.ClientSession, url: str, driver: str, minute: int) -> str:
    """Reserve at the node's first point, as somebody else; return the reservation's id."""
    start_ms = int(time.time() * 1000) + minute * MINUTE_MS
    body = {"point_id": "server1.p1", "driver_id": driver, "start_ms": start_ms, "end_ms": start_ms + 10 * MINUTE_MS}
    headers = {"Idempotency-Key": f"{driver}-{minute}"}
    async with session.post(f"{url}/v1/reservations", json=body, headers=headers) as answer:
        told = await answer.json()
        assert answer.status == 201, told
        return str(told["id"])


def verdicts(folder: Path) -> dict[str, Verdict]:
    promises = audit(folder).promises
    assert not [each.message for one in promises.values() for each in one.violations]
    return {name: result.verdict for name, result in promises.items()}


async def test_what_was_there_before_and_what_others_do_meanwhile_is_context(
    network: LocalWorld, tmp_path: Path
) -> None:
    """Windows that others hold explain refusals; only what this run asked for is judged. Again and again on one network."""
    urls, folders = list(network.urls.values()), [tmp_path / "first", tmp_path / "second"]
    async with aiohttp.ClientSession() as session:
        before = await book(session, urls[0], "before", 200)
        async with session.post(f"{urls[0]}/v1/points/server1.p2/start", json={"driver_id": "at-it"}) as answer:
            assert answer.status == 201
        for number, folder in enumerate(folders):
            playing = asyncio.create_task(remote_run(folder, urls).play())
            while not (folder / "history.jsonl").exists():
                await asyncio.wait([playing], timeout=0.05)
                assert not playing.done() or playing.result()
            meanwhile = await book(session, urls[0], "meanwhile", 300 + 20 * number)
            await playing
            found = verdicts(folder)
            assert {found[name] for name in ("P1", "P2", "P4", "P5", "P6")} == {Verdict.PASS}
            with closing(sqlite3.connect(folder / "nodes" / "server1.db")) as connection:
                kept = {row[0] for row in connection.execute("SELECT id FROM reservation")}
            assert {before, meanwhile} < kept
    report = build_report(folders[1], audit(folders[1]).to_json())
    assert (report.run.mode, report.verdict) == ("remote", "PASS")
    begun = orjson.loads((folders[1] / "history.jsonl").read_bytes().splitlines()[0])["value"]
    assert abs(begun["civil_start_ms"] - begun["started_ms"]) < 30_000


async def test_what_a_node_lost_is_found(network: LocalWorld, tmp_path: Path) -> None:
    """The export is evidence like any database: what it does not hold was lost."""
    await remote_run(tmp_path / "run", list(network.urls.values())).play()
    lines = map(orjson.loads, (tmp_path / "run" / "history.jsonl").read_bytes().splitlines())
    made = next(line["value"]["id"] for line in lines if line["f"] == "reserve" and line["type"] == "ok")
    with closing(sqlite3.connect(tmp_path / "run" / "nodes" / f"{made.partition('.')[0]}.db")) as connection:
        connection.execute("DELETE FROM reservation WHERE id = ?", (made,))
        connection.commit()
    assert audit(tmp_path / "run").promises["P2"].verdict is Verdict.FAIL


async def test_nodes_that_are_not_those_of_the_scenario_are_said(network: LocalWorld, tmp_path: Path) -> None:
    """Before anything is asked of them."""
    one, other = network.urls.values()
    points = tmp_path / "points.json"
    entry = {"name": "X", "location": {"lat": 1, "lon": 2}, "max_power_w": 1, "connector": "CHADEMO"}
    entries = [{"id": slug, "price_per_kwh_minor": 1, **entry} for slug in ("p1", "elsewhere")]
    points.write_bytes(orjson.dumps({"points": entries}))
    for urls, changes, words in (
        ([one], (), f"there is no server2 among the targets, which are server1 at {one}"),
        ([one, other], ("network.nodes=[server1]",), "the scenario names server1 only"),
        ([one, other], ("time.scale=60",), "the nodes' time runs 1 times as fast as the clock"),
        ([one, other], (f"network.points_files.server1={points}",), "server1 has no elsewhere"),
    ):
        with pytest.raises(DocumentError, match=words):
            await remote_run(tmp_path / "run", urls, *changes).play()
    for urls, words in (
        ([one, one], f"{one} is named twice"),
        ([one, one.replace("127.0.0.1", "localhost")], "are the same node, server1"),
        ([one, "http://127.0.0.1:1"], "http://127.0.0.1:1: cannot be reached"),
    ):
        with pytest.raises(RemoteError, match=words):
            await remote_run(tmp_path / "run", urls).play()
    assert not (tmp_path / "run" / "history.jsonl").exists()


def test_faults_are_refused_at_their_place(tmp_path: Path) -> None:
    """The nodes are not the run's to break."""
    faults = "faults=[{at_s: 1, kind: crash, node: server1, for_s: 1}]"
    with pytest.raises(DocumentError, match=r"faults\[0\]\.kind: crash: a remote run breaks nothing"):
        remote_run(tmp_path, ["http://127.0.0.1:1"], faults)


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys that the nodes have which are started after this."""
    file = tmp_path / "keys.json"
    write_key_file(file, [new_key(Algorithm.EDDSA)], is_new=True)
    monkeypatch.setenv("RECARGA_AUTH_KEYS", str(file))
    return file


@pytest.mark.parametrize("minted", [False, True])
async def test_nodes_with_keys_are_shown_tokens(keys: Path, minted: bool, tmp_path: Path) -> None:
    """An operator's for all, or each driver's own; without any, what is missing is said. No file of the run has one."""
    mint = minting(keys, "recarga")
    token = mint(Role.OPERATOR, "op")
    async with own_network(tmp_path) as network:
        urls = list(network.urls.values())
        if not minted:
            for wrong, words in ((None, "an operator's token is needed"), (mint(Role.DRIVER, "ana"), "no operator's")):
                with pytest.raises(RemoteError, match=words):
                    await remote_run(tmp_path / "none", urls, credentials=Credentials(wrong)).play()
        credentials = Credentials(None, mint) if minted else Credentials(token)
        await remote_run(tmp_path / "run", urls, *AT_ONCE, credentials=credentials).play()
    found = verdicts(tmp_path / "run")
    assert {found[name] for name in ("P1", "P2", "P4", "P5", "P6")} == {Verdict.PASS}
    lines = [orjson.loads(line) for line in (tmp_path / "run" / "history.jsonl").read_bytes().splitlines()]
    assert {"reserve", "stop"} <= {line["f"] for line in lines if line["type"] == "ok"}
    assert not [line for line in lines if line.get("status") in (401, 403)]
    tokens = [each.removeprefix("Bearer ").encode() for each in credentials.operator.values()]
    for file in (tmp_path / "run").rglob("*"):
        assert file.is_dir() or not any(each in file.read_bytes() for each in tokens)


def test_a_token_is_read_from_a_file_or_the_environment(tmp_path: Path) -> None:
    """And an empty file is no token."""
    file = tmp_path / "token"
    file.write_text(" abc\n")
    assert read_token(file, "other") == "abc"
    assert read_token(None, "other") == "other"
    assert read_token(None, None) is None
    file.write_text("\n")
    with pytest.raises(RemoteError, match="holds no token"):
        read_token(file, None)
