"""The study file: TOML in, frozen sections out, and every problem of the file at once."""

from spatial.config.layers import (
    GrowthSection,
    OsmSection,
    PeopleSection,
    RasterPeople,
    Settlement,
    SettlementPeople,
    TransitSection,
    ZonePeople,
)
from spatial.config.place import (
    AreaSection,
    ContextSection,
    GridZones,
    HexagonZones,
    PolygonZones,
    TitleSection,
    ZonesSection,
)
from spatial.config.reading import declared_language, load_study
from spatial.config.study_file import IndicatorsSection, Study
from spatial.config.travel import TravelMode, TravelSection

__all__ = [
    "AreaSection",
    "ContextSection",
    "GridZones",
    "GrowthSection",
    "HexagonZones",
    "IndicatorsSection",
    "OsmSection",
    "PeopleSection",
    "PolygonZones",
    "RasterPeople",
    "Settlement",
    "SettlementPeople",
    "Study",
    "TitleSection",
    "TransitSection",
    "TravelMode",
    "TravelSection",
    "ZonePeople",
    "ZonesSection",
    "declared_language",
    "load_study",
]
