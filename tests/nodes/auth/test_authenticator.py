"""Verified tokens are remembered, no longer than they count and no more than a bound; keys come and go meanwhile."""

import logging
import os
import time
from pathlib import Path

import orjson
import pytest

from nodes.auth.algorithm import Algorithm
from nodes.auth.authenticator import OWN_TOKEN_S, Authenticator
from nodes.auth.key_file import FixedKeys, KeyFile
from nodes.auth.keys import new_key, public_half, read_keys
from nodes.auth.tokens import Grant, sign, unverified_claims
from nodes.errors import ConfigError, Unauthenticated
from nodes.principal import Role
from tests.nodes.auth.ring import Ring
from tests.nodes.manual_clock import ManualClock

SIGNER = (Role.NODE, "server1")


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return Ring(tmp_path / "keys.json")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(time.time_ns() // 1_000_000)


def authenticator(ring: Ring, clock: ManualClock, remembered_max: int = 100) -> Authenticator:
    source = KeyFile(ring.path, clock, SIGNER)
    return Authenticator(source, clock, node_id="server1", cluster="recarga", remembered_max=remembered_max)


async def test_a_token_is_looked_at_once_and_counts_until_it_expires(ring: Ring, clock: ManualClock) -> None:
    """The hot path; and a remembered token ends when it says."""
    made, token = authenticator(ring, clock), ring.token(lifetime_s=10)
    assert not made.remembers(token)
    first = made.principal(token)
    assert made.remembers(token)
    assert made.principal(token) is first
    await clock.advance(12)
    for _ in range(2):
        with pytest.raises(Unauthenticated, match="expired"):
            made.principal(token)
    assert not made.remembers(token)


def test_no_more_tokens_are_remembered_than_the_bound(ring: Ring, clock: ManualClock) -> None:
    """P10. Those that do not count are not remembered at all."""
    made, tokens = authenticator(ring, clock, remembered_max=3), [ring.token(sub=f"d{n}") for n in range(5)]
    assert [made.principal(token).sub for token in tokens] == [f"d{n}" for n in range(5)]
    assert [made.remembers(token) for token in tokens] == [False, False, True, True, True]
    with pytest.raises(Unauthenticated):
        made.principal(tokens[0] + "x")
    assert not made.remembers(tokens[0] + "x")


async def test_a_key_that_is_added_counts_at_once_and_one_that_is_taken_out_no_more(
    ring: Ring, clock: ManualClock
) -> None:
    """Rotation without a restart: what is signed with the new key need not wait, and the old one's tokens end."""
    made, old = authenticator(ring, clock), ring.token()
    assert made.principal(old).sub == "ana"
    ring.add()
    assert made.principal(ring.token(sub="bob")).sub == "bob"
    assert made.principal(old).sub == "ana"
    ring.jwks.pop()
    ring.write()
    await clock.advance(1.5)
    with pytest.raises(Unauthenticated):
        made.principal(old)
    assert made.principal(ring.token(sub="bob")).sub == "bob"


@pytest.mark.parametrize("text", ["", "{", '{"keys": []}'])
async def test_a_file_that_is_half_written_changes_nothing(
    ring: Ring, clock: ManualClock, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An operator's slip does not lock everybody out; the log says it once, and not what is in the file."""
    made, token = authenticator(ring, clock), ring.token()
    ring.path.write_text(text)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            await clock.advance(1.5)
            assert made.principal(token).sub == "ana"
    assert len(caplog.records) == 1
    ring.path.unlink()
    await clock.advance(1.5)
    assert made.principal(token).sub == "ana"


async def test_keys_without_a_private_half_are_not_taken(ring: Ring, clock: ManualClock) -> None:
    """A node signs for itself: it would be a stranger to all others."""
    made = authenticator(ring, clock)
    jwk = public_half(ring.jwks[0])
    assert jwk is not None
    ring.jwks = [jwk]
    ring.write()
    await clock.advance(1.5)
    assert made.principal(made.own_token("server1")).role is Role.NODE
    with pytest.raises(ConfigError, match="private half"):
        KeyFile(ring.path, clock, SIGNER)
    with pytest.raises(ConfigError, match="private half"):
        FixedKeys(ring.path.read_text(), SIGNER)


async def test_a_nodes_own_token_is_renewed_before_it_expires(ring: Ring, clock: ManualClock) -> None:
    """Half its life before, so that a slow peer does not see it expire."""
    made = authenticator(ring, clock)
    first = made.own_token("server1")
    assert made.principal(first).sub == "server1"
    assert made.own_token("server1") is first
    await clock.advance(OWN_TOKEN_S / 2 - 5)
    assert made.own_token("server1") is first
    await clock.advance(10)
    second = made.own_token("server1")
    assert second != first
    assert made.principal(second).role is Role.NODE


def test_what_a_stranger_was_shown_counts_at_no_other_node(ring: Ring, clock: ManualClock) -> None:
    """Gossip may be forged and lead to an address of somebody who collects tokens."""
    made = authenticator(ring, clock)
    shown = made.own_token("server3")
    with pytest.raises(Unauthenticated, match="another node"):
        made.principal(shown)
    assert made.own_token("server3") is shown
    assert made.own_token("server1") != shown


async def test_a_nodes_own_token_outlives_a_new_key_and_not_its_own(ring: Ring, clock: ManualClock) -> None:
    """The others may not have the new key yet; what is signed with one that is gone counts nowhere."""
    made = authenticator(ring, clock)
    first = made.own_token("server1")
    ring.add()
    await clock.advance(1.5)
    assert made.own_token("server1") is first
    ring.jwks.pop()
    ring.write()
    await clock.advance(1.5)
    assert made.own_token("server1") != first


async def test_a_token_that_was_taken_back_ends_though_it_was_remembered(ring: Ring, clock: ManualClock) -> None:
    """By its name, or with all that its bearer had until then; what they are given later counts, and so does everybody else's."""
    made, now_s = authenticator(ring, clock), clock.now_ms() // 1000
    ana, other, bia = ring.token(age_s=5), ring.token(age_s=5), ring.token(sub="bia", age_s=5)
    reader, later = ring.token("reader", "bia", age_s=5), ring.token(sub="bia")
    assert all(map(made.counts, (ana, other, bia, reader, later)))
    claims = unverified_claims(ana)
    ring.revoked = [
        {"jti": claims["jti"], "until_s": now_s + 3_600},
        {"sub": "bia", "role": "driver", "before_s": now_s - 2, "until_s": now_s + 3_600},
    ]
    ring.write()
    await clock.advance(1.5)
    assert [made.counts(token) for token in (ana, other, bia, reader, later)] == [False, True, False, True, True]
    with pytest.raises(Unauthenticated, match="taken back"):
        made.principal(ana)
    ring.revoked = []
    ring.write()
    await clock.advance(1.5)
    assert made.counts(ana)


async def test_a_node_whose_tokens_were_taken_back_signs_new_ones(ring: Ring, clock: ManualClock) -> None:
    """Else it would be a stranger to the others for as long as it keeps what it has."""
    made = authenticator(ring, clock)
    first = made.own_token("server1")
    ring.revoked = [{"sub": "server1", "before_s": clock.now_ms() // 1000 + 1, "until_s": 2**33}]
    ring.write()
    await clock.advance(1.5)
    assert not made.counts(first)
    assert made.counts(made.own_token("server1"))


async def test_a_key_signs_for_whom_it_is_limited_to(ring: Ring, clock: ManualClock) -> None:
    """Whatever its holder writes into a token: the signature is right, and counts for nothing."""
    ring.jwks.append(new_key(Algorithm.EDDSA, [Role.NODE], "server2"))
    ring.write()
    made = authenticator(ring, clock)
    stolen = read_keys(orjson.dumps({"keys": ring.jwks[1:]}), "stolen").keys[0]
    for role, sub, counts in (
        ("node", "server2", True),
        ("node", "server1", False),
        ("operator", "server2", False),
        ("driver", "ana", False),
    ):
        assert made.counts(sign(stolen, Grant("recarga", Role(role), sub), clock.now_ms(), 60)) is counts, (role, sub)
    ring.jwks = [new_key(Algorithm.EDDSA, [Role.NODE], "server2")]
    ring.write()
    with pytest.raises(ConfigError, match="node server1"):
        authenticator(ring, clock)


def test_a_file_that_is_not_there_or_no_file_is_said(tmp_path: Path, clock: ManualClock) -> None:
    """At the start, with exit code 2."""
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            KeyFile(path, clock, SIGNER)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        os.truncate(file.fileno(), 10_000_000)
    with pytest.raises(ConfigError, match="larger"):
        KeyFile(large, clock, SIGNER)
