"""The arithmetic of the appraisal (STANDARDS 1.9), open to everybody: rates, composite, interval, and how they came.

All rates are percentages over one base: valid call-backs, and with most schemes what is overdue and unanswered. A base
of 0 gives no rate at all, neither 0 nor 100.
"""

from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Protocol

Z = 1.96  # of the 95 % interval


class Scheme(Protocol):
    """What a scheme says."""

    weight_contacted: int
    weight_solved: int
    weight_satisfied: int
    weight_whistle: int
    fair_factor: Decimal
    counts_unanswered: bool
    min_sample: int


class Counts(Protocol):
    """What an organisation's requests add up to."""

    valid: int
    unanswered: int
    contacted: int
    solved: int
    good: int
    fair: int
    marks: int
    marks_sum: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Between these percentages the true rate lies with 95 % confidence (Wilson)."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its parts: percentage, what stands above the line, what stands below."""

    value: float
    part: float
    base: int
    interval: Interval


@dataclass(frozen=True, slots=True)
class Score:
    """What a scheme makes of an organisation's counts. None: no data. `is_small`: too few to compare."""

    base: int
    response: Rate | None
    resolution: Rate | None
    satisfaction: Rate | None
    whistle: float | None
    composite: float | None
    is_small: bool


def wilson(part: float, base: int) -> Interval:
    """Return the 95 % interval of a rate in percent, by Wilson's formula; `part` may be weighted."""
    share, square = part / base, Z * Z
    middle = (share + square / (2 * base)) / (1 + square / base)
    reach = Z * sqrt(share * (1 - share) / base + square / (4 * base * base)) / (1 + square / base)
    return Interval(max(0.0, 100 * (middle - reach)), min(100.0, 100 * (middle + reach)))


def score(counts: Counts, scheme: Scheme) -> Score:
    """Return the rates of an organisation under a scheme.

    Response = contacted / base, resolution = solved / base, satisfaction = (very good + good + factor x fair) / base.
    Composite = the sum of weight x rate, on 0 to 100; the whistle's part is (mean mark - 1) / 4 and, where nobody gave
    a mark, its weight is shared among the others in their proportion. None without a base.
    """
    base = counts.valid + (counts.unanswered if scheme.counts_unanswered else 0)
    contacted = counts.contacted
    satisfied = counts.good + float(scheme.fair_factor) * counts.fair
    mark = 100 * (counts.marks_sum / counts.marks - 1) / 4 if counts.marks else None
    if base == 0:
        return Score(0, None, None, None, mark, None, is_small=True)
    response, resolution, satisfaction = (_rate(part, base) for part in (contacted, counts.solved, satisfied))
    weighted = [
        (scheme.weight_contacted, response.value),
        (scheme.weight_solved, resolution.value),
        (scheme.weight_satisfied, satisfaction.value),
    ]
    if mark is not None:
        weighted.append((scheme.weight_whistle, mark))
    weight = sum(one for one, _value in weighted)
    composite = sum(one * value for one, value in weighted) / weight if weight else None
    return Score(base, response, resolution, satisfaction, mark, composite, is_small=base < scheme.min_sample)


def _rate(part: float, base: int) -> Rate:
    return Rate(100 * part / base, part, base, wilson(part, base))
