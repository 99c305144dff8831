"""When land was first built up, from land cover of several years."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster
from spatial.parameters import parameter
from spatial.text import Message, Value

_NEVER = int(np.iinfo(np.uint16).max)
_NAMED = 20


def first_built_from_cover(
    series: Sequence[tuple[int, Raster]],
    built_codes: frozenset[int],
    *,
    ledger: Ledger,
    layer: str = "growth",
    grid_apart_pct: float = parameter("cover_grid_apart_pct"),
) -> Raster:
    """The first year of the series in which each cell is built up: kind "years", 65535 (its nodata) for never.

    The first year of the series means "by then". A cell that is built up in one year counts as built up ever after:
    where a later year shows it otherwise, that is noise of the classification more often than land that was cleared,
    and the ledger counts it beside the growth that is measured. A year in which a cell has no data says nothing of
    that cell: it may have been built up earlier than the year found, or unnoticed.

    Parameters
    ----------
    series : years, strictly ascending, and land cover of each (kind "classes"), all on one grid.
    built_codes : the classes that are built-up land.
    grid_apart_pct : grids are one where their corners lie apart by less than this share of a cell's width.

    Raises
    ------
    InputError : fewer than two years, years that do not ascend or cannot be years, rasters of another kind, grids that
        differ, or classes of which none is built-up land.
    """
    _check(series, grid_apart_pct)
    first = np.full(series[0][1].values.shape, _NEVER, dtype=np.uint16)
    lost, gaps = np.zeros(first.shape, dtype=bool), np.zeros(first.shape, dtype=bool)
    blank = np.ones(first.shape, dtype=bool)
    by_year = []
    for year, raster in series:
        valid = raster.valid
        built = valid & np.isin(raster.values, sorted(built_codes))
        lost |= (first != _NEVER) & valid & ~built
        gaps |= ~valid
        blank &= ~valid
        first[built & (first == _NEVER)] = year
        by_year.append(int((first != _NEVER).sum()))
    _refuse_unbuilt(series, built_codes, by_year[-1])
    years = [year for year, _ in series]
    said = tuple(f"{year}: {cells:,}" for year, cells in zip(years, by_year, strict=True))
    ledger.record(layer, "estimated", Message("growth.cover_built", {"years": said}), count=by_year[-1])
    _note_gaps(gaps, blank, ledger, layer)
    _note_noise(int(lost.sum()), by_year, years[0], ledger, layer)
    cover = series[0][1]
    return Raster(first, cover.transform, cover.crs, _NEVER, "years")


def _check(series: Sequence[tuple[int, Raster]], apart_pct: float) -> None:
    years = [year for year, _ in series]
    if len(years) < 2:
        raise InputError(Message("growth.cover_one_year", {"years": tuple(years) or ("–",)}))
    problems = Problems()
    earliest, latest = parameter("raster_year_first"), parameter("raster_year_last")
    ascending = all(one < next for one, next in pairwise(years))
    if not ascending or not all(earliest <= year <= latest for year in years):
        values: dict[str, Value] = {"years": tuple(years), "earliest": earliest, "latest": latest}
        problems.add(Message("growth.cover_years", values))
    first_year, first = series[0]
    for year, raster in series:
        if raster.kind != "classes":
            problems.add(Message("growth.cover_kind", {"year": year, "found": raster.kind}))
        difference = _grid_difference(first, raster, apart_pct)
        if difference is not None:
            problems.add(Message("growth.cover_grid", {"year": year, "first": first_year, "difference": difference}))
    problems.raise_if_any(InputError)


def _grid_difference(first: Raster, other: Raster, apart_pct: float) -> Message | None:
    """How the grids of two rasters differ; None where they are one."""
    if other.crs != first.crs:
        return Message("growth.cover_crs", {"found": other.crs.name, "expected": first.crs.name})
    if other.values.shape != first.values.shape:
        sizes = [" × ".join(map(str, raster.values.shape[::-1])) for raster in (other, first)]
        return Message("growth.cover_size", {"found": sizes[0], "expected": sizes[1]})
    rows, columns = first.values.shape
    corners = np.array([(0, 0, 1), (columns, 0, 1), (0, rows, 1), (columns, rows, 1)], dtype=float).T
    here, there = (np.array(tuple(raster.transform), dtype=float).reshape(3, 3) for raster in (first, other))
    apart = float(np.abs(np.linalg.solve(here, there @ corners) - corners).max())
    if 100 * apart < apart_pct:
        return None
    return Message("growth.cover_apart", {"cells": apart})


def _refuse_unbuilt(series: Sequence[tuple[int, Raster]], built_codes: frozenset[int], built: int) -> None:
    """Where no cell of any year is built up, the codes are most likely those of another scheme."""
    if built:
        return
    codes = np.unique(np.concatenate([np.unique(raster.values[raster.valid]) for _, raster in series]))
    found = tuple(int(code) for code in codes[:_NAMED]) or ("–",)
    raise InputError(Message("growth.cover_no_built", {"codes": tuple(sorted(built_codes)) or ("–",), "found": found}))


def _note_gaps(gaps: np.ndarray, blank: np.ndarray, ledger: Ledger, layer: str) -> None:
    some, none = int((gaps & ~blank).sum()), int(blank.sum())
    if some:
        said = {"count": some, "percent": 100 * some / gaps.size}
        ledger.record(layer, "warned", Message("growth.cover_gaps", said), count=some)
    if none:
        said = {"count": none, "percent": 100 * none / gaps.size}
        ledger.record(layer, "warned", Message("growth.cover_blank", said), count=none)


def _note_noise(lost: int, by_year: Sequence[int], first_year: int, ledger: Ledger, layer: str) -> None:
    """Say how much land the series builds up and takes back, beside the growth that it measures."""
    if not lost:
        return
    grown = by_year[-1] - by_year[0]
    said = {"count": lost, "percent": 100 * lost / by_year[-1], "grown": grown, "year": first_year}
    ledger.record(layer, "imputed", Message("growth.cover_lost", said), count=lost)
    if lost >= grown:
        ledger.record(layer, "warned", Message("growth.cover_noise", {"lost": lost, "grown": grown}), count=lost)
