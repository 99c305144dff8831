"""Low-carbon urban form on real data: read a city, measure it, map it.

The names below are the surface for notebooks; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spatial.indicators import catalogue, compute, describe
    from spatial.model.district import District
    from spatial.model.land_use import LandUse
    from spatial.model.people import People
    from spatial.model.places import Places
    from spatial.model.raster import Raster
    from spatial.model.streets import StreetNetwork
    from spatial.model.study_area import StudyArea
    from spatial.model.transit import TransitSupply
    from spatial.model.zones import Zones
    from spatial.report.maps import draw_map, save_map
    from spatial.study import load_bundled, open_study

__version__ = "0.1.0"

__all__ = [
    "District",
    "LandUse",
    "People",
    "Places",
    "Raster",
    "StreetNetwork",
    "StudyArea",
    "TransitSupply",
    "Zones",
    "__version__",
    "catalogue",
    "compute",
    "describe",
    "draw_map",
    "load_bundled",
    "open_study",
    "save_map",
]

_HOME = {
    "District": "spatial.model.district",
    "LandUse": "spatial.model.land_use",
    "People": "spatial.model.people",
    "Places": "spatial.model.places",
    "Raster": "spatial.model.raster",
    "StreetNetwork": "spatial.model.streets",
    "StudyArea": "spatial.model.study_area",
    "TransitSupply": "spatial.model.transit",
    "Zones": "spatial.model.zones",
    "catalogue": "spatial.indicators",
    "compute": "spatial.indicators",
    "describe": "spatial.indicators",
    "draw_map": "spatial.report.maps",
    "load_bundled": "spatial.study",
    "open_study": "spatial.study",
    "save_map": "spatial.report.maps",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'spatial' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
