"""WGS 84, CGCS2000, GCJ-02, BD-09: declared per layer, converted approximately, and checked against OpenStreetMap."""

from spatial.sources.datum.conversion import (
    DATUMS,
    Datum,
    from_wgs84,
    geometry_from_wgs84,
    geometry_to_wgs84,
    to_wgs84,
)
from spatial.sources.datum.evidence import OffsetRules
from spatial.sources.datum.mainland import in_mainland
from spatial.sources.datum.offset import OffsetVerdict, check_offset, note_offset

__all__ = [
    "DATUMS",
    "Datum",
    "OffsetRules",
    "OffsetVerdict",
    "check_offset",
    "from_wgs84",
    "geometry_from_wgs84",
    "geometry_to_wgs84",
    "in_mainland",
    "note_offset",
    "to_wgs84",
]
