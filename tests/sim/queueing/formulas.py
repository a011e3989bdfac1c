"""What queueing theory says, exactly. ``load`` is the offered load in Erlang: arrivals per mean service time."""

from itertools import accumulate
from math import exp, factorial, lgamma, log


def erlang_b(points: int, load: float) -> float:
    """Return the share that is lost where nobody waits; whatever the service distribution is (Sevastyanov, 1957)."""
    lost = 1.0
    for number in range(1, points + 1):
        lost = load * lost / (number + load * lost)
    return lost


def erlang_c(points: int, load: float) -> float:
    """Return the share that has to wait, of M/M/c."""
    lost = erlang_b(points, load)
    return lost / (1 - load / points * (1 - lost))


def mmc_wait(points: int, load: float) -> float:
    """Return the mean wait of M/M/c, in mean service times."""
    return erlang_c(points, load) / (points - load)


def mg1_wait(load: float, squared_variation: float) -> float:
    """Return the mean wait of M/G/1, in mean service times (Pollaczek, 1930; Khinchine, 1932)."""
    return load * (1 + squared_variation) / (2 * (1 - load))


def mdc_wait(points: int, load: float, states: int = 120) -> float:
    """Return the mean wait of M/D/c, in service times, after Crommelin (1932).

    Whoever is in service now has left a service time later, and who waits moves up: the number of vehicles obeys
    p[n] = P(at most c present) * poisson(n) + sum over k of p[c + k] * poisson(n - k). Iterated until it stands still.
    """
    poisson = [exp(number * log(load) - load - lgamma(number + 1)) for number in range(states)]
    present = [1.0, *([0.0] * (states - 1))]
    for _ in range(400):
        served = sum(present[: points + 1])
        waiting = present[points + 1 :]
        following = [served * poisson[number] for number in range(states)]
        for left, probability in enumerate(waiting, 1):
            for number in range(left, states):
                following[number] += probability * poisson[number - left]
        change = max(abs(one - other) for one, other in zip(present, following, strict=True))
        present = following
        if change < 1e-12:
            break
    queue = sum((number - points) * probability for number, probability in enumerate(present) if number > points)
    return queue / load


def mmc_states(points: int, load: float) -> list[float]:
    """Return the probabilities of 0 to ``points`` - 1 vehicles, and of that many or more, of M/M/c."""
    weights = [load**number / factorial(number) for number in range(points)]
    rest = load**points / factorial(points) / (1 - load / points)
    total = list(accumulate([*weights, rest]))[-1]
    return [weight / total for weight in [*weights, rest]]
