"""The numbers: plain functions of a district's layers, registered in the catalogue.

Importing this package registers every indicator.
"""

from spatial.indicators import (
    density,
    growth_boundary,
    land_use_mix,
    street_connectivity,
    transit_catchment,
    walkability,
)
from spatial.indicators.catalogue import Indicator, catalogue, compute, describe

__all__ = [
    "Indicator",
    "catalogue",
    "compute",
    "density",
    "describe",
    "growth_boundary",
    "land_use_mix",
    "street_connectivity",
    "transit_catchment",
    "walkability",
]
