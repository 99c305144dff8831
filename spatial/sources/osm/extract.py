"""One OpenStreetMap file to streets, places, land use, buildings, stops, boundaries and water, all of one date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.land_use import Buildings
from spatial.model.provenance import Ledger, Source
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import choose_crs, projected_crs
from spatial.sources.fingerprint import file_source
from spatial.sources.osm.header import ATTRIBUTION, LICENCE, Box, check_box, choose_date, read_header, say_box
from spatial.sources.osm.land import read_boundaries, read_buildings, read_land_use, read_settlements
from spatial.sources.osm.places import read_entrances, read_places, read_stops
from spatial.sources.osm.rows import Findings
from spatial.sources.osm.streets import read_network
from spatial.sources.osm.sweep import sweep
from spatial.sources.osm.water import read_water
from spatial.text import Message, Value


@dataclass(frozen=True)
class OsmExtract:
    """What one OSM file holds within a box, in the study system.

    Parameters
    ----------
    paths : ways that may be walked or cycled. driving : streets that may be driven, as mapped.
    places : columns `category`, `name`, `osm_id`, `geometry` (point or polygon).
    place_entrances : doors and gates: `osm_id`, `kind`, `geometry`.
    land_use : areas that mean a use, overlapping as mapped: `tag`, `osm_id`, `geometry`.
    stops : `osm_id`, `kind` (stop, station, entrance), `mode`, `name`, `geometry` (points).
    boundaries : administrative areas cut to the box: `osm_id`, `level`, `name`, `share_inside`, `geometry`.
    settlements : nodes with a population: `osm_id`, `place`, `name`, `population`, `geometry`.
    water : `kind` (sea, lake), `geometry`.
    date : ISO date of all layers, "" when unknown. box : what was read (west, south, east, north in degrees): the
        asked box as far as the file is known to reach.
    streets_extent : where streets begin in the whole file, in degrees; None without any.
    extent_known : whether the file, or the study, says how far the file reaches.
    incomplete : ids of boundaries of which the file holds only a part; they are not among `boundaries`.
    """

    paths: StreetNetwork
    driving: StreetNetwork
    places: gpd.GeoDataFrame
    place_entrances: gpd.GeoDataFrame
    land_use: gpd.GeoDataFrame
    buildings: Buildings
    stops: gpd.GeoDataFrame
    boundaries: gpd.GeoDataFrame
    settlements: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    date: str
    box: Box
    crs: CRS
    source: Source
    incomplete: tuple[str, ...] = ()
    streets_extent: Box | None = None
    extent_known: bool = False


def read_osm(
    path: Path,
    *,
    box: Box | None,
    crs: CRS | None,
    ledger: Ledger,
    declared_date: str = "",
    extent: Box | None = None,
) -> OsmExtract:
    """Read an OSM file (.osm.pbf, .osm, .osm.gz) in two sweeps, keeping what lies in the box.

    Parameters
    ----------
    box : west, south, east, north in degrees; None: the box of the file's header, else the extent of its nodes.
    crs : the projected system; None: chosen for the box.
    declared_date : the date to use when neither the header nor any object bears one.
    extent : the box that the file was cut with, where its header does not say; nothing is read beyond it.

    Raises
    ------
    InputError : the file is missing, empty, cut short or no OSM file; nothing in it lies in the box.
    """
    header = read_header(path)
    if extent is not None:
        header = header._replace(box=check_box(extent))
    asked = _common(path, check_box(box), header.box, ledger) if box is not None else header.box
    found = sweep(path, asked, survey=asked is None or not header.date)
    if not found.objects:
        raise InputError(Message("osm.no_objects", {"path": path.name}))
    within = asked or found.extent
    if within is None or found.empty:
        where = Message("osm.extent", {"box": say_box(header.box)}) if header.box else Message("osm.extent_unknown")
        values: dict[str, Value] = {"path": path.name, "box": say_box(within) if within else "", "extent": where}
        raise InputError(Message("osm.box_outside", values))
    if box is None:
        key = "osm.box_header" if header.box else "osm.box_nodes"
        ledger.record("osm", "chosen", Message(key, {"path": path.name, "box": say_box(within)}))
    system = _system(within, crs, ledger)
    date = choose_date(header.date, found.newest, declared_date, path, ledger)
    source = file_source(path, "osm", date=date, licence=LICENCE, attribution=ATTRIBUTION)
    _record_leftovers(found, ledger)
    extract = _extract(found, within, system, date, source, ledger)
    return replace(extract, extent_known=header.box is not None)


def _extract(found: Findings, box: Box, crs: CRS, date: str, source: Source, ledger: Ledger) -> OsmExtract:
    layers, counts = found.layers, found.counts
    walked = [way for way in found.highways if way.use.in_paths]
    driven = [way for way in found.highways if way.use.in_driving]
    return OsmExtract(
        paths=read_network(walked, "paths", box, crs, ledger=ledger),
        driving=read_network(driven, "driving", box, crs, ledger=ledger),
        places=read_places(layers.get("places", []), box, crs, ledger=ledger),
        place_entrances=read_entrances(layers.get("entrances", []), box, crs, ledger=ledger),
        land_use=read_land_use(layers.get("land_use", []), layers.get("cover", []), box, crs, ledger=ledger),
        buildings=read_buildings(found.buildings, counts, box, crs, ledger=ledger),
        stops=read_stops(layers.get("stops", []), layers.get("stop_positions", []), box, crs, ledger=ledger),
        boundaries=read_boundaries(
            found.boundaries, found.cut_boundaries, counts["boundary_unnamed"], box, crs, ledger=ledger
        ),
        settlements=read_settlements(found.settlements, box, crs, ledger=ledger),
        water=read_water(found.coast, layers.get("water", []), box, crs, ledger=ledger),
        date=date,
        box=box,
        crs=crs,
        source=source,
        incomplete=tuple(found.cut_boundaries),
        streets_extent=found.streets_extent,
    )


def _system(box: Box, crs: CRS | None, ledger: Ledger) -> CRS:
    if crs is not None:
        return projected_crs(crs)
    chosen = choose_crs(shapely.box(*box))
    name = chosen.name if chosen.to_epsg() else chosen.to_string()
    ledger.record("osm", "chosen", Message("osm.crs_chosen", {"crs": name}))
    return chosen


def _common(path: Path, asked: Box, covered: Box | None, ledger: Ledger) -> Box:
    """The part of the asked box that the file covers, where that is known."""
    if covered is None or shapely.box(*covered).covers(shapely.box(*asked)):
        return asked
    values: dict[str, Value] = {"path": path.name, "box": say_box(asked), "extent": say_box(covered)}
    west, south = max(asked[0], covered[0]), max(asked[1], covered[1])
    east, north = min(asked[2], covered[2]), min(asked[3], covered[3])
    if west >= east or south >= north:
        extent = Message("osm.extent", {"box": say_box(covered)})
        raise InputError(Message("osm.box_outside", {**values, "extent": extent}))
    ledger.record("osm", "warned", Message("osm.box_beyond", values))
    return west, south, east, north


def _record_leftovers(found: Findings, ledger: Ledger) -> None:
    """Note what was left out before any layer was made."""
    counts = found.counts
    if counts["in_memory"]:
        ledger.record("osm", "warned", Message("osm.in_memory"))
    for layer, key in (("paths", "highways_closed"), ("paths", "square_relations"), ("places", "out_of_use")):
        if counts[key]:
            ledger.record(layer, "dropped", Message(f"osm.{key}", {"count": counts[key]}), count=counts[key])
    if found.unknown:
        tags = tuple(f"{tag} ({times})" for tag, times in sorted(found.unknown.items()))
        message = Message("osm.unknown_tags", {"tags": tags})
        ledger.record("paths", "warned", message, count=sum(found.unknown.values()))
    for key, ids in (("osm.broken", found.broken), ("osm.cut", found.cut)):
        if ids:
            message = Message(key, {"count": len(ids), "ids": tuple(ids[:5])})
            ledger.record("osm", "dropped", message, count=len(ids))
