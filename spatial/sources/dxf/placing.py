"""Every entity of the model space at its place: blocks taken apart, nested, scaled, rotated and in rows and columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from ezdxf.document import Drawing
from ezdxf.dynblkhelper import get_dynamic_block_definition
from ezdxf.entities.attrib import AttDef, Attrib
from ezdxf.entities.dxfentity import DXFEntity, DXFTagStorage
from ezdxf.entities.insert import Insert
from ezdxf.xclip import XClip

from spatial.errors import InputError
from spatial.parameters import parameter
from spatial.sources.dxf.curves import Points
from spatial.sources.dxf.tally import Tally
from spatial.text import Message

_LAYER_OF_INSERT = "0"


@dataclass(frozen=True)
class Placed:
    """An entity and where it is: its matrix from block to drawing (row vectors, shape (4, 4); None in no block).

    `layer` is the cad layer that it shows on, `block` the name of its block ("" in none), `handle` how the file knows
    it.
    """

    entity: DXFEntity
    matrix: Points | None
    layer: str
    block: str
    handle: str


def placed_entities(drawing: Drawing, path: Path, tally: Tally) -> list[Placed]:
    """The entities of the model space in drawing order, with those of a block at the place of its insert.

    An entity of a block on layer 0 takes the layer of the insert. Attached attributes come after the block's own
    entities. Invisible entities, references to other files, to missing blocks and of a block to itself are counted
    and left out; the contents of clipped inserts are read whole, and counted.
    """
    most = int(parameter("dxf_features_most"))
    found: list[Placed] = []
    for placed in _Walk(drawing, most, path, tally, count(1)).entities(drawing.modelspace(), None):
        found.append(placed)
        if len(found) > most:
            raise _too_many(path, most)
    return found


@dataclass(frozen=True)
class _Frame:
    """The insert whose block is being taken apart; `handle` is that of the outermost, `around` the blocks so far."""

    matrix: Points
    layer: str
    block: str
    handle: str
    around: tuple[str, ...]


@dataclass(frozen=True)
class _Walk:
    drawing: Drawing
    most: int
    path: Path
    tally: Tally
    inserts: Iterator[int]

    def entities(self, layout: Iterable[DXFEntity], frame: _Frame | None) -> Iterator[Placed]:
        for entity in layout:
            if int(_property(entity, "invisible", 0)):
                self.tally.add("invisible", entity.dxftype())
            elif isinstance(entity, Insert):
                yield from self._insert(entity, frame)
            elif not isinstance(entity, AttDef) or entity.is_const:
                yield self._placed(entity, frame)

    def _placed(self, entity: DXFEntity, frame: _Frame | None) -> Placed:
        layer = layer_of(entity)
        if frame is None:
            return Placed(entity, None, layer, "", str(entity.dxf.get("handle", "")))
        layer = frame.layer if layer == _LAYER_OF_INSERT else layer
        return Placed(entity, frame.matrix, layer, frame.block, frame.handle)

    def _insert(self, insert: Insert, frame: _Frame | None) -> Iterator[Placed]:
        here = self._placed(insert, frame)
        name = str(insert.dxf.get("name", ""))
        around = frame.around if frame else ()
        block = self.drawing.blocks.get(name)
        if block is None:
            self.tally.add("missing_blocks", name)
        elif block.block_record.is_xref:
            self.tally.add("xrefs", name)
        elif name.casefold() in around:
            self.tally.add("circular_blocks", name)
        else:
            if XClip(insert).is_clipping_enabled:
                self.tally.add("clipped_blocks", name)
            if insert.mcount > self.most or next(self.inserts) > self.most:
                raise _too_many(self.path, self.most)
            shown = _name_of(insert, name)
            for single in insert.multi_insert() if insert.mcount > 1 else (insert,):
                own = np.array(list(single.matrix44().rows()))
                matrix = own if here.matrix is None else own @ here.matrix
                inside = _Frame(matrix, here.layer, shown, here.handle, (*around, name.casefold()))
                yield from self.entities(block, inside)
                yield from self._attributes(single.attribs, here, shown)

    def _attributes(self, attributes: Iterable[Attrib], insert: Placed, block: str) -> Iterator[Placed]:
        """Attached attributes stand beside the insert, not inside the block."""
        for attribute in attributes:
            layer = layer_of(attribute)
            layer = insert.layer if layer == _LAYER_OF_INSERT else layer
            yield Placed(attribute, insert.matrix, layer, block, insert.handle)


def layer_of(entity: DXFEntity) -> str:
    """The cad layer that an entity is drawn on."""
    return str(_property(entity, "layer", _LAYER_OF_INSERT))


def _property(entity: DXFEntity, name: str, default: str | int) -> Any:
    """What all graphic entities may state; entities of add-ons are stored as they came."""
    if isinstance(entity, DXFTagStorage):
        return entity.graphic_properties().get(name, default)
    return entity.dxf.get(name, default) if entity.dxf.is_supported(name) else default


def _name_of(insert: Insert, name: str) -> str:
    """The name that people gave the block: a dynamic block is drawn through nameless copies."""
    if not name.startswith("*"):
        return name
    known = get_dynamic_block_definition(insert)
    return str(known.name) if known is not None else name


def _too_many(path: Path, most: int) -> InputError:
    return InputError(Message("dxf.too_many", {"path": path.name, "most": most}))
