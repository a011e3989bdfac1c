"""How long a node may be suspected before it counts as dead."""

import math

from nodes.config import Limits


def confirmations_wanted(nodes: int, limits: Limits) -> int:
    """Return how many others must suspect a node too for the shortest time to do.

    As memberlist has it: two less than its ``SuspicionMult``, because two of the suspicions that it takes for granted are
    one's own; none where there are not so many others.
    """
    wanted = max(0, limits.suspicion_mult - 2)
    return wanted if nodes - 2 >= wanted else 0


def suspicion_s(nodes: int, confirmations: int, limits: Limits) -> float:
    """Return for how many seconds a node is suspected, in a network of ``nodes``, after so many others confirmed it.

    memberlist documents ``SuspicionTimeout = SuspicionMult * log(N+1) * ProbeInterval`` for its setting ``SuspicionMult``,
    so that a larger network, in which a refutation needs longer, gives it longer; it computes ``max(1, log10(N))``, and so
    does this. The longest time is ``SuspicionMaxTimeoutMult`` times that. From there it falls to the shortest with the
    logarithm of the confirmations (Lifeguard, Dadgar, Phillips and Currey 2017, section IV-B):
    ``max - (max - min) * log(C + 1) / log(K + 1)``.
    """
    shortest_s = limits.suspicion_mult * max(1.0, math.log10(max(1, nodes))) * limits.probe_interval_ms / 1000
    wanted = confirmations_wanted(nodes, limits)
    if wanted == 0:
        return shortest_s
    longest_s = shortest_s * limits.suspicion_max_mult
    share = math.log(confirmations + 1) / math.log(wanted + 1)
    return max(shortest_s, longest_s - (longest_s - shortest_s) * share)
