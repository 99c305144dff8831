"""Vector layers from files, in the study's system: GIS formats, CAD drawings, zips of either."""

from spatial.sources.vectors.declared import NOTHING, ControlPoint, Declared
from spatial.sources.vectors.reading import GeometryKind, read_vectors, vector_source

__all__ = ["NOTHING", "ControlPoint", "Declared", "GeometryKind", "read_vectors", "vector_source"]
