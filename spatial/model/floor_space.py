"""A declared table of floor space: how much of a plan's floor is built and in use, and how many people it holds."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spatial.errors import InputError, Problems
from spatial.text import Message, Value

Quantity: TypeAlias = Literal["m2_per_resident", "m2_per_job", "share_built", "occupancy"]

PER_HEAD: tuple[Quantity, ...] = ("m2_per_resident", "m2_per_job")
SHARES: tuple[Quantity, ...] = ("share_built", "occupancy")
EVERY_USE = "all"
"""The use whose shares hold for every use that does not state its own."""


@dataclass(frozen=True)
class Factor:
    """One row of the table: a quantity of one use, as low, central and high value, and where it comes from.

    Parameters
    ----------
    use : a class of the urban scheme, or "all" (shares only).
    quantity : m2_per_resident and m2_per_job: gross floor area (outer walls, stairs and shared rooms included) for
        each resident or job, in m², over all floor of the use, and not over the part that is lived or worked in.
        share_built: the part (0–1) of the floor area that the plan allows which is built. occupancy: the part
        (0–1) of the built floor area that is in use.
    low, central, high : m², or a share of 0–1.
    source, place, year : where the values were found, which place they describe, and of when; place and year may be "".
    """

    use: str
    quantity: Quantity
    low: float
    central: float
    high: float
    source: str
    place: str = ""
    year: str = ""

    @property
    def cited(self) -> str:
        """The source with its place and year."""
        described = " ".join(part for part in (self.place, self.year) if part)
        return f"{self.source} ({described})" if described else self.source


@dataclass(frozen=True)
class FloorSpaceTable:
    """What one table of floor space declares.

    A use that holds residents or jobs states the share that is built and the occupancy too, or "all" does. A use that
    states neither m² per resident nor m² per job holds nobody: that is declared, and so it is known.

    Parameters
    ----------
    name : the file's name, for messages.

    Raises
    ------
    InputError : values that cannot be, a use without its shares, or no use that holds anybody.
    """

    name: str
    factors: tuple[Factor, ...]

    def __post_init__(self) -> None:
        problems = Problems()
        for factor in self.factors:
            for fault in factor_faults(factor, self.name):
                problems.add(fault)
        for fault in missing_shares(((factor.use, factor.quantity) for factor in self.factors), self.name):
            problems.add(fault)
        if not any(self.states(quantity) for quantity in PER_HEAD):
            problems.add(Message("floor_space.nobody", {"path": self.name}))
        problems.raise_if_any(InputError)

    @property
    def uses(self) -> tuple[str, ...]:
        """The uses that the table names, in its order, without "all"."""
        return tuple(dict.fromkeys(factor.use for factor in self.factors if factor.use != EVERY_USE))

    def factor(self, use: str, quantity: Quantity) -> Factor | None:
        """What the table says of a use; of shares that it does not state itself, what it says of all uses."""
        known = {(factor.use, factor.quantity): factor for factor in self.factors}
        every = known.get((EVERY_USE, quantity)) if quantity in SHARES else None
        return known.get((use, quantity), every)

    def states(self, quantity: Quantity) -> bool:
        """Whether any use states the quantity."""
        return any(factor.quantity == quantity for factor in self.factors)


def factor_faults(factor: Factor, table: str) -> list[Message]:
    """Why a row cannot be: not in order, no area, or no share."""
    said: dict[str, Value] = {
        "path": table,
        "use": factor.use,
        "quantity": factor.quantity,
        "low": factor.low,
        "central": factor.central,
        "high": factor.high,
    }
    values = (factor.low, factor.central, factor.high)
    faults = []
    if not factor.low <= factor.central <= factor.high:
        faults.append(Message("floor_space.order", said))
    if factor.quantity in PER_HEAD and not all(math.isfinite(value) and value > 0 for value in values):
        faults.append(Message("floor_space.not_positive", said))
    if factor.quantity in SHARES and not all(0 <= value <= 1 for value in values):
        faults.append(Message("floor_space.no_share", said))
    return faults


def missing_shares(declared: Iterable[tuple[str, str]], table: str) -> list[Message]:
    """One fault for each use that holds people but does not state which part is built, or in use.

    Parameters
    ----------
    declared : use and quantity of each row.
    """
    stated = set(declared)
    faults = []
    for use in sorted({use for use, quantity in stated if quantity in PER_HEAD and use != EVERY_USE}):
        missing = tuple(share for share in SHARES if not {(use, share), (EVERY_USE, share)} & stated)
        if missing:
            faults.append(Message("floor_space.missing_shares", {"path": table, "use": use, "missing": missing}))
    return faults
