"""No token, a token that has expired, one for another cluster, one without a signature, one that confuses algorithms."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Callable

import orjson
import pytest
import pytest_asyncio

from nodes.auth.algorithm import Algorithm
from nodes.auth.keys import new_key
from nodes.auth.tokens import unverified_claims
from nodes.principal import Role
from tests.nodes.attacks.network import Network, network
from tests.nodes.auth.ring import Ring

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def net(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    async with network(tmp_path_factory.mktemp("tokens")) as made:
        made.ring.jwks.append(new_key(Algorithm.EDDSA, [Role.NODE], "server9"))
        made.ring.revoked.append({"sub": "fired", "before_s": 2**33, "until_s": 2**33})
        made.ring.write()
        while (await made.caller("operator", "fired").get("/v1/points")).status == 200:
            await asyncio.sleep(0.05)
        yield made


def _part(data: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(data)).rstrip(b"=").decode()


def alg_none(ring: Ring) -> str:
    claims = ring.token("operator", "root").split(".")[1]
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': ring.jwks[0]['kid']})}.{claims}."


def confused(ring: Ring) -> str:
    """HS256, keyed with the public half of an Ed25519 key, which is no secret."""
    public = base64.urlsafe_b64decode(ring.jwks[0]["x"] + "==")
    claims = ring.token("operator", "root").split(".")[1]
    unsigned = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': ring.jwks[0]['kid']})}.{claims}"
    signature = base64.urlsafe_b64encode(hmac.new(public, unsigned.encode(), hashlib.sha256).digest()).rstrip(b"=")
    return f"{unsigned}.{signature.decode()}"


def promoted(ring: Ring) -> str:
    """A driver's token whose role was rewritten."""
    header, claims, signature = ring.token("driver", "eve").split(".")
    raised = orjson.loads(base64.urlsafe_b64decode(claims + "==")) | {"role": "operator"}
    return f"{header}.{_part(raised)}.{signature}"


def of_a_stranger(ring: Ring) -> str:
    """Signed with the attacker's own key, which takes the name of ours."""
    own = Ring(ring.path.with_name("eve.json"))
    own.jwks = [new_key(Algorithm.EDDSA) | {"kid": ring.jwks[0]["kid"]}]
    return own.token("operator", "root")


def of_a_nodes_key(ring: Ring) -> str:
    """Signed with a node's own key, stolen: a real key of the network, which is for that node only."""
    own = Ring(ring.path.with_name("server9.json"))
    own.jwks = [next(jwk for jwk in ring.jwks if jwk.get("recarga_sub") == "server9")]
    return own.forged("operator", "root")


FORGED: dict[str, Callable[[Ring], str]] = {
    "expired": lambda ring: ring.token("operator", "root", lifetime_s=60, age_s=61),
    "for another cluster": lambda ring: ring.token("operator", "root", cluster="other"),
    "alg none": alg_none,
    "algorithms confused": confused,
    "promoted": promoted,
    "of a stranger": of_a_stranger,
    "of a node's key": of_a_nodes_key,
    "taken back": lambda ring: ring.token("operator", "fired"),
    "no token": lambda _: "let-me-in",
    "empty": lambda _: "",
    "a signature cut off": lambda ring: ring.token("operator", "root").rpartition(".")[0] + ".",
}


@pytest.mark.parametrize("make", FORGED.values(), ids=FORGED.keys())
@pytest.mark.parametrize("way", ["bearer", "cookie", "behalf"])
async def test_a_token_that_does_not_count_opens_nothing(net: Network, make: Callable[[Ring], str], way: str) -> None:
    """However it is shown: as a header, as a cookie, or as somebody's on whose behalf a real node asks."""
    token = make(net.ring)
    guest = net.guest()
    if way == "bearer":
        guest.headers = {"Authorization": f"Bearer {token}"}
    elif way == "cookie":
        guest.headers = {"Cookie": f"{guest.cookie}={token}", "Recarga-Client": "web"}
    else:
        guest.headers = net.ring.bearer("node", "server9") | {"Recarga-On-Behalf-Of": token}
    for method, path, body in (
        ("GET", "/v1/points", None),
        ("POST", "/v1/points", {"id": "b", "name": "B", "max_power_w": 1, "price_per_kwh_minor": 1}),
        ("DELETE", "/v1/nodes/server9", None),
        ("GET", "/metrics", None),
    ):
        refused = await guest.send(method, path, body)
        assert (refused.status, refused.problem) == (401, "unauthenticated"), (method, path)
        assert refused.headers["WWW-Authenticate"].startswith("Bearer")
        assert len(token) < 10 or token not in orjson.dumps(refused.body).decode()
    assert net.nodes["server1"].server.point("server1.b") is None


