"""Which cad layers are read, and what stands on hidden ones and on sheets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ezdxf.document import Drawing

from spatial.errors import InputError
from spatial.sources.dxf.placing import Placed
from spatial.sources.dxf.tally import Tally, counted
from spatial.text import Message, Value


def selected(placed: list[Placed], cad_layers: Sequence[str], path: Path, tally: Tally) -> list[Placed]:
    """The entities on the cad layers that are asked for by name or pattern (`*`, `?`, `[…]`), whatever the case; all
    where none are asked for. Others are counted.

    Raises
    ------
    InputError : names or patterns that fit no layer of the drawing, with the layers found.
    """
    if not cad_layers:
        return placed
    layers = Counter(entity.layer for entity in placed)
    fitting = {asked: {layer for layer in layers if _fits(layer, asked)} for asked in cad_layers}
    missing = tuple(asked for asked, found in fitting.items() if not found)
    if missing:
        said: dict[str, Value] = {"path": path.name, "missing": missing, "found": counted(layers)}
        raise InputError(Message("dxf.no_such_layer", said))
    wanted = set().union(*fitting.values())
    for layer, count in layers.items():
        if layer not in wanted:
            tally.add("layers_not_selected", layer, count)
    return [entity for entity in placed if entity.layer in wanted]


def _fits(layer: str, asked: str) -> bool:
    name, pattern = layer.casefold(), asked.casefold()
    return name == pattern or fnmatchcase(name, pattern)


def count_hidden(drawing: Drawing, placed: Sequence[Placed], tally: Tally) -> None:
    """Count what is read from layers that are frozen or switched off."""
    for name, count in Counter(entity.layer for entity in placed).items():
        if name in drawing.layers:
            known = drawing.layers.get(name)
            if known.is_frozen() or known.is_off():
                tally.add("hidden_layers", name, count)


def count_paper_space(drawing: Drawing, tally: Tally) -> None:
    """Count what stands on sheets, which are not read; the windows on the model do not count."""
    for layout in drawing.layouts:
        if not layout.is_modelspace:
            tally.add("paper_space", layout.name, sum(entity.dxftype() != "VIEWPORT" for entity in layout))
