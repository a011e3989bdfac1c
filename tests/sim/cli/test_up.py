"""``recarga up``: a network for a person to play with, until Ctrl-C."""

import http.client
import json
import re
import signal
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.sim.cli.commands import command, events_of, free_ports, interruptible, running, wait_until

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the processes are looked up in /proc"),
]


def get(url: str) -> tuple[int, str]:
    """Ask a server on this machine, whatever proxies the environment names."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=30)
    try:
        connection.request("GET", parts.path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def test_it_prints_where_the_nodes_are_and_ctrl_c_stops_everything(tmp_path: Path) -> None:
    """The ports are the ones that were asked for; every node knows all points when it says that it is up."""
    port = free_ports(2)
    options = ["--nodes", "2", "--points-per-node", "3", "--port", str(port), "--data", "data"]
    with interruptible(), command(tmp_path, "up", *options) as started:
        line = started.wait_for_line("Ctrl-C stops everything")
        urls = [f"http://127.0.0.1:{number}" for number in (port, port + 1)]
        for url in urls:
            status, page = get(f"{url}/docs")
            assert status == 200
            assert "<html" in page.lower()
            status, body = get(f"{url}/v1/points")
            assert (status, len(json.loads(body)["items"])) == (200, 6)
        children = started.children()
        assert len(children) == 3
        started.process.send_signal(signal.SIGINT)
        said = started.end()
    assert line
    assert (said.code, said.err) == (0, "")
    assert re.findall(r"^(server\d): (\S+) \(web client\), (\S+) \(API\)$", said.out, re.MULTILINE) == [
        ("server1", f"{urls[0]}/ui/", f"{urls[0]}/docs"),
        ("server2", f"{urls[1]}/ui/", f"{urls[1]}/docs"),
    ]
    assert said.out.endswith("the network has stopped; nothing is left running\n")
    assert running(children) == []
    assert (tmp_path / "data" / "server2.db").exists()
    assert not (tmp_path / "data" / "server2.db-wal").exists()


def test_in_json_and_killed_it_leaves_nothing_running_either(tmp_path: Path) -> None:
    """Nobody can clean up after SIGKILL but the children themselves."""
    options = ["--nodes", "1", "--points-per-node", "1", "--port", str(free_ports(1)), "--data", "data", "--json"]
    with command(tmp_path, "up", *options) as started:
        (ready,) = events_of(started.wait_for_line("ready"))
        assert get(f"{ready['urls']['server1']}/docs")[0] == 200
        children = started.children()
        assert len(children) == 2
        started.process.kill()
        started.process.wait()
        wait_until(lambda: not running(children))


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """Exit code 1, and the broker that had started is stopped again."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        options = ["--nodes", "1", "--points-per-node", "1", "--port", str(port), "--data", "data", "--json"]
        with command(tmp_path, "up", *options) as started:
            wait_until(started.children)
            children = started.children()
            said = started.end()
    assert said.code == 1
    assert said.err.startswith("recarga: server1 ended with exit code ")
    assert str(port) in said.err
    assert [event["error"] for event in said.events] == ["ChildError"]
    assert running(children) == []
