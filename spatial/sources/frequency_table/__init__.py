"""A plain table of lines, stops and headways to the public transport of one named service day."""

from spatial.sources.frequency_table.table import read_frequency_table

__all__ = ["read_frequency_table"]
