"""A CAD drawing to features in metres: outlines, fills and the texts inside them."""

from spatial.sources.dxf.reading import read_dxf

__all__ = ["read_dxf"]
