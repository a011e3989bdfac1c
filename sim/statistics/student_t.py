"""Student's t distribution: its distribution function and its quantiles.

A library would bring 100 MB for this one function. The incomplete beta function is the continued fraction of DLMF 8.17.22
(https://dlmf.nist.gov/8.17.v), evaluated as Lentz does; the tests compare with printed tables and exact cases.
"""

from functools import lru_cache
from math import exp, lgamma, log, log1p, sqrt

_TINY = 1e-300
_TERMS_MAX = 10_000
_CLOSE = 1e-15
_HALVINGS = 200
"""Of an interval of a few millions: down to the last bit."""


def cdf(t: float, df: float) -> float:
    """Return the probability of a value of at most ``t``, with ``df`` > 0 degrees of freedom (not whole, if need be)."""
    if df <= 0:
        raise ValueError(f"expected degrees of freedom above 0, found {df}")
    tail = 0.5 * _incomplete_beta(df / 2, 0.5, df / (df + t * t))
    return 1 - tail if t > 0 else tail


@lru_cache(maxsize=1_000)
def quantile(share: float, df: float) -> float:
    """Return the value that a share (0 to 1, both excluded) of all values do not exceed."""
    if not 0 < share < 1:
        raise ValueError(f"expected a share between 0 and 1, found {share}")
    if share < 0.5:
        return -quantile(1 - share, df)
    low, high = 0.0, 1.0
    while cdf(high, df) < share:
        low, high = high, high * 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if cdf(middle, df) < share else (low, middle)
    return high if cdf(low, df) < share else low


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast on the other side
        return 1 - _incomplete_beta(b, a, 1 - x)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    return front * _fraction(a, b, x)


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _TERMS_MAX):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _kept(1 + term * d)
            c = _kept(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _CLOSE:
            break
    return value


def _kept(value: float) -> float:
    """Return the value, but nothing that cannot be divided by."""
    return value if abs(value) > _TINY else _TINY


def half_width(standard_deviation: float, count: int, confidence: float) -> float:
    """Return the half width of the interval around a mean of ``count`` >= 2 values."""
    return quantile((1 + confidence) / 2, count - 1) * standard_deviation / sqrt(count)
