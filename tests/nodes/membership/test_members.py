"""Beliefs: who does not answer is suspected, whoever is suspected can refute, and only a node itself brings in its epoch."""

import pytest

from nodes.errors import StaleEpoch
from nodes.gossip.reason import Reason, ReasonCode
from nodes.membership.suspicion import suspicion_s
from nodes.tidings import NodeState
from tests.nodes.membership.nodes_meeting import LIMITS, Believer, claim, restarted


def two() -> tuple[Believer, Believer]:
    one, other = Believer("a"), Believer("b")
    one.talk(other)
    return one, other


def test_nodes_that_meet_know_each_other() -> None:
    """No broker is needed."""
    one, other = two()
    assert (one.state("b"), other.state("a")) == (NodeState.ALIVE, NodeState.ALIVE)
    assert one.nodes["b"].url == "http://b:9000"
    assert one.members.roster.text == other.members.roster.text


def test_a_newcomer_learns_of_all_through_one_peer() -> None:
    """A node joins by being pointed at one peer."""
    one, other = two()
    newcomer = Believer("c")
    newcomer.talk(one)
    assert newcomer.state("b") is NodeState.ALIVE
    assert newcomer.nodes["b"].url == "http://b:9000"
    one.talk(other)
    assert other.state("c") is NodeState.ALIVE


def test_who_does_not_answer_is_suspected_and_then_dead_and_the_reason_says_so() -> None:
    """An operator reads the reason at night."""
    one, _ = two()
    one.members.fail("b", 2, one.now)
    assert (one.state("b"), str(one.nodes["b"].reason)) == (NodeState.SUSPECT, "no answer to a probe, 2 indirect")
    since_ms = one.nodes["b"].since_ms
    one.wait(suspicion_s(2, 0, LIMITS) - 1)
    one.members.fail("b", 1, one.now)
    assert (one.state("b"), one.nodes["b"].since_ms) == (NodeState.SUSPECT, since_ms)
    one.wait(1)
    assert (one.state("b"), str(one.nodes["b"].reason)) == (NodeState.DEAD, "no answer to 2 probes, 3 indirect")
    assert one.changes[-2:] == [("b", NodeState.SUSPECT), ("b", NodeState.DEAD)]


def test_a_suspect_refutes_when_it_hears_of_it_and_all_believe_it() -> None:
    """Its incarnation is its own to raise, so nobody else can clear it, and nobody need."""
    one, other = two()
    third = Believer("c")
    third.talk(one)
    one.suspect("b")
    one.tell(third)
    assert third.state("b") is NodeState.SUSPECT
    assert "b" in third.doubted
    one.talk(other)
    assert (one.state("b"), one.nodes["b"].incarnation) == (NodeState.ALIVE, 1)
    assert "a" in other.doubted
    one.tell(third)
    assert third.state("b") is NodeState.ALIVE


@pytest.mark.parametrize("state", [NodeState.DEAD, NodeState.LEFT, NodeState.REMOVED])
def test_whoever_lives_refutes_its_death_farewell_and_removal(state: NodeState) -> None:
    """Whoever was only cut off is known again when it is heard; an operator may have been wrong."""
    one, other = two()
    one.members.hear(claim("b", state), "x", one.now)
    assert one.state("b") is state
    one.talk(other)
    assert one.state("b") is NodeState.ALIVE


def test_nobody_is_forked_by_hearsay() -> None:
    """Then one message could take a node out of the network: everybody finds out for himself."""
    one, _ = two()
    one.members.hear(claim("b", NodeState.FORKED, incarnation=5), "x", one.now)
    assert (one.state("b"), one.nodes["b"].shown[0]) == (NodeState.ALIVE, NodeState.ALIVE)


def test_a_suspicion_does_not_clear_an_old_copy() -> None:
    """Only its own word does: it is shown, and refused, until it is dead."""
    one, _ = two()
    one.nodes["b"].forked = "it says so itself"
    one.suspect("b")
    assert one.nodes["b"].shown == (NodeState.FORKED, Reason(ReasonCode.OLD_HISTORY, detail="it says so itself"))
    one.wait(600)
    assert one.nodes["b"].shown[0] is NodeState.DEAD


def test_a_restart_beats_all_that_was_said_of_earlier_epochs() -> None:
    """Its incarnation begins anew, its epoch is higher; news of an old death changes nothing."""
    one, other = two()
    one.suspect("b")
    one.talk(other)
    one.wait(10)
    one.suspect("b")
    one.wait(600)
    assert one.state("b") is NodeState.DEAD
    assert (one.nodes["b"].epoch, one.nodes["b"].incarnation) == (1, 1)
    again = restarted(other)
    again.talk(one)
    assert (one.state("b"), one.nodes["b"].epoch, one.nodes["b"].incarnation) == (NodeState.ALIVE, 2, 0)
    one.members.hear(claim("b", NodeState.DEAD, epoch=1, incarnation=9), "x", one.now)
    assert one.state("b") is NodeState.ALIVE


