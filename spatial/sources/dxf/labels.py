"""Texts of a drawing: what they say, where they are anchored, and which polygon they belong to."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from ezdxf.entities.attrib import Attrib
from ezdxf.entities.mtext import MText
from ezdxf.enums import TextEntityAlignment

from spatial.sources.dxf.curves import Points

TEXTS = frozenset({"TEXT", "MTEXT", "ATTRIB", "ATTDEF"})


def text_of(entity: Any) -> str:
    """The words of a text without formatting codes, in one line."""
    if isinstance(entity, MText):
        words = entity.all_columns_plain_text()
    elif isinstance(entity, Attrib) and entity.has_embedded_mtext_entity:
        words = entity.plain_mtext()
    else:
        words = entity.plain_text()
    return " ".join(str(words).split())


def anchor_of(entity: Any) -> Points:
    """Where a text is anchored, shape (1, 3): amid its two points where it is fitted between two."""
    if isinstance(entity, MText):
        return np.array([entity.dxf.insert.xyz])
    align, first, second = entity.get_placement()
    if align in (TextEntityAlignment.FIT, TextEntityAlignment.ALIGNED):
        first = first.lerp(second)
    return np.array([entity.ocs().to_wcs(first).xyz])


def polygon_around(points: npt.NDArray[np.object_], polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.int64]:
    """For each point the place of the smallest polygon that it lies in or on, −1 for none; of equals the first."""
    around = np.full(len(points), -1, dtype=np.int64)
    if not len(points) or not len(polygons):
        return around
    point, polygon = shapely.STRtree(polygons).query(points, predicate="intersects")
    order = np.lexsort((polygon, shapely.area(polygons)[polygon], point))
    point, first = np.unique(point[order], return_index=True)
    around[point] = polygon[order][first]
    return around


def joined_texts(texts: list[str], owners: npt.NDArray[np.int64], count: int) -> list[str]:
    """For each of `count` polygons its texts, joined by a space in drawing order; "" where it has none."""
    found: list[list[str]] = [[] for _ in range(count)]
    for text, owner in zip(texts, owners.tolist(), strict=True):
        if owner >= 0:
            found[owner].append(text)
    return [" ".join(words) for words in found]
