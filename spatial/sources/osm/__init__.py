"""One OpenStreetMap file, or an answer of an Overpass server saved as one, to all layers that it holds."""

from spatial.sources.osm.extract import OsmExtract, read_osm
from spatial.sources.osm.online import fetch_osm

__all__ = ["OsmExtract", "fetch_osm", "read_osm"]
