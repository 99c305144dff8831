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
    Said,
    StorySection,
    TitleSection,
    ZonesSection,
)
from spatial.config.reading import declared_language, load_study
from spatial.config.study_file import IndicatorsSection, Study
from spatial.config.travel import ModeSection, TravelSection
from spatial.config.values import data_path

__all__ = [
    "AreaSection",
    "ContextSection",
    "GridZones",
    "GrowthSection",
    "HexagonZones",
    "IndicatorsSection",
    "ModeSection",
    "OsmSection",
    "PeopleSection",
    "PolygonZones",
    "RasterPeople",
    "Said",
    "Settlement",
    "SettlementPeople",
    "StorySection",
    "Study",
    "TitleSection",
    "TransitSection",
    "TravelSection",
    "ZonePeople",
    "ZonesSection",
    "data_path",
    "declared_language",
    "load_study",
]
