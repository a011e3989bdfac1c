"""The server dies while somebody uses the client: it says so, loses nothing, and goes on by itself."""

import time
from pathlib import Path
from typing import Any

import pytest

from sim.worlds.ports import free_port
from tests.nodes.web.network import HOUR_MS, Network, Process, ask, node
from tests.nodes.web.test_driving import held, slot, to_tomorrow, wait_for_class
from tests.nodes.web.visitor import Visitor, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]


def is_loss(text: str) -> bool:
    """What a browser writes to its console of requests that nobody answers."""
    return "Failed to load resource" in text


def test_it_says_so_keeps_what_was_typed_and_what_was_asked_and_recovers(tmp_path: Path, visitor: Visitor) -> None:
    """A reservation that was under way is asked again with its own key: there is one in the end."""
    port = free_port()
    alone = node(tmp_path, "server1", {"farol": "Farol"}, port=port)
    try:
        page = visitor.open(alone.url, "/ui/#/point/server1.farol", expects=is_loss)
        to_tomorrow(page)
        wait_for_class(page, "10:00", "free")
        slot(page, "10:00").click()
        page.get_by_label("Driver", exact=True).fill("Ana Maria")
        alone.kill()
        page.get_by_role("button", name="Reserve", exact=True).click()
        page.wait_for_selector(".lost")
        assert "No server has answered since" in page.inner_text(".lost")
        page.wait_for_selector(".progress >> text=Asking again")
        assert page.evaluate("getComputedStyle(document.querySelector('.point-head')).filter") == "grayscale(1)"
        assert page.get_by_label("Driver", exact=True).input_value() == "Ana Maria"
        keys = page.evaluate("JSON.parse(localStorage['recarga.outbox']).map(({key}) => key)")
        assert len(keys) == 1
        alone.start()
        page.wait_for_selector(".lost", state="hidden")
        page.wait_for_selector(".note.good")
        assert len(held(alone.url, "server1.farol")) == 1
        assert page.evaluate("localStorage['recarga.outbox']") == "[]"
        body = {"point_id": "server1.farol", "driver_id": "Ana Maria", "duration_s": 600}
        again = ask(f"{alone.url}/v1/reservations", "POST", body, Idempotency_Key=keys[0])
        assert again.json["type"].endswith("idempotency-key-reused")  # it was this key that reserved
    finally:
        alone.stop()


def leave(page: Any, start_ms: int) -> None:
    """Have a page that was closed while it reserved: what it had asked is still in its outbox."""
    body = {"point_id": "server1.farol", "driver_id": "Ana", "start_ms": start_ms, "end_ms": start_ms + HOUR_MS}
    entry = {"key": "from-before", "kind": "reserve", "method": "POST", "path": "/v1/reservations", "body": body}
    page.evaluate(
        "entry => { localStorage['recarga.outbox'] = JSON.stringify([{...entry, note: {}, madeMs: Date.now()}]); }",
        entry,
    )


def test_a_reservation_under_way_survives_that_the_page_is_closed(tmp_path: Path, visitor: Visitor) -> None:
    """Somebody loses patience and reloads: the same request is gone on with. Its end is told also if the view comes after it."""
    port = free_port()
    alone = node(tmp_path, "server1", {"farol": "Farol"}, port=port)
    try:
        page = visitor.open(alone.url, "/ui/#/point/server1.farol", expects=is_loss)
        start_ms = int(time.time() * 1000) + 24 * HOUR_MS
        leave(page, start_ms)
        withheld: list[Any] = []
        is_open = False
        # without its point there is no view
        page.route("**/v1/points**", lambda each: each.continue_() if is_open else withheld.append(each))
        page.reload()
        until(page, "localStorage['recarga.outbox'] === '[]'")
        is_open = True
        for each in withheld:
            each.continue_()
        page.wait_for_selector(".note.good")
        page.reload()
        page.wait_for_selector(".light.live")
        assert held(alone.url, "server1.farol") == [[start_ms, start_ms + HOUR_MS]]
    finally:
        alone.stop()


def test_where_no_view_tells_what_became_of_it_the_page_does(tmp_path: Path, visitor: Visitor) -> None:
    """Whoever comes back somewhere else is told, too: that it was done, and that it was refused."""
    alone = node(tmp_path, "server1", {"farol": "Farol"})
    try:
        page = visitor.open(alone.url, "/ui/#/mine", expects=lambda text: "409" in text)
        start_ms = int(time.time() * 1000) + 24 * HOUR_MS
        leave(page, start_ms)
        page.reload()
        page.wait_for_selector(".toast.good >> text=What was under way when you left is done.")
        leave(page, start_ms)
        page.evaluate(
            "() => { localStorage['recarga.outbox'] = localStorage['recarga.outbox'].replace('from-before', 'again'); }"
        )
        page.reload()
        page.wait_for_selector(".toast.bad >> text=What was under way when you left was refused.")
        assert held(alone.url, "server1.farol") == [[start_ms, start_ms + HOUR_MS]]
    finally:
        alone.stop()


def test_a_company_that_does_not_say_what_one_has_there_is_named(tmp_path: Path, visitor: Visitor) -> None:
    """A list that silently lacked it would look as if nothing were reserved."""
    alone = node(tmp_path, "server1", {"farol": "Farol"}, "--peer", f"server2=http://127.0.0.1:{free_port()}")
    try:
        body = {"point_id": "server1.farol", "driver_id": "Ana", "duration_s": 600}
        assert ask(f"{alone.url}/v1/reservations", "POST", body, Idempotency_Key="named").status == 201
        page = visitor.open(alone.url, "/ui/#/mine")
        page.wait_for_selector("text=Not answering: server2.")
        page.wait_for_selector(".booking >> text=Farol")
    finally:
        alone.stop()


def test_another_server_takes_over_where_there_is_one(network: Network, visitor: Visitor, tmp_path: Path) -> None:
    """Behind a web server with two nodes, the death of the first is hardly noticed: events go on from the second."""
    first = node(tmp_path, "server9", {"farol": "Farol nove"})
    web = Process("web", "--port", "0", "--node", first.url, "--node", network.server2.url)
    try:
        page = visitor.open(web.url, expects=is_loss)
        page.wait_for_selector(".points >> text=Farol nove")
        first.kill()
        page.wait_for_selector(".points >> text=Mercado dois")
        page.wait_for_selector(".light.live")
        page.goto(f"{web.url}/#/point/server2.mercado")
        to_tomorrow(page)
        wait_for_class(page, "09:00", "free")
        start_ms = page.evaluate("new Date(new Date().setHours(33, 0, 0, 0)).getTime()")
        body = {"point_id": "server2.mercado", "driver_id": "bia", "start_ms": start_ms, "end_ms": start_ms + HOUR_MS}
        assert ask(f"{network.server2.url}/v1/reservations", "POST", body, Idempotency_Key="take-over").status == 201
        wait_for_class(page, "09:00", "busy")
    finally:
        web.stop()
        first.stop()
