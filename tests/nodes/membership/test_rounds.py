"""Whom to ask: everybody in turn."""

from nodes.membership.rounds import Rounds


def test_everybody_is_asked_once_in_a_round() -> None:
    """SWIM's bound on how long a dead node goes unnoticed."""
    rounds, nodes = Rounds("a"), list("bcdefg")
    for _ in range(3):
        assert sorted(str(rounds.next(lambda: nodes, lambda _: True)) for _ in nodes) == nodes


def test_who_was_heard_just_now_is_passed_over() -> None:
    """An idle network should cost little."""
    rounds = Rounds("a")
    assert rounds.next(lambda: ["b", "c"], lambda node_id: node_id == "c") == "c"
    assert rounds.next(lambda: ["b", "c"], lambda node_id: node_id == "c") == "c"
    assert rounds.next(lambda: ["b", "c"], lambda _: False) is None
    assert rounds.next(list, lambda _: True) is None


def test_nodes_do_not_all_ask_the_same_one_first() -> None:
    """They start together, after a power cut say."""
    nodes = [f"n{number}" for number in range(20)]
    firsts = {Rounds(node_id).next(lambda: nodes, lambda _: True) for node_id in nodes}
    assert len(firsts) > 5
