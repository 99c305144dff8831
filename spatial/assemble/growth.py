"""How the place grew, and the lines that growth is to respect."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.assemble.work import Work, limited
from spatial.config import GrowthSection
from spatial.errors import InputError
from spatial.model.control_lines import GROWTH_BOUNDARY, ControlLines
from spatial.model.growth import Growth
from spatial.model.provenance import DataStatus
from spatial.model.raster import Raster, RasterKind
from spatial.model.shapes import polygonal
from spatial.model.study_area import StudyArea
from spatial.operations.cover_growth import first_built_from_cover
from spatial.schemes import Scheme, scheme
from spatial.sources.rasters import raster_source, read_raster
from spatial.sources.scheme_tables import read_crosswalk
from spatial.text import Message, Value


def study_control_lines(work: Work, area: StudyArea) -> ControlLines | None:
    """The lines of the study, one row a section of its file; None where it names none."""
    rows = []
    for section in work.study.control_lines:
        frame = work.read_layer(section, crs=area.crs, layer="control_lines", near=area.boundary, repair=True)
        shape = polygonal(np.array([shapely.union_all(frame.geometry.to_numpy())]))[0]
        if not shapely.intersects(shape, area.boundary):
            elsewhere = Message("assemble.line_elsewhere", {"path": section.file.name})
            if section.role == GROWTH_BOUNDARY:
                raise InputError(elsewhere)
            work.ledger.record("control_lines", "warned", elsewhere)
        rows.append((section.role, section.name or section.file.name, section.legal, shape))
    if not rows:
        return None
    table = pd.DataFrame(rows, columns=["role", "name", "legal", "geometry"])
    return ControlLines(gpd.GeoDataFrame(table, geometry="geometry", crs=area.crs))


def study_growth(work: Work, area: StudyArea, lines: ControlLines | None) -> Growth | None:
    """Built-up land by year and the growth boundary; None where the study does not name both."""
    section = work.study.growth
    if section is None or lines is None:
        return None
    if section.first_built is not None:
        assert section.observed_until is not None
        raster = _raster(work, section.first_built, section, area, "years")
        until = section.observed_until
        source = raster_source(section.first_built, "growth", date="", licence="", attribution="")
        work.cite(source, section.first_built, section)
    else:
        raster = _from_cover(work, section, area)
        until = max(cover.year for cover in section.land_cover)
    limit = lines.with_role(GROWTH_BOUNDARY)
    outline = limit.to_crs(raster.crs).union_all()
    status = limited(section)
    for entry in work.ledger.entries:
        if entry.message.key in ("growth.cover_noise", "growth.cover_unknown_codes"):
            status = status.worse(DataStatus("doubtful", entry.message))
    return Growth(raster, outline, bool(limit["legal"].all()), until, status)


def _from_cover(work: Work, section: GrowthSection, area: StudyArea) -> Raster:
    assert section.scheme is not None
    known = _scheme(work, section.scheme)
    built = known.built_up_codes
    letters = tuple(code for code in built if not code.isdecimal())
    if letters:
        raise InputError(Message("growth.cover_code_no_number", {"scheme": known.id, "codes": letters}))
    if not built:
        raise InputError(Message("growth.cover_without_built_up", {"scheme": known.id}))
    series = []
    for cover in sorted(section.land_cover, key=lambda entry: entry.year):
        raster = _raster(work, cover.file, section, area, "classes")
        _note_unknown_codes(work, raster, known, cover.file)
        series.append((cover.year, raster))
        work.cite(
            raster_source(cover.file, "growth", date=str(cover.year), licence="", attribution=""), cover.file, section
        )
    return first_built_from_cover(series, frozenset(map(int, built)), ledger=work.ledger)


def _note_unknown_codes(work: Work, raster: Raster, known: Scheme, path: Path) -> None:
    """Say it where cells hold a code that the scheme does not have: they count as not built up."""
    codes, counts = np.unique(raster.values[raster.valid], return_counts=True)
    strange = [i for i, code in enumerate(codes.tolist()) if known.find(str(code)) is None]
    if strange:
        count = int(counts[strange].sum())
        listed = tuple(f"{codes[i]} ({counts[i]:,})" for i in strange[:10])
        values: dict[str, Value] = {"path": path.name, "count": count, "codes": listed, "scheme": known.id}
        work.ledger.record("growth", "warned", Message("growth.cover_unknown_codes", values), count=count)


def _raster(work: Work, path: Path, section: GrowthSection, area: StudyArea, kind: RasterKind) -> Raster:
    return read_raster(
        path,
        kind=kind,
        within=area.boundary,
        within_crs=area.crs,
        ledger=work.ledger,
        layer="growth",
        nodata=section.nodata,
    )


def _scheme(work: Work, given: str | Path) -> Scheme:
    return scheme(given) if isinstance(given, str) else read_crosswalk(given, ledger=work.ledger, layer="growth")
