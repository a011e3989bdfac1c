"""Verified tokens are remembered, no longer than they count and no more than a bound; keys come and go meanwhile."""

import logging
import os
import time
from pathlib import Path

import pytest

from nodes.auth.authenticator import OWN_TOKEN_S, Authenticator
from nodes.auth.key_file import FixedKeys, KeyFile
from nodes.auth.keys import public_half
from nodes.errors import ConfigError, Unauthenticated
from nodes.principal import Role
from tests.nodes.auth.ring import Ring
from tests.nodes.manual_clock import ManualClock


@pytest.fixture
def ring(tmp_path: Path) -> Ring:
    return Ring(tmp_path / "keys.json")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(time.time_ns() // 1_000_000)


def authenticator(ring: Ring, clock: ManualClock, remembered_max: int = 100) -> Authenticator:
    source = KeyFile(ring.path, clock)
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
        KeyFile(ring.path, clock)
    with pytest.raises(ConfigError, match="private half"):
        FixedKeys(ring.path.read_text())


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


def test_a_file_that_is_not_there_or_no_file_is_said(tmp_path: Path, clock: ManualClock) -> None:
    """At the start, with exit code 2."""
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(ConfigError, match=str(path)):
            KeyFile(path, clock)
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        os.truncate(file.fileno(), 10_000_000)
    with pytest.raises(ConfigError, match="larger"):
        KeyFile(large, clock)
