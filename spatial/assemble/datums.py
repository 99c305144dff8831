"""Whether a layer lies where its declared datum puts it: seen against the streets and buildings of the study."""

from __future__ import annotations

import geopandas as gpd
import numpy as np

from spatial.assemble.work import Work
from spatial.config import TableFile, VectorFile
from spatial.model.land_use import Buildings
from spatial.model.streets import StreetNetwork
from spatial.sources.datum import check_offset, geometry_from_wgs84, note_offset


def check_datum(
    work: Work,
    frame: gpd.GeoDataFrame,
    section: VectorFile | TableFile,
    *,
    layer: str,
    file_name: str,
    paths: StreetNetwork | None,
    buildings: Buildings | None,
) -> None:
    """Warn where another datum than the declared one would put a layer markedly nearer to what is on the ground.

    Parameters
    ----------
    frame : the layer in the study's system.
    """
    if paths is None or frame.empty or (isinstance(section, VectorFile) and section.control_points):
        return
    degrees = frame.geometry.to_crs(4326).to_numpy()
    verdict = check_offset(
        geometry_from_wgs84(degrees, section.datum),
        section.datum,
        paths.edges.geometry.to_numpy(),
        buildings.table.geometry.to_numpy() if buildings is not None else np.array([], dtype=object),
        paths.edges.crs,
    )
    note_offset(verdict, path_name=file_name, layer=layer, ledger=work.ledger)
