"""First built-up years from land cover of several years, by hand."""

from typing import Any

import numpy as np
import pytest
from affine import Affine
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.model.raster import Raster, RasterKind
from spatial.operations.cover_growth import first_built_from_cover
from spatial.text import LANGUAGES, render

UTM = CRS.from_epsg(32650)
GRID = Affine(30, 0, 500_000, 0, -30, 4_000_000)
BUILT = frozenset({8})
NEVER = 65535


def cover(
    *rows: list[int], transform: Affine = GRID, crs: CRS = UTM, nodata: int | None = 0, kind: RasterKind = "classes"
) -> Raster:
    return Raster(np.array(rows, dtype=np.uint8), transform, crs, nodata, kind)


def found(*series: tuple[int, Raster], ledger: Ledger | None = None) -> Raster:
    return first_built_from_cover(series, BUILT, ledger=ledger or Ledger())


def said(ledger: Ledger, key: str) -> Any:
    for language in LANGUAGES:
        assert all(render(entry.message, language) for entry in ledger.entries)
    return next((entry for entry in ledger.entries if entry.message.key == f"growth.cover_{key}"), None)


def refused(*series: tuple[int, Raster], codes: frozenset[int] = BUILT) -> tuple[list[str], str]:
    with pytest.raises(InputError) as caught:
        first_built_from_cover(series, codes, ledger=Ledger())
    assert all("{" not in caught.value.in_language(language) for language in LANGUAGES)
    return [message.key for message in caught.value.messages], str(caught.value)


def test_the_first_year_in_which_a_cell_is_built_up() -> None:
    ledger = Ledger()
    years = found(
        (2000, cover([8, 1, 1], [1, 2, 8])),
        (2010, cover([8, 8, 1], [1, 2, 8])),
        (2020, cover([8, 8, 8], [1, 2, 8])),
        ledger=ledger,
    )
    assert years.values.tolist() == [[2000, 2010, 2020], [NEVER, NEVER, 2000]]
    assert (years.nodata, years.kind, years.transform, years.crs) == (NEVER, "years", GRID, UTM)
    assert years.valid.sum() == 4
    assert [entry.message.key for entry in ledger.entries] == ["growth.cover_built"]
    built = said(ledger, "built")
    assert built.message.values["years"] == ("2000: 2", "2010: 3", "2020: 4")
    assert (ledger.entries[0].layer, built.count) == ("growth", 4)


def test_cells_that_are_taken_back_stay_built_up_and_are_counted() -> None:
    ledger = Ledger()
    years = found(
        (2000, cover([8, 1, 1, 1, 1])),
        (2010, cover([1, 8, 1, 8, 1])),
        (2020, cover([8, 1, 8, 8, 8])),
        ledger=ledger,
    )
    assert years.values.tolist() == [[2000, 2010, 2020, 2010, 2020]]
    lost = said(ledger, "lost")
    # The first cell comes back, the second does not: both were once taken back. Four are new after 2000.
    assert (lost.action, lost.count) == ("imputed", 2)
    assert lost.message.values["percent"] == pytest.approx(40)
    assert lost.message.values["grown"] == 4
    assert said(ledger, "noise") is None


def test_as_much_noise_as_growth_is_warned_of() -> None:
    ledger = Ledger()
    found((2000, cover([8, 8, 1])), (2010, cover([8, 1, 8])), ledger=ledger)
    assert said(ledger, "noise").action == "warned"
    assert "1个）不少于新增建成像元（1个）" in render(said(ledger, "noise").message, "zh")


def test_cells_without_data_are_said_and_are_not_taken_back() -> None:
    ledger = Ledger()
    years = found((2000, cover([8, 0, 0, 1])), (2010, cover([0, 8, 0, 0])), ledger=ledger)
    assert years.values.tolist() == [[2000, 2010, NEVER, NEVER]]
    gaps, blank = said(ledger, "gaps"), said(ledger, "blank")
    assert (gaps.count, gaps.message.values["percent"]) == (3, 75)
    assert (blank.count, blank.message.values["percent"]) == (1, 25)
    assert said(ledger, "lost") is None


