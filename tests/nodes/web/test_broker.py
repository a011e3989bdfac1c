"""Pages hear the public feed from the broker itself, over WebSocket, where their server names one."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.publish
import pytest

from nodes.errors import ConfigError
from nodes.web.broker_url import parse_web_broker
from tests.nodes.web.network import Network, Process, ask, node
from tests.nodes.web.visitor import Visitor, until
from tests.nodes.web.websocket_broker import WebSocketBroker

POINT = "server2.farol"
STATUS = f"document.querySelector('.row[href=\"#/point/{POINT}\"] .sign')?.dataset.status"
"""A point's status in the list."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[WebSocketBroker]:
    running = WebSocketBroker(tmp_path)
    yield running
    running.stop()


def is_loss(text: str) -> bool:
    """What a browser writes to its console of servers that are gone."""
    return "Failed to load resource" in text or "WebSocket connection" in text


def reserve_now(server: Process) -> None:
    """Have somebody reserve the point from now on."""
    body = {"point_id": POINT, "driver_id": "Bia", "duration_s": 3_600}
    reply = ask(f"{server.url}/v1/reservations", "POST", body, Idempotency_Key="of-bia")
    assert reply.status == 201, reply.json


def availability(broker: WebSocketBroker, server: Process, **changes: Any) -> None:
    """Say something at the broker of the point, as its node would, but for ``changes``."""
    told = ask(f"{server.url}/v1/points/{POINT}").json
    epoch, pointseq = told.pop("witness")
    event = {
        "specversion": "1.0",
        "type": "recarga.point.availability",
        "source": "/nodes/server2",
        "node": "server2",
        "subject": POINT,
        "epoch": epoch,
        "pointseq": pointseq + 10,
        "data": told | {"status": "OUTOFORDER"},
    }
    payload = json.dumps(event | changes)
    paho.mqtt.publish.single(f"pontos/{POINT}/disponibilidade", payload, 1, hostname="127.0.0.1", port=broker.port)


@pytest.mark.system
@pytest.mark.timeout(600)
def test_statuses_go_on_while_the_server_is_away(tmp_path: Path, broker: WebSocketBroker, visitor: Visitor) -> None:
    """The page says that its server is gone, and yet sees what happens at another's point; lies and rubbish change nothing."""
    first = node(tmp_path, "server1", {"farol": "Um"}, "--broker", broker.url, "--web-broker", broker.web_url)
    second = node(tmp_path, "server2", {"farol": "Dois"}, "--broker", broker.url)
    try:
        page = visitor.open(first.url, "/ui/", expects=is_loss)
        until(page, f"{STATUS} === 'AVAILABLE'")
        until(page, "document.documentElement.classList.contains('has-feed')")
        first.kill()
        page.wait_for_selector(".lost")
        assert "The message broker tells what points do." in page.inner_text(".lost")
        assert page.evaluate("getComputedStyle(document.querySelector('.list')).filter") == "none"
        availability(broker, second, node="server1")
        availability(broker, second, subject="server2.other")
        availability(broker, second, pointseq="many")
        availability(broker, second, data=None)
        availability(broker, second, data={"id": POINT, "name": None})
        paho.mqtt.publish.single(f"pontos/{POINT}/disponibilidade", "{", 1, hostname="127.0.0.1", port=broker.port)
        reserve_now(second)
        until(page, f"{STATUS} !== 'AVAILABLE'")
        assert page.evaluate(STATUS) == "RESERVED"
        availability(broker, second)  # the same message without a flaw counts
        until(page, f"{STATUS} === 'OUTOFORDER'")
        broker.stop()
        until(page, "!document.documentElement.classList.contains('has-feed')")
        page.wait_for_selector(".lost >> text=What you see is as of")
        assert page.evaluate("getComputedStyle(document.querySelector('.list')).filter") == "grayscale(1)"
        broker.start()
        until(page, "document.documentElement.classList.contains('has-feed')")
    finally:
        second.stop()
        first.stop()


@pytest.mark.system
@pytest.mark.timeout(600)
def test_without_its_broker_a_page_is_live_by_its_servers_events(
    network: Network, broker: WebSocketBroker, visitor: Visitor
) -> None:
    """Also behind ``recarga web``; what a broker had retained before the page came does not overrule the server's list."""
    broker.stop()
    more = ("--web-broker", broker.web_url)
    web = Process("web", "--port", "0", "--node", network.server1.url, *more)
    try:
        page = visitor.open(web.url, expects=is_loss)
        page.wait_for_selector(".points >> text=Farol um")
        until(page, "performance.getEntriesByType('resource').some(({name}) => name.includes('/vendor/'))")
        assert not page.evaluate("document.documentElement.classList.contains('has-feed')")
        gone = {"id": "server1.gone", "node": "server1", "name": "Gone", "status": "AVAILABLE"}
        broker.start()
        event = {"type": "recarga.point.availability", "node": "server1", "subject": "server1.gone", "data": gone}
        paho.mqtt.publish.single(
            "pontos/server1.gone/disponibilidade",
            json.dumps(event | {"epoch": 1, "pointseq": 1}),
            1,
            retain=True,
            hostname="127.0.0.1",
            port=broker.port,
        )
        until(page, "document.documentElement.classList.contains('has-feed')")
        assert page.locator(".points >> text=Gone").count() == 0
    finally:
        web.stop()


@pytest.mark.system
@pytest.mark.timeout(600)
def test_who_names_no_broker_loads_nothing_for_one(network: Network, visitor: Visitor) -> None:
    """The client for it is larger than the whole page."""
    page = visitor.open(network.client_1.url)
    loaded = page.evaluate("performance.getEntriesByType('resource').map(({name}) => name)")
    assert any(name.endswith("/js/broker.js") for name in loaded)
    assert not any("/vendor/" in name for name in loaded)


@pytest.mark.system
@pytest.mark.timeout(600)
def test_the_page_may_connect_to_its_server_and_to_the_broker_that_is_named(network: Network) -> None:
    """Nowhere else; and the broker stands in the page as text."""
    web = Process("web", "--port", "0", "--node", network.server1.url, "--web-broker", "wss://mq.example:9006/mqtt")
    try:
        assert connections(web) == ["connect-src 'self' wss://mq.example:9006"]
        assert b'<meta name="recarga-broker" content="wss://mq.example:9006/mqtt">' in ask(f"{web.url}/").body
    finally:
        web.stop()
    assert connections(network.client_1) == []
    assert b"recarga-broker" not in ask(f"{network.client_1.url}/").body


def connections(web: Process) -> list[str]:
    """What its page's policy says of connections beside its default, which is its own server."""
    policy = ask(f"{web.url}/").headers["Content-Security-Policy"]
    return [part.strip() for part in policy.split(";") if part.strip().startswith("connect-src")]


@pytest.mark.parametrize(
    "text",
    [
        "mqtt://broker:1883",
        "http://broker:9001",
        "ws://",
        "ws://user:secret@broker:9001",
        "ws://broker:99999",
        "ws://broker:9001?token=x",
        "ws://broker:9001; script-src *",
        "ws://[broker",
        "broker:9001",
    ],
)
def test_another_kind_of_url_is_refused(text: str) -> None:
    """It goes into a policy and a page that everybody reads: no secrets, and nothing that would end the one or the other."""
    with pytest.raises(ConfigError, match="--web-broker: expected ws"):
        parse_web_broker(text)
