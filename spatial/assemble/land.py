"""Land use of the study: from its plans where it names any, else from OpenStreetMap."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from spatial.assemble.datums import check_datum
from spatial.assemble.work import Work, limited
from spatial.config import LandUseSection
from spatial.errors import InputError, Problems
from spatial.model.land_use import Buildings, LandUse
from spatial.model.shapes import polygonal
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.operations.overlay import built_up_zone, land_use_layer, mix_classes
from spatial.operations.plan_codes import classified
from spatial.operations.plan_land_use import PARCEL_COLUMNS, parcels_of, plan_land_use
from spatial.schemes import Scheme, scheme
from spatial.sources.osm import OsmExtract
from spatial.sources.scheme_tables import read_crosswalk
from spatial.text import Message, Value


def study_parcels(
    work: Work, area: StudyArea, paths: StreetNetwork | None, buildings: Buildings | None
) -> gpd.GeoDataFrame | None:
    """The parcels of the study's plans, as `parcels_of` returns them; None where it names none."""
    if not work.study.land_use:
        return None
    work.tell("land_use", 0.4)
    plans = [_plan(work, section, area, paths, buildings) for section in work.study.land_use]
    return parcels_of(plans, ledger=work.ledger)


def study_land_use(
    work: Work,
    area: StudyArea,
    extract: OsmExtract | None,
    buildings: Buildings | None,
    parcels: gpd.GeoDataFrame | None,
) -> LandUse | None:
    """The land use of the study; None where neither a plan nor OpenStreetMap has any."""
    built_up: shapely.Geometry = shapely.MultiPolygon()
    from_osm = parcels is None and extract is not None and len(extract.land_use) > 0
    if buildings is not None and (parcels is not None or from_osm):
        built_up = shapely.intersection(built_up_zone(buildings, ledger=work.ledger), area.land)
    if parcels is not None:
        ids = [_scheme_id(given) for section in work.study.land_use for given in section.scheme]
        if extract is not None and len(extract.land_use):
            count = len(extract.land_use)
            work.ledger.record("land_use", "dropped", Message("plan.osm_left_aside", {"count": count}), count=count)
        made = plan_land_use(parcels, built_up, mix_classes(), "+".join(dict.fromkeys(ids)), ledger=work.ledger)
        status = made.status
        for section in work.study.land_use:
            status = status.worse(limited(section))
        return LandUse(made.table, made.scheme, made.classes, made.built_up, status)
    if not from_osm:
        return None
    assert extract is not None
    return land_use_layer(extract.land_use, built_up, mix_classes(), ledger=work.ledger)


def _plan(
    work: Work, section: LandUseSection, area: StudyArea, paths: StreetNetwork | None, buildings: Buildings | None
) -> gpd.GeoDataFrame:
    """The parcels of one plan in the columns of `PARCEL_COLUMNS`."""
    fields = section.fields
    named = [column for column in (fields.code, fields.name, fields.far, fields.coverage) if column]
    frame = work.read_layer(section, crs=area.crs, layer="land_use", columns=named, near=area.boundary, repair=True)
    frame["geometry"] = polygonal(frame.geometry.to_numpy())
    if not shapely.intersects(frame.geometry.to_numpy(), area.boundary).any():
        raise InputError(Message("plan.not_here", {"path": section.file.name, "name": area.name}))
    check_datum(work, frame, section, layer="land_use", file_name=section.file.name, paths=paths, buildings=buildings)
    labels = pd.Series([f"{row + 1}" for row in frame.index], index=frame.index)
    uses = classified(
        frame[fields.code],
        frame[fields.name] if fields.name else None,
        [_scheme(work, given) for given in section.scheme],
        mixed_rule=section.mixed,
        labels=labels,
        ledger=work.ledger,
        layer="land_use",
        file_name=section.file.name,
    )
    problems = Problems()
    frame["far"] = _numbers(frame, fields.far, section.file, problems)
    frame["coverage_pct"] = _numbers(frame, fields.coverage, section.file, problems)
    problems.raise_if_any(InputError)
    frame["label"] = [f"{section.file.name} {label}" for label in labels]
    kept = frame[["label", "far", "coverage_pct", "geometry"]]
    parcels: gpd.GeoDataFrame = kept.merge(uses.set_index("feature"), left_index=True, right_index=True)
    parcels["feature"] = parcels.index
    return parcels[list(PARCEL_COLUMNS)]


def _numbers(frame: gpd.GeoDataFrame, column: str | None, path: Path, problems: Problems) -> np.ndarray:
    """A field of numbers, which may be written as text; NaN where blank."""
    if column is None:
        return np.full(len(frame), np.nan)
    given = frame[column]
    found = pd.to_numeric(given, errors="coerce")
    wrong = found.isna() & given.notna() & (given.astype(str).str.strip() != "")
    if wrong.any():
        shown = tuple(f"{row + 1}: {given[row]}" for row in frame.index[wrong][:5])
        values: dict[str, Value] = {"path": path.name, "column": column, "count": int(wrong.sum()), "rows": shown}
        problems.add(Message("table_file.not_numbers", values))
    return np.asarray(found, dtype=float)


def _scheme(work: Work, given: str | Path) -> Scheme:
    """A scheme that comes along, or a table of the planner's own."""
    if isinstance(given, str):
        return scheme(given)
    return read_crosswalk(given, ledger=work.ledger, layer="land_use")


def _scheme_id(given: str | Path) -> str:
    return given if isinstance(given, str) else given.name