async def test_without_a_token_only_health_and_pages_are_told(net: Network) -> None:
    """Everything else is 401, and no more is said than that."""
    guest = net.guest()
    assert (await guest.get("/healthz")).status == 200
    assert (await guest.get("/readyz")).status == 200
    assert (await guest.get("/openapi.json")).status == 200
    assert (await guest.get("/docs")).status == 200
    document = (await guest.get("/openapi.json")).body
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["security"]:
                filled = path.replace("{id}", "server1.a.r1-2" if "reserv" in path else "server1.a")
                refused = await guest.send(method.upper(), filled)
                assert (refused.status, refused.problem) == (401, "unauthenticated"), (method, path)


@pytest.mark.parametrize("header", ["Basic cm9vdDpyb290", "Bearer", "bearer  ", "Token x", "Bearer a b c"])
async def test_other_ways_to_sign_in_are_none(net: Network, header: str) -> None:
    """And none of them is a server error."""
    assert (await net.guest(Authorization=header).get("/v1/points")).status == 401


async def test_two_tokens_are_none(net: Network) -> None:
    """Where two readers could disagree about who asks, nobody does."""
    ana, bob = net.ring.token(sub="ana"), net.ring.token(sub="bob")
    url = net.nodes["server1"].url + "/v1/points"
    headers = [("Authorization", f"Bearer {ana}"), ("Authorization", f"Bearer {bob}")]
    async with net.session.get(url, headers=headers) as response:
        assert response.status == 401


async def test_a_token_that_counts_works(net: Network) -> None:
    """The other side of it: without this, the tests above prove nothing."""
    assert (await net.caller("driver", "ana").get("/v1/points")).status == 200
    assert (await net.caller("operator", "root").get("/metrics")).status == 200
    cookie = net.guest()
    cookie.headers = {"Cookie": f"a=b; {cookie.cookie}={net.ring.token()}; c=d"}
    assert (await cookie.get("/v1/points")).status == 200


async def test_a_stolen_nodes_key_makes_nobody_else(net: Network) -> None:
    """It is that node, and neither another node, nor an operator, nor a driver for whom a node asks."""
    own = Ring(net.ring.path.with_name("stolen.json"))
    own.jwks = [next(jwk for jwk in net.ring.jwks if jwk.get("recarga_sub") == "server9")]
    server9 = net.guest(Authorization=f"Bearer {own.token('node', 'server9')}")
    assert (await server9.get("/v1/points")).status == 200
    for role, sub in (("node", "server1"), ("operator", "root"), ("driver", "ana"), ("reader", "r")):
        shown = own.forged(role, sub)
        assert (await net.guest(Authorization=f"Bearer {shown}").get("/v1/points")).problem == "unauthenticated"
        assert (await server9.get("/v1/reservations", Recarga_On_Behalf_Of=shown)).problem == "unauthenticated"


async def test_a_token_is_taken_back_while_it_is_used(net: Network) -> None:
    """Requests are refused, and its streams end, also where nothing happens that they would tell: within some two seconds."""
    eve, ana = net.caller("reader", "eve"), net.caller("reader", "ana")
    url = net.nodes["server1"].url + "/v1/events"
    async with net.session.get(url, headers=eve.headers) as hers, net.session.get(url, headers=ana.headers) as other:
        assert (hers.status, other.status) == (200, 200)
        claims = unverified_claims(eve.headers["Authorization"].split()[1])
        net.ring.revoked.append({"jti": claims["jti"], "until_s": claims["exp"]})
        net.ring.write()
        async with asyncio.timeout(30):
            await hers.read()
            refused = await eve.get("/v1/points")
        assert (refused.status, refused.problem) == (401, "unauthenticated")
        assert "taken back" in refused.body["detail"]
        assert (await net.caller("reader", "eve").get("/v1/points")).status == 200, "another of hers"
        assert (await ana.get("/v1/points")).status == 200
        assert (await net.caller("driver", "rui").reserve(minute=200)).status == 201
        async with asyncio.timeout(30):
            async for line in other.content:
                if b"reservation.reserved" in line:
                    break


async def test_a_stream_ends_with_the_token_it_was_opened_with(net: Network) -> None:
    """Nobody goes on watching for days with what counted for an hour."""
    reader = net.caller("reader", "display", lifetime_s=3)
    async with net.session.get(net.nodes["server1"].url + "/v1/events", headers=reader.headers) as stream:
        assert stream.status == 200
        while (await reader.get("/v1/session")).status == 200:
            await asyncio.sleep(0.05)
        assert (await net.caller("driver", "ana").reserve()).status == 201
        async with asyncio.timeout(30):
            assert b"reservation.reserved" not in await stream.read()
