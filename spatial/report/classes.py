"""Classes of a legend: few, with round limits, in colours that people with any colour vision can tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from spatial.parameters import parameter
from spatial.report.numbers import say_value
from spatial.text import LANGUAGES

# Light to dark: neighbours differ under the three kinds of colour blindness, and all of them from the pale land.
RAMP = ("#e8d174", "#a5c27a", "#55a48a", "#2f7090", "#27386b")
ZERO_COLOUR = "#dcd7cc"
DECIMALS = 9  # what differs by less is noise of the arithmetic
_BOUNDED = {"%": 100.0, "0–1": 1.0}
_MANTISSAS = (
    (1.0, 2.0, 5.0, 10.0),
    (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0),
    tuple(np.arange(10, 101) / 10),
    tuple(np.arange(100, 1001) / 100),
)

ClassKind = Literal["zero", "value", "under", "range", "over"]


@dataclass(frozen=True)
class LegendClass:
    """One class: values from `low` up to, not including, `high` (the last class includes it)."""

    kind: ClassKind
    low: float
    high: float
    colour: str


@dataclass(frozen=True)
class Classes:
    """Classes in ascending order; none where there is no value at all."""

    classes: tuple[LegendClass, ...]

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def has_zero(self) -> bool:
        """Whether the first class is exactly zero."""
        return bool(self.classes) and self.classes[0].kind == "zero"

    @property
    def thresholds(self) -> tuple[float, ...]:
        """The lower limits of all classes but the first that is not exactly zero."""
        return tuple(c.low for c in self.classes[1 + self.has_zero :])

    def index_of(self, values: np.ndarray) -> np.ndarray:
        """The class of each value, unrounded as the results have it; −1 for NaN."""
        values = np.round(values, DECIMALS)
        found = np.searchsorted(np.asarray(self.thresholds), values, side="right")
        if self.has_zero:
            found = np.where(values == 0, 0, found + 1)
        return np.where(np.isnan(values), -1, found).astype(np.int64)


def classify(values: np.ndarray, *, unit: str, count: int = int(parameter("map_classes"))) -> Classes:
    """Classes for a map of `values`.

    Shares (%, 0–1) get equal steps from zero; other numbers round limits near their quantiles; a handful of
    distinct values one class each. Zero is a class of its own where many zones have it and none is negative.

    Parameters
    ----------
    values : one number a zone, unrounded; NaN where there is none.
    count : the most classes wanted, zero's own not counted.
    """
    known = np.round(values[np.isfinite(values)], DECIMALS)
    distinct = np.unique(known)
    if not len(distinct):
        return Classes(())
    top = _BOUNDED.get(unit)
    bounded = top is not None and distinct[0] >= 0 and distinct[-1] <= top
    if bounded and len(distinct) > 2:
        return _even(float(distinct[-1]), float(top or 0), count)
    if len(distinct) <= min(count, 3) and _read_apart(distinct, unit):
        return Classes(
            tuple(LegendClass("value", v, v, c) for v, c in zip(distinct.tolist(), colours(len(distinct)), strict=True))
        )
    apart = distinct[0] == 0 and np.mean(known == 0) >= parameter("map_zero_share")
    positive = known[known != 0] if apart else known
    ranged = _quantiles(positive, count)
    zero = (LegendClass("zero", 0.0, 0.0, ZERO_COLOUR),) if apart else ()
    return Classes(zero + ranged)


def colours(count: int) -> tuple[str, ...]:
    """`count` colours spread over the ramp; the middle one where only one is wanted."""
    if count == 1:
        return (RAMP[len(RAMP) // 2],)
    picked = np.rint(np.linspace(0, len(RAMP) - 1, count)).astype(int)
    return tuple(RAMP[i] for i in picked)


def _read_apart(distinct: np.ndarray, unit: str) -> bool:
    """Whether values still differ as readers of every language see them."""
    seen = ({say_value(value, unit, language) for value in distinct.tolist()} for language in LANGUAGES)
    return all(len(texts) == len(distinct) for texts in seen)


def _even(highest: float, top: float, count: int) -> Classes:
    """Equal steps from zero to the top of the scale, or to just above the highest value where that is far lower."""
    step = top / count
    if highest <= 2 * step:
        step = min(step, _nice_up(max(highest, top / 1000) / count))
    limits = [round(i * step, 9) for i in range(count + 1)]
    return Classes(
        tuple(LegendClass("range", a, b, c) for a, b, c in zip(limits, limits[1:], colours(count), strict=False))
    )


def _quantiles(known: np.ndarray, count: int) -> tuple[LegendClass, ...]:
    """Round limits near the quantiles, as coarse as still keeps them apart; the outer classes are open."""
    wanted = np.quantile(known, np.arange(1, count) / count)
    best = np.empty(0)
    for mantissas in _MANTISSAS:
        limits = np.unique([nice(limit, mantissas) for limit in wanted])
        limits = limits[(limits > known.min()) & (limits <= known.max())]
        if len(limits) > len(best):
            best = limits
        if len(limits) == count - 1:
            break
    if not len(best):
        best = np.array([known.max()])
    shades = colours(len(best) + 1)
    first = LegendClass("under", float(known.min()), float(best[0]), shades[0])
    middle = [
        LegendClass("range", float(a), float(b), c) for a, b, c in zip(best[:-1], best[1:], shades[1:-1], strict=True)
    ]
    return (first, *middle, LegendClass("over", float(best[-1]), float(known.max()), shades[-1]))


def nice(value: float, mantissas: tuple[float, ...] = _MANTISSAS[1]) -> float:
    """The nearest number of the form mantissa × 10^n."""
    if value == 0:
        return 0.0
    scale = 10.0 ** np.floor(np.log10(abs(value)))
    nearest = min(mantissas, key=lambda m: abs(m - abs(value) / scale))
    return float(f"{np.sign(value) * nearest * scale:.6g}")


def _nice_up(value: float) -> float:
    """The smallest number of the form (1, 2, 2.5, 4, 5) × 10^n that is not below `value`."""
    scale = 10.0 ** np.floor(np.log10(value))
    above = next(m for m in (1.0, 2.0, 2.5, 4.0, 5.0, 10.0) if m * scale >= value * (1 - 1e-12))
    return float(f"{above * scale:.6g}")
