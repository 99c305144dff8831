"""The table that says how many residents and jobs a plan's floor space holds, from a CSV or Excel file."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd

from spatial.errors import InputError, Problems
from spatial.model.floor_space import (
    EVERY_USE,
    PER_HEAD,
    SHARES,
    Factor,
    FloorSpaceTable,
    Quantity,
    factor_faults,
    missing_shares,
)
from spatial.model.provenance import Ledger
from spatial.schemes.urban import BUILT_UP, UNCLASSIFIED, urban_classes
from spatial.sources.tables import FIRST_ROW, named_columns, numbers, read_table
from spatial.text import Message, Value

_LAYER = "people"
_NUMBERS = ("low", "central", "high")
_NEEDED = ("use", "quantity", *_NUMBERS, "unit", "source")
_OPTIONAL = ("place", "year")
_AREA = ("m2", "平方米")
_HEADS = {"m2_per_resident": ("resident", "person", "人"), "m2_per_job": ("job", "岗位", "人")}
_PERCENT = 100.0
_SHARE = {"ratio": 1.0, "比例": 1.0, "%": _PERCENT}


def read_floor_space_table(
    path: Path,
    *,
    ledger: Ledger,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
) -> FloorSpaceTable:
    """The declared table of floor space; nothing is assumed where it is silent.

    A file has the columns `use` (a class of the urban scheme, or "all" for shares), `quantity` (m2_per_resident,
    m2_per_job, share_built or occupancy: see `Factor` for what each is), `low`, `central`, `high`, `unit`, `source`,
    and may have `place` and `year`. Areas are gross floor area in "m²" (or "m²/resident", "m²/job"); net or usable
    floor area is refused, since a floor area ratio counts gross floor. Shares are a "ratio" (0–1) or "%".

    Parameters
    ----------
    columns : what the file calls each of its columns, for example {"use": "用途"}.
    encoding : of a CSV file, where it cannot be found out. sheet : of a workbook that has several.

    Raises
    ------
    InputError : all faults at once: a use or quantity that is not known, cells that are no numbers, low above central
        or above high, an area that is not positive, a share beyond 0–1, a unit that does not belong to the quantity,
        no source, the same use and quantity twice, or a use with people that lacks a share.
    """
    whole = read_table(path, ledger=ledger, layer=_LAYER, encoding=encoding, sheet=sheet)
    table = named_columns(whole, columns or {}, path, needed=_NEEDED, optional=_OPTIONAL)
    table = table[(table != "").any(axis=1)]
    for name in ("use", "quantity"):
        table[name] = table[name].str.lower()
    problems = Problems()
    _check_words(table, path, problems)
    factors = _factors(table, path, problems)
    right = table[table["use"].isin([*known_uses(), EVERY_USE])]
    for fault in missing_shares(zip(right["use"], right["quantity"], strict=True), path.name):
        problems.add(fault)
    problems.raise_if_any(InputError)
    made = FloorSpaceTable(path.name, factors)
    uses = tuple(Message(f"land_use_class.{use}") for use in made.uses)
    ledger.record(_LAYER, "read", Message("floor_space.read", {"path": path.name, "uses": uses}), count=len(factors))
    return made


def known_uses() -> tuple[str, ...]:
    """The urban classes that a table may name: all but those which do not say what the land is for."""
    return tuple(use for use in urban_classes() if use not in (UNCLASSIFIED, BUILT_UP))


def _factors(table: pd.DataFrame, path: Path, problems: Problems) -> tuple[Factor, ...]:
    """The rows whose numbers and unit can be read, in m² and shares of 0–1."""
    values = np.column_stack([numbers(table[name], path, problems) for name in _NUMBERS])
    divisors = _divisors(table, values[:, -1], path, problems)
    factors = []
    for row, (low, central, high) in zip(table.to_dict("records"), values / divisors[:, None], strict=True):
        if np.isfinite((low, central, high)).all():
            text = {name: str(row.get(name, "")) for name in ("source", *_OPTIONAL)}
            quantity = cast(Quantity, row["quantity"])
            factors.append(Factor(str(row["use"]), quantity, float(low), float(central), float(high), **text))
    for factor in factors:
        for fault in factor_faults(factor, path.name):
            problems.add(fault)
    return tuple(factors)


def _check_words(table: pd.DataFrame, path: Path, problems: Problems) -> None:
    """Uses, quantities, sources, and rows that say the same thing twice."""
    use, quantity = table["use"], table["quantity"]
    every = use == EVERY_USE
    _add(~every & ~use.isin(known_uses()), use, "use", known_uses(), path, problems)
    _add(~quantity.isin([*PER_HEAD, *SHARES]), quantity, "quantity", (*PER_HEAD, *SHARES), path, problems)
    heads = every & quantity.isin(PER_HEAD)
    if heads.any():
        problems.add(Message("floor_space.people_of_all_uses", {"path": path.name, "rows": _rows(heads)}))
    blank = table["source"] == ""
    if blank.any():
        count = int(blank.sum())
        problems.add(Message("floor_space.no_source", {"path": path.name, "count": count, "rows": _rows(blank)}))
    doubled = table.duplicated(["use", "quantity"], keep=False) & (use != "") & (quantity != "")
    for name, what in dict.fromkeys(zip(use[doubled], quantity[doubled], strict=True)):
        same = _rows((use == name) & (quantity == what))
        problems.add(Message("floor_space.doubled", {"path": path.name, "use": name, "quantity": what, "rows": same}))


def _add(wrong: pd.Series, cells: pd.Series, what: str, known: tuple[str, ...], path: Path, problems: Problems) -> None:
    """One fault for the cells of a column that hold none of the known words."""
    if wrong.any():
        found = tuple(f"{row}: {cell!r}" for row, cell in zip(_rows(wrong), cells[wrong], strict=True))
        problems.add(Message(f"floor_space.unknown_{what}", {"path": path.name, "found": found, "known": known}))


def _divisors(table: pd.DataFrame, high: np.ndarray, path: Path, problems: Problems) -> np.ndarray:
    """What the numbers of each row are divided by, for m² and shares of 0–1; NaN where the unit is another."""
    divisors = np.full(len(table), np.nan)
    for n, (row, quantity, unit) in enumerate(zip(table.index, table["quantity"], table["unit"], strict=True)):
        said: dict[str, Value] = {"path": path.name, "row": int(row) + FIRST_ROW, "quantity": quantity, "found": unit}
        if quantity in SHARES:
            divisors[n] = _SHARE.get(_plain(unit), np.nan)
            if divisors[n] == _PERCENT and 0 < high[n] <= 1:
                problems.add(Message("floor_space.tiny_percent", {**said, "high": float(high[n])}))
            elif np.isnan(divisors[n]):
                problems.add(Message("floor_space.unit_of_share", said))
        elif quantity in PER_HEAD:
            area, _, head = _plain(unit).partition("/")
            if area in _AREA and head in ("", *_HEADS[quantity]):
                divisors[n] = 1.0
            else:
                problems.add(Message("floor_space.unit_of_area", said))
    return divisors


def _plain(unit: str) -> str:
    """A unit without its ways of writing: "㎡ / 人", "m²/人" and "M2/人" are one."""
    return unicodedata.normalize("NFKC", unit).replace(" ", "").lower()


def _rows(wrong: pd.Series) -> tuple[int, ...]:
    return tuple(int(row) + FIRST_ROW for row in wrong.index[wrong])
