"""Tokens: only what one of our keys has signed, for this cluster, now."""

import base64
import hashlib
import hmac
from typing import Any

import jwt
import orjson
import pytest

from nodes.auth.algorithm import Algorithm
from nodes.auth.keys import Key, new_key, public_half, read_keys
from nodes.auth.tokens import Grant, key_of, sign, verify
from nodes.errors import ConfigError, Unauthenticated
from nodes.principal import Principal, Role

NOW_MS = 1_793_610_000_000
JWK = new_key(Algorithm.EDDSA)
KEYS = read_keys(orjson.dumps({"keys": [JWK, new_key(Algorithm.HS256)]}), "keys")
KEY = KEYS.keys[0]


def look_at(token: str, now_ms: int = NOW_MS, cluster: str = "recarga") -> Principal:
    key = key_of(token, KEYS)
    if key is None:
        raise Unauthenticated("no such key")
    return verify(token, key, cluster, "server1", now_ms)


def forged(claims: dict[str, Any] | None = None, *, key: Key = KEY, header: dict[str, Any] | None = None) -> str:
    """Sign other claims: what a mistaken or hostile holder of a key could."""
    now_s = NOW_MS // 1000
    good = {
        "iss": "recarga",
        "aud": "recarga",
        "sub": "ana",
        "role": "driver",
        "iat": now_s,
        "exp": now_s + 60,
        "jti": "x",
    }
    given = {name: value for name, value in (good | (claims or {})).items() if value is not None}
    return jwt.encode(given, key.material, key.algorithm, headers={"kid": key.kid} | (header or {}))


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (orjson.dumps(header), orjson.dumps(claims))]
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


@pytest.mark.parametrize("key", KEYS.keys, ids=lambda key: str(key.algorithm))
@pytest.mark.parametrize(
    ("role", "sub"), [("driver", "José da Silva"), ("operator", "o"), ("node", "server1"), ("reader", "r")]
)
def test_a_token_says_who_it_was_signed_for(key: Key, role: str, sub: str) -> None:
    """And until when."""
    token = sign(key, Grant("recarga", Role(role), sub), NOW_MS, 60)
    assert look_at(token) == Principal(Role(role), sub, NOW_MS + 60_000)


def test_time_is_the_nodes() -> None:
    """Expired is expired to the millisecond; a signer's clock may be a minute ahead."""
    token = sign(KEY, Grant("recarga", Role.DRIVER, "ana"), NOW_MS, 60)
    assert look_at(token, NOW_MS + 59_999).sub == "ana"
    assert look_at(token, NOW_MS - 59_000).sub == "ana"
    for then_ms, words in ((NOW_MS + 60_000, "expired"), (NOW_MS - 61_000, "future")):
        with pytest.raises(Unauthenticated, match=words):
            look_at(token, then_ms)


WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "somebody"},
    "another cluster": {"aud": "other"},
    "several clusters of which none is this": {"aud": ["a", "b"]},
    "no audience": {"aud": None},
    "no expiry": {"exp": None},
    "an expiry that is text": {"exp": "9999999999"},
    "an expiry beyond all times": {"exp": 1e300},
    "an expiry before 1970": {"exp": -5},
    "no name": {"sub": None},
    "an empty name": {"sub": ""},
    "a name that is a number": {"sub": 5},
    "a name with a line break": {"sub": "ana\nbob"},
    "a very long name": {"sub": "a" * 101},
    "no role": {"role": None},
    "an unknown role": {"role": "root"},
    "a guest": {"role": "guest"},
    "a role that is a list": {"role": ["operator"]},
    "a node that is no node": {"role": "node", "sub": "Server 1"},
    "no serial": {"jti": None},
    "no date": {"iat": None},
    "a date that is text": {"iat": "now"},
    "from tomorrow": {"iat": NOW_MS // 1000 + 86_400},
    "not before tomorrow": {"nbf": NOW_MS // 1000 + 86_400},
    "expired": {"exp": NOW_MS // 1000 - 1},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS.keys())
def test_a_signature_alone_is_not_enough(claims: dict[str, Any]) -> None:
    """Also with the right key: every claim counts."""
    assert look_at(forged()).sub == "ana"
    with pytest.raises(Unauthenticated):
        look_at(forged(claims))


def test_no_algorithm_is_none() -> None:
    """RFC 8725, 2.1: ``alg: none``, in any spelling, with a key's name or without."""
    claims = jwt.decode(forged(), options={"verify_signature": False})
    for alg in ("none", "None", "NONE", "nOnE", ""):
        for kid in ({}, {"kid": KEY.kid}):
            with pytest.raises(Unauthenticated):
                look_at(by_hand({"alg": alg, "typ": "JWT"} | kid, claims))


def test_a_public_key_is_no_secret() -> None:
    """Algorithm confusion: the public half, used as an HMAC secret, in every form that one has it in."""
    claims = jwt.decode(forged(), options={"verify_signature": False})
    public = public_half(JWK)
    assert public is not None
    raw = base64.urlsafe_b64decode(public["x"] + "==")
    for secret in (raw, public["x"].encode(), orjson.dumps(public)):
        unsigned = by_hand({"alg": "HS256", "kid": KEY.kid}, claims).rpartition(".")[0]
        signature = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
        with pytest.raises(Unauthenticated, match="algorithm"):
            look_at(by_hand({"alg": "HS256", "kid": KEY.kid}, claims, signature))


def test_a_key_that_comes_with_the_token_is_not_looked_at() -> None:
    """RFC 8725, 3.10: ``jwk``, ``jku`` and ``x5u`` in a header are the attacker's own words."""
    own = read_keys(orjson.dumps({"keys": [new_key(Algorithm.EDDSA)]}), "own").keys[0]
    for header in ({"jwk": public_half(JWK)}, {"jku": "http://127.0.0.1/keys"}, {"x5u": "http://127.0.0.1/"}):
        with pytest.raises(Unauthenticated):
            look_at(forged(key=own, header=header))
        with pytest.raises(Unauthenticated):
            look_at(forged(key=own, header=header | {"kid": KEY.kid}))


@pytest.mark.parametrize("kid", ["", "unknown", "../../../dev/null", "' or 1=1 --", 5, None, {"a": 1}])
def test_the_name_of_a_key_is_a_name_and_no_path(kid: Any) -> None:
    """It is looked up, and nothing else is done with it."""
    with pytest.raises(Unauthenticated):
        look_at(by_hand({"alg": "EdDSA", "kid": kid}, {}))


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b.c", "é.é.é", "x" * 10_000, "\x00", "=.=.=", forged() + "x", forged()[:-2], forged() + "."],
)
def test_what_is_no_token_is_refused(text: str) -> None:
    """Never a server error."""
    with pytest.raises(Unauthenticated):
        look_at(text)


def test_a_deeply_nested_header_is_no_way_to_break_the_parser() -> None:
    """Python's JSON reader raises ``RecursionError`` there."""
    header = base64.urlsafe_b64encode(b'{"kid":' + b"[" * 2_000 + b"]" * 2_000 + b"}").rstrip(b"=").decode()
    with pytest.raises(Unauthenticated):
        look_at(f"{header}.e30.e30"[:4_000])


def test_every_changed_character_is_noticed() -> None:
    """In header, claims and signature."""
    token = forged()
    for at in range(0, len(token), 7):
        if token[at] != ".":
            with pytest.raises(Unauthenticated):
                look_at(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :])


@pytest.mark.parametrize(
    ("role", "sub", "lifetime_s"),
    [("node", "Server 1", 60), ("driver", "", 60), ("guest", "g", 60), ("driver", "a", 0), ("driver", "a", 10**9)],
)
def test_what_would_not_be_believed_is_not_signed(role: str, sub: str, lifetime_s: int) -> None:
    """``recarga token`` says so at once."""
    with pytest.raises(ConfigError):
        sign(KEY, Grant("recarga", Role(role), sub), NOW_MS, lifetime_s)
