"""A browser's cookie: what it is made of, and what another site's page cannot do with it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.nodes.attacks.network import Network, network
from tests.nodes.running import running_node

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("cookies")) as made:
        yield made


@pytest.mark.parametrize("as_header", [True, False])
async def test_a_token_is_changed_for_a_cookie_that_no_script_reads(net: Network, as_header: bool) -> None:
    """And that goes to no other site, for as long as the token lasts."""
    token = net.ring.token("driver", "ana", lifetime_s=3_600)
    guest = net.guest(Authorization=f"Bearer {token}") if as_header else net.guest()
    signed_in = await guest.send("POST", "/v1/session", None if as_header else {"token": token})
    assert (signed_in.status, signed_in.body) == (204, "")
    pair, *attributes = signed_in.headers["Set-Cookie"].split("; ")
    assert pair == f"{guest.cookie}={token}"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(attributes)
    assert "Secure" not in attributes
    age_s = next(int(each.removeprefix("Max-Age=")) for each in attributes if each.startswith("Max-Age="))
    assert 3_500 <= age_s <= 3_600
    who = await net.guest(Cookie=pair).get("/v1/session")
    assert who.body | {"expires_ms": 0} == {"authentication": True, "role": "driver", "sub": "ana", "expires_ms": 0}
    assert who.headers["Cache-Control"] == "no-store"


async def test_behind_tls_the_cookie_is_secure(net: Network) -> None:
    """Also where a proxy speaks TLS for the node."""
    signed_in = await net.caller().send("POST", "/v1/session", None, X_Forwarded_Proto="https")
    assert "Secure" in signed_in.headers["Set-Cookie"].split("; ")


async def test_another_sites_page_changes_nothing_with_a_cookie(net: Network) -> None:
    """CSRF: a browser sends the cookie along; the header it sends only for our own pages."""
    forged = net.browser(net.ring.token())
    for method, path in (
        ("POST", "/v1/reservations"),
        ("DELETE", "/v1/reservations/server1.a.r1-2"),
        ("DELETE", "/v1/session"),
    ):
        assert (await forged.send(method, path, {})).problem == "forbidden"
    other = net.browser(net.ring.token(), Recarga_Client="app")
    assert (await other.send("POST", "/v1/trips", {})).problem == "forbidden"
    own = net.browser(net.ring.token(), Recarga_Client="web")
    assert (await own.reserve()).status == 201
    assert (await forged.get("/v1/points")).status == 200


async def test_signing_out_forgets_the_cookie(net: Network) -> None:
    """Also one that has expired."""
    for token in (net.ring.token(), net.ring.token(lifetime_s=1, age_s=5)):
        browser = net.browser(token, Recarga_Client="web")
        left = await browser.send("DELETE", "/v1/session")
        assert left.status == 204
        assert left.headers["Set-Cookie"].startswith(f"{browser.cookie}=; ")
        assert "Max-Age=0" in left.headers["Set-Cookie"]


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "x" * 5_000, "\r\nSet-Cookie: a=b"])
async def test_what_is_no_token_is_no_cookie(net: Network, token: str) -> None:
    """Nor is it repeated."""
    refused = await net.guest().send("POST", "/v1/session", {"token": token})
    assert refused.status in (401, 422)
    assert "Set-Cookie" not in refused.headers
    assert len(token) < 2 or token not in str(refused.body)


async def test_a_nodes_token_is_for_no_browser(net: Network) -> None:
    """What a node may is far from what anybody needs on a page."""
    assert (
        await net.guest().send("POST", "/v1/session", {"token": net.ring.token("node", "server1")})
    ).problem == "forbidden"
    cookie = net.browser(net.ring.token("node", "server2"), Recarga_Client="web")
    assert (await cookie.get("/v1/points/server1.a", Recarga_Forwarded_By="server2")).problem == "untrusted-node"


async def test_nobody_is_signed_in_without_a_token(net: Network) -> None:
    """And a page can tell that from a node that asks for none."""
    assert (await net.guest().get("/v1/session")).problem == "unauthenticated"
    expired = net.browser(net.ring.token(lifetime_s=1, age_s=5))
    assert "expired" in (await expired.get("/v1/session")).body["detail"]


async def test_a_node_without_keys_says_so(tmp_path: Path) -> None:
    """Its page need not ask anybody to sign in."""
    async with running_node(tmp_path) as client:
        who = await client.get("/v1/session")
        assert who.body == {"authentication": False, "role": None, "sub": None, "expires_ms": None}
        signed_in = await client.post("/v1/session", {"token": "anything"})
        assert (signed_in.status, "Set-Cookie" in signed_in.headers) == (204, False)
        assert (await client.send("DELETE", "/v1/session")).status == 204


@pytest.mark.parametrize(
    ("headers", "port"),
    [
        ({"Host": "localhost:8001"}, 8001),
        ({"Host": "[::1]:8002"}, 8002),
        ({"Host": "[::1]"}, 80),
        ({"Host": "recarga.example"}, 80),
        ({"Host": "recarga.example", "X-Forwarded-Proto": "https"}, 443),
        ({"X-Forwarded-Host": "localhost:8001"}, 8001),
        ({"X-Forwarded-Host": "outer:8443, inner:81", "X-Forwarded-Proto": "https"}, 8443),
        ({"Host": "x:1;a=b"}, 80),
        ({"Host": "x:123456"}, 80),
    ],
)
async def test_each_client_on_a_machine_has_a_cookie_of_its_own(
    net: Network, headers: dict[str, str], port: int
) -> None:
    """Cookies know no ports: whoever signed in at the second client was signed in at the first, under the other's name."""
    token = net.ring.token("driver", "ana")
    signed_in = await net.guest(**headers).send("POST", "/v1/session", {"token": token})
    assert signed_in.headers["Set-Cookie"].startswith(f"recarga_session_{port}={token}; ")
    both = f"recarga_session_{port}={token}; recarga_session_{port + 1}={net.ring.token('driver', 'bia')}"
    for cookies in (both, "; ".join(reversed(both.split("; ")))):
        assert (await net.guest(Cookie=cookies, **headers).get("/v1/session")).body["sub"] == "ana"
    of_others = f"recarga_session={token}; recarga_session_{port + 1}={token}"
    assert (await net.guest(Cookie=of_others, **headers).get("/v1/session")).status == 401
