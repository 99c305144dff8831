"""The study file: TOML in, frozen sections out, and every problem of the file at once."""

from spatial.config.files import TableFile, VectorFile
from spatial.config.layers import (
    ControlLineSection,
    FloorSpacePeople,
    GrowthSection,
    LandUseSection,
    OsmSection,
    PeopleSection,
    PlacesSection,
    RasterPeople,
    Settlement,
    SettlementPeople,
    StreetsSection,
    TransitSection,
    ZonePeople,
)
from spatial.config.place import (
    AreaSection,
    ContextSection,
    GridZones,
    HexagonZones,
    PolygonZones,
    StorySection,
    TitleSection,
    ZonesSection,
)
from spatial.config.reading import declared_language, load_study
from spatial.config.said import Said
from spatial.config.section import Sourced
from spatial.config.study_file import IndicatorsSection, Study
from spatial.config.travel import ModeSection, TravelSection
from spatial.config.values import data_path

__all__ = [
    "AreaSection",
    "ContextSection",
    "ControlLineSection",
    "FloorSpacePeople",
    "GridZones",
    "GrowthSection",
    "HexagonZones",
    "IndicatorsSection",
    "LandUseSection",
    "ModeSection",
    "OsmSection",
    "PeopleSection",
    "PlacesSection",
    "PolygonZones",
    "RasterPeople",
    "Said",
    "Settlement",
    "SettlementPeople",
    "Sourced",
    "StorySection",
    "StreetsSection",
    "Study",
    "TableFile",
    "TitleSection",
    "TransitSection",
    "TravelSection",
    "VectorFile",
    "ZonePeople",
    "ZonesSection",
    "data_path",
    "declared_language",
    "load_study",
]
