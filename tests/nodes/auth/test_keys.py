"""Keys as JWK Sets: what is one, and what is none."""

from typing import Any

import orjson
import pytest

from nodes.auth.algorithm import Algorithm
from nodes.auth.keys import KEYS_MAX, new_key, public_half, read_keys
from nodes.errors import ConfigError
from nodes.principal import Role


def read(*jwks: Any) -> Any:
    return read_keys(orjson.dumps({"keys": list(jwks)}), "keys.json")


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_new_key_can_be_read_and_signs(algorithm: Algorithm) -> None:
    """What ``keys new`` writes is what a node takes."""
    jwk = new_key(algorithm)
    key = read(jwk).keys[0]
    assert (key.kid, key.algorithm, key.signs) == (jwk["kid"], algorithm, True)
    assert new_key(algorithm)["kid"] != jwk["kid"]


def test_the_first_key_with_a_private_half_signs_and_all_are_found() -> None:
    """A rotation: the new one's public half may be there before it signs."""
    future, now, before = (new_key(Algorithm.EDDSA) for _ in range(3))
    keys = read(public_half(future), now, before)
    signing = keys.signing(Role.DRIVER, "ana")
    assert signing is not None
    assert signing.kid == now["kid"]
    assert [keys.find(jwk["kid"]) is not None for jwk in (future, now, before)] == [True] * 3
    assert keys.find("another") is None


def test_the_public_half_of_a_secret_is_nothing() -> None:
    """Who verifies with a shared secret can sign with it."""
    assert public_half(new_key(Algorithm.HS256)) is None
    assert read(public_half(new_key(Algorithm.EDDSA))).signing(Role.NODE, "server1") is None


def test_a_limited_key_signs_for_whom_it_is_for() -> None:
    """A node's key is passed over when an operator is to get a token; one without limits signs for all."""
    ours, server1 = new_key(Algorithm.EDDSA), new_key(Algorithm.EDDSA, [Role.NODE], "server1")
    drivers = new_key(Algorithm.HS256, [Role.DRIVER, Role.READER])
    limited = read(server1, drivers)
    for role, sub, expected in (
        (Role.NODE, "server1", server1),
        (Role.NODE, "server2", None),
        (Role.OPERATOR, "server1", None),
        (Role.DRIVER, "ana", drivers),
        (Role.READER, "keeper", drivers),
    ):
        signing = limited.signing(role, sub)
        assert (signing and signing.kid) == (expected and expected["kid"])
    both = read(server1, ours)
    assert [both.signing(role, "x").kid for role in Role if role is not Role.GUEST] == [ours["kid"]] * 4
    assert public_half(server1) == {name: value for name, value in server1.items() if name != "d"}


GOOD = new_key(Algorithm.EDDSA)
SECRET = new_key(Algorithm.HS256)
WRONG: dict[str, Any] = {
    "no JSON": b"{",
    "no set": b"[]",
    "no keys": {"keys": []},
    "too many": {"keys": [new_key(Algorithm.HS256) for _ in range(KEYS_MAX + 1)]},
    "no object": {"keys": ["k"]},
    "no kid": {"keys": [{**GOOD, "kid": ""}]},
    "the same kid twice": {"keys": [GOOD, GOOD]},
    "RSA": {"keys": [{"kty": "RSA", "kid": "a", "n": "AQAB", "e": "AQAB"}]},
    "another curve": {"keys": [{**GOOD, "crv": "Ed448"}]},
    "another algorithm": {"keys": [{**GOOD, "alg": "HS256"}]},
    "no algorithm at all": {"keys": [{**SECRET, "alg": "none"}]},
    "for encryption": {"keys": [{**GOOD, "use": "enc"}]},
    "a short secret": {"keys": [{**SECRET, "k": "c2hvcnQ"}]},
    "an empty secret": {"keys": [{**SECRET, "k": ""}]},
    "a secret that is a number": {"keys": [{**SECRET, "k": 7}]},
    "limited to no role": {"keys": [{**GOOD, "recarga_roles": []}]},
    "limited to a role that there is not": {"keys": [{**GOOD, "recarga_roles": ["node", "root"]}]},
    "limited to guests": {"keys": [{**GOOD, "recarga_roles": ["guest"]}]},
    "limited in another way": {"keys": [{**GOOD, "recarga_roles": "node"}]},
    "limited to nobody": {"keys": [{**GOOD, "recarga_sub": ""}]},
    "limited to null": {"keys": [{**GOOD, "recarga_sub": None}]},
    "taken back: no list": {"keys": [GOOD], "recarga_revoked": {}},
    "taken back: nothing": {"keys": [GOOD], "recarga_revoked": [{}]},
    "taken back: no end": {"keys": [GOOD], "recarga_revoked": [{"jti": "a"}]},
    "taken back: no beginning": {"keys": [GOOD], "recarga_revoked": [{"sub": "a", "until_s": 9}]},
    "taken back: a word for a time": {"keys": [GOOD], "recarga_revoked": [{"jti": "a", "until_s": "9"}]},
    "taken back: both": {"keys": [GOOD], "recarga_revoked": [{"jti": "a", "sub": "b", "until_s": 9, "before_s": 9}]},
    "taken back: a role that there is not": {
        "keys": [GOOD],
        "recarga_revoked": [{"sub": "a", "role": "root", "until_s": 9, "before_s": 9}],
    },
    "no point on the curve": {"keys": [{**GOOD, "x": "AA"}]},
    "a key without its half": {"keys": [{name: value for name, value in GOOD.items() if name != "x"}]},
}


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG.keys())
def test_what_is_no_set_of_keys_is_said_without_repeating_it(text: Any) -> None:
    """A node does not start with half its keys, and nobody reads them in its log."""
    with pytest.raises(ConfigError) as refused:
        read_keys(text if isinstance(text, bytes) else orjson.dumps(text), "keys.json")
    assert str(refused.value).startswith("keys.json")
    for secret in (GOOD["d"], SECRET["k"], "c2hvcnQ"):
        assert secret not in str(refused.value)
    assert GOOD["d"] not in repr(read(GOOD))
