"""A GTFS timetable to the public transport of one named service day."""

from spatial.sources.gtfs.feed import read_gtfs

__all__ = ["read_gtfs"]