def test_whoever_was_met_at_a_higher_epoch_is_not_met_at_a_lower_one() -> None:
    """An old process of a node that has moved, or an old message."""
    one, other = two()
    restarted(other).talk(one)
    with pytest.raises(StaleEpoch) as refused:
        other.tell(one)
    assert refused.value.epoch == 2
    with pytest.raises(StaleEpoch):
        one.members.check_sender("b", 1, one.now)
    one.members.check_sender("b", 2, one.now)


def test_whoever_was_never_met_is_not_believed_to_be_there_at_epoch_0_either() -> None:
    """No node has it; a stranger may say so, and is not known before it has answered."""
    one, _ = two()
    assert not one.members.meet(claim("z", epoch=0), one.now, answered=False)
    assert "z" not in one.nodes


def test_an_epoch_that_is_only_told_of_refuses_nobody() -> None:
    """P6: it takes a meeting, so that no forged gossip and no hearsay can lock a node out."""
    one, other = two()
    one.members.hear(claim("b", epoch=7), "x", one.now)
    one.members.check_sender("b", 1, one.now)
    one.talk(other)


def test_a_last_will_is_a_hint() -> None:
    """The broker drops clients for many reasons; who lives says so when it is asked, at once."""
    one, other = two()
    one.doubted.clear()
    one.members.lose("b", 1, one.now)
    assert (one.state("b"), one.doubted) == (NodeState.SUSPECT, ["b"])
    one.talk(other)
    assert one.state("b") is NodeState.ALIVE


@pytest.mark.parametrize("epoch", [0, 2])
def test_a_will_of_another_epoch_makes_nobody_suspect(epoch: int) -> None:
    """It is retained, heard by every newcomer, and easily forged. To ask costs nothing."""
    one, _ = two()
    one.members.lose("b", epoch, one.now)
    assert one.state("b") is NodeState.ALIVE


def test_who_says_farewell_has_left() -> None:
    """By gossip or by ping; and its points are nobody's to promise."""
    one, other = two()
    one.members.leave("b", 2, one.now)
    assert one.state("b") is NodeState.ALIVE
    other.members.depart()
    other.tell(one)
    assert one.state("b") is NodeState.LEFT
    third = Believer("c")
    one.tell(third)
    assert third.state("b") is NodeState.LEFT
    third.talk(other)
    assert other.members.claim.state is NodeState.LEFT


def test_only_who_is_not_there_is_removed() -> None:
    """A removal while it lives would come undone at once."""
    one, _ = two()
    assert not one.members.remove("b", one.now)
    one.suspect("b")
    assert not one.members.remove("b", one.now)
    one.wait(600)
    assert one.members.remove("b", one.now)
    third = Believer("c")
    one.tell(third)
    assert third.state("b") is NodeState.REMOVED


def test_others_who_suspect_too_shorten_the_wait() -> None:
    """Lifeguard: whoever is alone with a suspicion may be the one that is cut off."""
    one = Believer("a")
    for node_id in "bcde":
        Believer(node_id).talk(one)
    one.suspect("b")
    one.wait(suspicion_s(5, 1, LIMITS) + 1)
    assert one.state("b") is NodeState.SUSPECT
    one.members.hear(claim("b", NodeState.SUSPECT), "c", one.now)
    one.wait(0)
    assert one.state("b") is NodeState.DEAD


def test_nobody_speaks_for_others_in_its_own_name() -> None:
    """What a message says of its sender is its sender's word, not news."""
    one, _ = two()
    one.members.hear(claim("b", NodeState.DEAD), "b", one.now)
    one.members.meet(claim("b", NodeState.DEAD, epoch=9), one.now, answered=True)
    assert one.state("b") is NodeState.ALIVE


def test_an_answer_forgets_the_probes_that_failed() -> None:
    """Else the next reason counts failures of last year."""
    one, other = two()
    one.suspect("b")
    one.talk(other)
    one.suspect("b")
    assert str(one.nodes["b"].reason) == "no answer to a probe, 0 indirect"


def test_a_new_epoch_and_a_new_peer_count_when_they_have_answered() -> None:
    """Anybody may ask in another's name."""
    one, _ = two()
    assert not one.members.meet(claim("b", epoch=2), one.now, answered=False)
    assert not one.members.meet(claim("c"), one.now, answered=False)
    assert list(one.nodes) == ["b"]
    assert one.nodes["b"].epoch == 1
    assert one.members.meet(claim("b", epoch=1, incarnation=3), one.now, answered=False)
    assert one.nodes["b"].incarnation == 3
    assert one.members.meet(claim("b", epoch=2), one.now, answered=True)
    assert one.nodes["b"].epoch == 2
