"""``recarga web`` as a process."""

import http.client
import socket
import subprocess
import sys
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from nodes.web.proxy import BODY_BYTES_MAX, UNDER_WAY_MAX
from tests.nodes.web.network import Network, Process, ask

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


def test_the_api_is_at_the_same_address_as_the_page(network: Network) -> None:
    """No browser needs to know where nodes are."""
    points = ask(f"{network.client_1.url}/v1/points?limit=2")
    assert points.status == 200
    assert points.headers["Content-Type"] == "application/json"
    assert len(points.json["items"]) == 2
    assert ask(f"{network.client_2.url}/healthz").json["node"] == "server2"
    unknown = ask(f"{network.client_1.url}/v1/points/server1.nothing")
    assert (unknown.status, unknown.headers["Content-Type"]) == (404, "application/problem+json")
    assert ask(f"{network.client_1.url}/v1/points/server1.farol").headers["ETag"].startswith('"')
    assert ask(f"{network.client_1.url}/metrics").status == 404


def test_events_come_through_as_they_happen(network: Network) -> None:
    """The stream is not held back until it ends."""
    parts = urlsplit(network.client_1.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    try:
        connection.request("GET", "/v1/events?node=server1")
        response = connection.getresponse()
        assert response.headers["Content-Type"].startswith("text/event-stream")
        body = {"point_id": "server1.mercado", "driver_id": "bia", "duration_s": 600}
        assert ask(f"{network.server1.url}/v1/reservations", "POST", body, Idempotency_Key="streamed").status == 201
        lines = [response.readline()]
        while not lines[-1].startswith(b"data:"):
            lines.append(response.readline())
        assert b"event: reservation.reserved\n" in lines
    finally:
        connection.close()


def test_a_body_beyond_the_bound_is_refused_by_the_proxy(network: Network) -> None:
    """It holds no more of one than the nodes would take."""
    for size, status in ((BODY_BYTES_MAX, 422), (BODY_BYTES_MAX + 1, 413)):
        reply = ask(f"{network.client_1.url}/v1/reservations", "POST", b"x" * size, Idempotency_Key="large")
        assert (reply.status, reply.json["status"]) == (status, status)


def test_requests_that_are_not_all_there_take_nobodys_place(network: Network) -> None:
    """As many bodies as there are places, each of which never comes to its end: others are answered meanwhile."""
    parts = urlsplit(network.client_1.url)
    head = b"POST /v1/reservations HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"
    with ExitStack() as stack:
        for number in range(UNDER_WAY_MAX + 1):
            address = (f"127.0.0.{2 + number % 2}", 0)
            slow = socket.create_connection((str(parts.hostname), parts.port or 80), 60, address)
            stack.enter_context(slow)
            slow.sendall(head)
        assert ask(f"{network.client_1.url}/v1/points?limit=1").status == 200


def test_without_a_node_the_page_is_there_and_the_api_says_why_not() -> None:
    """The client itself then says that the server is away."""
    web = Process("web", "--port", "0", "--node", "http://127.0.0.1:1")
    try:
        assert ask(f"{web.url}/").status == 200
        reply = ask(f"{web.url}/v1/points")
        assert (reply.status, reply.headers["Retry-After"]) == (503, "2")
        assert reply.json["outcome"] == "none"
    finally:
        assert web.stop() == 0


def test_it_stops_in_time_though_somebody_watches(network: Network) -> None:
    """Event streams never end by themselves."""
    web = Process("web", "--port", "0", "--node", network.server1.url)
    parts = urlsplit(web.url)
    connection = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
    try:
        connection.request("GET", "/v1/events")
        connection.getresponse()
        assert web.stop() == 0
    finally:
        connection.close()


@pytest.mark.parametrize("node", ["localhost:9001", "ftp://x", "http://", "http://host/path"])
def test_what_is_no_address_of_a_node_is_said_in_one_line(node: str) -> None:
    """Exit code 2, no traceback."""
    command = [sys.executable, "-m", "nodes", "web", "--port", "0", "--node", node]
    refused = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert refused.returncode == 2
    assert "--node" in refused.stderr
    assert "Traceback" not in refused.stderr