def test_a_code_that_means_no_data_is_never_built_up() -> None:
    series = ((2000, cover([8, 1], nodata=8)), (2010, cover([1, 8], nodata=None)))
    assert found(*series).values.tolist() == [[NEVER, 2010]]


def test_rounding_of_the_grid_is_no_other_grid() -> None:
    moved = Affine(30, 0, 500_000 + 1e-4, 0, -30, 4_000_000)
    assert found((2000, cover([8, 1])), (2010, cover([8, 8], transform=moved))).values.tolist() == [[2000, 2010]]


def test_other_grids_are_refused_by_year() -> None:
    shifted = Affine(30, 0, 500_015, 0, -30, 4_000_000)
    finer = Affine(15, 0, 500_000, 0, -15, 4_000_000)
    keys, english = refused(
        (2000, cover([8, 1])),
        (2005, cover([8, 1], transform=shifted)),
        (2010, cover([8, 1], crs=CRS.from_epsg(32651))),
        (2015, cover([8, 1, 1])),
        (2020, cover([8, 1], transform=finer)),
    )
    assert keys == ["growth.cover_grid"] * 4
    lines = english.splitlines()
    assert "2005 is on another grid than that of 2000: its cells lie apart by up to 0.5" in lines[0]
    assert "UTM zone 51N instead of WGS 84 / UTM zone 50N" in lines[1]
    assert "it has 3 × 1 cells instead of 2 × 1" in lines[2]
    assert "lie apart by up to 1 of" in lines[3]


def test_too_few_years_and_years_out_of_order_are_refused() -> None:
    one = cover([8, 1])
    assert refused((2000, one))[0] == ["growth.cover_one_year"]
    assert refused()[0] == ["growth.cover_one_year"]
    assert refused((2010, one), (2000, one))[0] == ["growth.cover_years"]
    assert refused((2000, one), (2000, one))[0] == ["growth.cover_years"]
    assert refused((20, one), (2000, one))[0] == ["growth.cover_years"]


def test_all_faults_are_said_at_once() -> None:
    keys, _ = refused((2010, cover([8, 1])), (2000, cover([8, 1, 1], kind="years")))
    assert keys == ["growth.cover_years", "growth.cover_kind", "growth.cover_grid"]


def test_codes_that_occur_nowhere_are_refused_with_those_that_do() -> None:
    series = ((2000, cover([1, 0, 8])), (2010, cover([2, 8, 8])))
    keys, english = refused(*series, codes=frozenset({50, 7}))
    assert keys == ["growth.cover_no_built"]
    assert "given as 7, 50; the rasters hold 1, 2, 8." in english
    assert refused(*series, codes=frozenset())[0] == ["growth.cover_no_built"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 2), min_size=12, max_size=12), min_size=2, max_size=5))
def test_each_cell_alone_gives_the_same_years(values: list[list[int]]) -> None:
    """0: no data, 1: not built, 2: built; worked out cell by cell in plain Python."""
    series = [(2000 + 5 * n, cover(row[:6], row[6:])) for n, row in enumerate(values)]
    codes = frozenset({2})
    if not any(2 in row for row in values):
        assert refused(*series, codes=codes)[0] == ["growth.cover_no_built"]
        return
    ledger = Ledger()
    years = first_built_from_cover(series, codes, ledger=ledger)
    cells = list(zip(*values, strict=True))
    first = [next((2000 + 5 * n for n, value in enumerate(cell) if value == 2), NEVER) for cell in cells]
    assert years.values.ravel().tolist() == first
    taken_back = sum(2 in cell and 1 in cell[cell.index(2) :] for cell in cells)
    lost = said(ledger, "lost")
    assert (0 if lost is None else lost.count) == taken_back
