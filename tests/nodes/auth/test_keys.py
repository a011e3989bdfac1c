"""Keys as JWK Sets: what is one, and what is none."""

from typing import Any

import orjson
import pytest

from nodes.auth.algorithm import Algorithm
from nodes.auth.keys import KEYS_MAX, new_key, public_half, read_keys
from nodes.errors import ConfigError


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
    assert keys.signing is not None
    assert keys.signing.kid == now["kid"]
    assert [keys.find(jwk["kid"]) is not None for jwk in (future, now, before)] == [True] * 3
    assert keys.find("another") is None


def test_the_public_half_of_a_secret_is_nothing() -> None:
    """Who verifies with a shared secret can sign with it."""
    assert public_half(new_key(Algorithm.HS256)) is None
    assert read(public_half(new_key(Algorithm.EDDSA))).signing is None


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
