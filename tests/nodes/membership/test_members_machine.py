"""Whatever nodes do, and in whatever order they talk: once all that live have talked, they believe the same, and right."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from nodes.errors import StaleEpoch
from nodes.tidings import NodeState
from tests.nodes.membership.nodes_meeting import Believer, restarted

NODES = list("abcd")
PAIRS = st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)).filter(lambda pair: pair[0] != pair[1])


class Talk(RuleBasedStateMachine):
    """Four nodes that talk, suspect, bury, remove and restart; ``past`` holds processes that were replaced."""

    @initialize()
    def begin(self) -> None:
        self.live = {node_id: Believer(node_id) for node_id in NODES}
        self.past: list[Believer] = []
        self.highest: dict[tuple[str, int, str], tuple[int, int, int]] = {}

    @rule(pair=PAIRS)
    def talk(self, pair: tuple[str, str]) -> None:
        self.live[pair[0]].talk(self.live[pair[1]])

    @rule(pair=PAIRS)
    def suspect(self, pair: tuple[str, str]) -> None:
        self.live[pair[0]].suspect(pair[1])

    @rule(pair=PAIRS, off=st.integers(-1, 1))
    def hear_the_broker_lost_it(self, pair: tuple[str, str], off: int) -> None:
        believer = self.live[pair[0]]
        believer.members.lose(pair[1], max(0, self.live[pair[1]].members.claim.epoch + off), believer.now)

    @rule(node_id=st.sampled_from(NODES), seconds=st.sampled_from([1, 60, 600]))
    def wait(self, node_id: str, seconds: int) -> None:
        self.live[node_id].wait(seconds)

    @rule(pair=PAIRS)
    def remove(self, pair: tuple[str, str]) -> None:
        believer = self.live[pair[0]]
        if pair[1] in believer.nodes:
            gone = believer.state(pair[1]) not in (NodeState.ALIVE, NodeState.SUSPECT)
            assert believer.members.remove(pair[1], believer.now) == gone

    @rule(node_id=st.sampled_from(NODES), farewell=st.booleans())
    def restart(self, node_id: str, farewell: bool) -> None:
        old = self.live[node_id]
        if farewell:
            old.members.depart()
            old.talk(self.live[NODES[(NODES.index(node_id) + 1) % len(NODES)]])
        self.past.append(old)
        self.live[node_id] = restarted(old)

    @rule(data=st.data(), to=st.sampled_from(NODES))
    def a_past_process_talks(self, data: st.DataObject, to: str) -> None:
        """Nobody who has met its successor listens."""
        talkers = [old for old in self.past if old.id != to]
        if talkers:
            old = data.draw(st.sampled_from(talkers))
            met = self.live[to].members.met(old.id)
            try:
                old.tell(self.live[to])
            except StaleEpoch:
                assert met > old.members.claim.epoch
            else:
                assert met <= old.members.claim.epoch

    @invariant()
    def no_belief_goes_back(self) -> None:
        for node_id, believer in self.live.items():
            for other in believer.nodes:
                key, order = (node_id, believer.members.claim.epoch, other), believer.order(other)
                assert order >= self.highest.get(key, (0, 0, 0))
                self.highest[key] = order

    def teardown(self) -> None:
        """Healed: all talk to all, some rounds, and agree."""
        if not hasattr(self, "live"):
            return
        for _ in range(4):
            for one in NODES:
                for other in NODES:
                    if one != other:
                        self.live[one].talk(self.live[other])
        fingerprints = {believer.members.roster.text for believer in self.live.values()}
        assert len(fingerprints) == 1
        for believer in self.live.values():
            for other in self.live.values():
                if other is not believer:
                    node = believer.nodes[other.id]
                    assert (node.state, node.epoch) == (NodeState.ALIVE, other.members.claim.epoch)


Talk.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestTalk = Talk.TestCase
