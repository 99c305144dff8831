"""DXF drawings to a table of features, in metres of the drawing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.dxf.features import Built, Drawn, Geometries, boxes, drawn_finely, drawn_roughly, geometries
from spatial.sources.dxf.labels import joined_texts, polygon_around
from spatial.sources.dxf.merging import merge_drawn_twice
from spatial.sources.dxf.opening import open_drawing
from spatial.sources.dxf.placing import placed_entities
from spatial.sources.dxf.selecting import count_hidden, count_paper_space, selected
from spatial.sources.dxf.tally import Tally, counted
from spatial.sources.dxf.units import METRES, Unit, drawing_unit
from spatial.text import Message, Value

_UNREAD = ("unsupported", "custom_objects", "faulty", "degenerate")
_MERGED = ("drawn_twice", "fills_merged", "islands_cut", "islands_ignored")


def read_dxf(
    path: Path, *, ledger: Ledger, layer: str, cad_layers: Sequence[str] = (), unit: Unit | None = None
) -> gpd.GeoDataFrame:
    """The features of a drawing's model space, in metres of the drawing, in drawing order and numbered from 0.

    The columns are `cad_layer`; `text`, the texts anchored in a polygon, joined by a space in drawing order (each
    counts for the smallest polygon around it); `block`, the name of the block that the feature came from; `handle`,
    the file's own id, for what came from a block that of the outermost insert; and `geometry` without a coordinate
    system: polygons for closed shapes and fills, lines for open ones, points for points and for texts in no polygon.
    Text columns are "" where there is nothing.

    Blocks are taken apart; curves become chords no farther off than `dxf_chord_m`; heights, sheets and the types that
    hold no plan geometry are left out; a fill on its outline counts once. All of it is said in the ledger. Polygons
    that cross themselves are handed over as they are.

    Parameters
    ----------
    cad_layers : names or patterns (`地块*`) of the layers to read, whatever the case; texts too are read from these
        only. Without any, all are read, also frozen ones and those switched off (and that is said).
    unit : of the drawing, where `$INSUNITS` does not state it or states it wrongly.

    Raises
    ------
    InputError : no DXF (a DWG, …), damaged beyond repair, without a feature that can be read, without a layer that is
        asked for, in a unit that its extent contradicts, or with more than `dxf_features_most` features.
    """
    tally = Tally()
    drawing = open_drawing(path, ledger=ledger, layer=layer)
    count_paper_space(drawing, tally)
    placed = placed_entities(drawing, path, tally)
    if not placed:
        on_sheets = tally.names("paper_space").total()
        raise InputError(Message("dxf.empty", {"path": path.name, "count": on_sheets}))
    placed = selected(placed, cad_layers, path, tally)
    count_hidden(drawing, placed, tally)
    rough = drawn_roughly(placed, tally)
    if not rough:
        raise _nothing(path, tally)
    known = drawing_unit(drawing, unit, boxes(rough), path, ledger=ledger, layer=layer)
    chord_m, within_m = parameter("dxf_chord_m"), parameter("dxf_same_place_m")
    drawn = drawn_finely(rough, chord_m / METRES[known], tally)
    built = geometries(drawn, METRES[known], within_m=within_m)
    _count_built(drawn, built, tally)
    there = ~shapely.is_missing(built.shapes)
    if not there.any():
        raise _nothing(path, tally)
    drawn = [drawn[place] for place in np.flatnonzero(there)]
    frame = _table(drawn, built.shapes[there], within_m, tally)
    tally.say(ledger, layer, path.name)
    _say_read(frame, drawn, int(built.high.sum()), path, ledger, layer)
    return frame


def _nothing(path: Path, tally: Tally) -> InputError:
    found = sum((tally.names(reason) for reason in _UNREAD), start=Counter[str]())
    return InputError(Message("dxf.nothing_readable", {"path": path.name, "found": counted(found)}))


def _count_built(drawn: list[Drawn], built: Built, tally: Tally) -> None:
    for entity, shape, closed in zip(drawn, built.shapes, built.closed, strict=True):
        kind, layer = entity.placed.entity.dxftype(), entity.placed.layer
        tally.add("text_islands", layer, entity.shape.text_islands)
        tally.add("closed_by_distance", layer, int(closed))
        tally.add("degenerate", kind, int(shape is None))


def _table(drawn: list[Drawn], shapes: Geometries, within_m: float, tally: Tally) -> gpd.GeoDataFrame:
    """The rows that are left when doubles are merged and texts are with their polygons."""
    layers = [entity.placed.layer for entity in drawn]
    merged = merge_drawn_twice(shapes, layers, np.array([entity.shape.fill for entity in drawn]), within_m)
    for reason in _MERGED:
        for place in getattr(merged, reason):
            tally.add(reason, layers[place])
    kept, shapes = merged.kept.copy(), merged.shapes
    texts = [entity.text or "" for entity in drawn]
    polygons = np.flatnonzero(kept & np.isin(shapely.get_type_id(shapes), (3, 6)))
    labels = np.flatnonzero([entity.text is not None for entity in drawn])
    owners = polygon_around(shapes[labels], shapes[polygons])
    joined = joined_texts([texts[label] for label in labels], owners, len(polygons))
    for place, words in zip(polygons, joined, strict=True):
        texts[place] = words
    kept[labels[owners >= 0]] = False
    left = np.flatnonzero(kept)
    columns = {
        "cad_layer": [layers[place] for place in left],
        "text": [texts[place] for place in left],
        "block": [drawn[place].placed.block for place in left],
        "handle": [drawn[place].placed.handle for place in left],
    }
    return gpd.GeoDataFrame(columns, geometry=shapes[left])


def _say_read(frame: gpd.GeoDataFrame, drawn: list[Drawn], high: int, path: Path, ledger: Ledger, layer: str) -> None:
    if high:
        ledger.record(layer, "dropped", Message("vector.heights", {"path": path.name, "count": high}), count=high)
    texts = sum(entity.text is not None for entity in drawn)
    kinds = frame.geometry.geom_type
    lines, points = int((kinds == "LineString").sum()), int((kinds == "Point").sum())
    alone = int(((kinds == "Point") & (frame["text"] != "")).sum())
    if texts:
        labels: dict[str, Value] = {"path": path.name, "count": texts, "inside": texts - alone, "alone": alone}
        ledger.record(layer, "read", Message("dxf.texts", labels), count=texts)
    said: dict[str, Value] = {"path": path.name, "count": len(frame), "lines": lines, "points": points}
    said["polygons"] = len(frame) - lines - points
    ledger.record(layer, "read", Message("dxf.read", said), count=len(frame))
