"""Class schemes as tables: which code or tag means which urban class and which place category."""

from spatial.schemes.class_scheme import ClassRow, Scheme
from spatial.schemes.shipped import scheme, scheme_ids
from spatial.schemes.urban import urban_classes

__all__ = ["ClassRow", "Scheme", "scheme", "scheme_ids", "urban_classes"]
