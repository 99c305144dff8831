"""The unit of a drawing: as the study file says, as `$INSUNITS` says, and whether the plan's extent allows it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from ezdxf.document import Drawing

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.text import Message, Value

Unit: TypeAlias = Literal["mm", "cm", "m", "km"]

METRES: dict[Unit, float] = {"mm": 0.001, "cm": 0.01, "m": 1.0, "km": 1000.0}
_CODES: dict[int, Unit] = {4: "mm", 5: "cm", 6: "m", 7: "km"}
_NAMED_CODES = (1, 2, 3, 10, 14, 21)


def drawing_unit(
    drawing: Drawing, unit: Unit | None, boxes: npt.NDArray[np.float64], path: Path, *, ledger: Ledger, layer: str
) -> Unit:
    """The unit to read a drawing in.

    Parameters
    ----------
    unit : what the study file says; it counts, and what contradicts it is said.
    boxes : of the features, in drawing units, shape (n, 4). Their extent is the diagonal of the box around them all
        but the outermost `dxf_stray_pct` on each side, since a drawing often has something left at its origin.

    Raises
    ------
    InputError : the drawing is in another unit than metric ones, or in its unit (metres where it states none) its
        extent is not plausible and in another it would be; the message names that unit.
    """
    code = _code(drawing)
    across, whole = _across(boxes, parameter("dxf_stray_pct") / 100), _across(boxes, 0.0)
    stated = _CODES.get(code)
    found: Unit = unit or stated or "m"
    size = {"across": _length(across * METRES[found]), **_limits()}
    said: dict[str, Value] = {"path": path.name, "unit": found, **size}
    if unit is None:
        _refuse_foreign(code, across, path)
        _refuse_implausible(found, stated is not None, across, said)
    if unit is not None and code and stated != unit:
        contradicts = {**said, "found": stated or _name(code)}
        ledger.record(layer, "warned", Message("dxf.unit_contradicts", contradicts))
    source = "declared" if unit else "stated" if stated else "assumed"
    ledger.record(layer, "read" if source == "stated" else "chosen", Message(f"dxf.unit_{source}", said))
    if not _plausible(across * METRES[found]):
        ledger.record(layer, "warned", Message("dxf.unit_doubtful", said))
    elif not _plausible(whole * METRES[found]):
        strays = {"path": path.name, "across": size["across"], "whole": _length(whole * METRES[found])}
        ledger.record(layer, "warned", Message("dxf.strays", strays))
    return found


def _code(drawing: Drawing) -> int:
    """`$INSUNITS`; 0 where the drawing states none."""
    found = drawing.header.get("$INSUNITS", 0)
    return int(found) if isinstance(found, int | float) else 0


def _across(boxes: npt.NDArray[np.float64], left_out: float) -> float:
    """The diagonal of the box around the features, without a share of the outermost on each side."""
    skipped = int(len(boxes) * left_out)
    least, most = np.sort(boxes[:, :2], axis=0)[skipped], np.sort(boxes[:, 2:], axis=0)[-1 - skipped]
    return float(np.hypot(*(most - least)))


def _plausible(metres: float) -> bool:
    return parameter("dxf_across_min_m") <= metres <= parameter("dxf_across_max_km") * 1000


def _fitting(across: float, but: Unit | None = None) -> Unit | None:
    """The unit in which the drawing is as large as plans are: of several, the one nearest the middle of the range."""
    middle = np.log(parameter("dxf_across_min_m") * parameter("dxf_across_max_km") * 1000) / 2
    fits: list[Unit] = [unit for unit in METRES if unit != but and _plausible(across * METRES[unit])]
    return min(fits, key=lambda unit: abs(np.log(across * METRES[unit]) - middle), default=None)


def _refuse_foreign(code: int, across: float, path: Path) -> None:
    if not code or code in _CODES:
        return
    fitting = _fitting(across)
    fits = _fits(fitting, across) if fitting else Message("dxf.fits_none")
    raise InputError(Message("dxf.unit_foreign", {"path": path.name, "code": code, "found": _name(code), "fits": fits}))


def _refuse_implausible(found: Unit, stated: bool, across: float, said: dict[str, Value]) -> None:
    other = _fitting(across, found)
    if _plausible(across * METRES[found]) or other is None:
        return
    fits = _fits(other, across)
    if stated:
        raise InputError(Message("dxf.unit_implausible", {**said, "fits": fits}))
    raise InputError(Message("dxf.unit_missing", {**said, "fits": fits}))


def _fits(unit: Unit, across: float) -> Message:
    return Message("dxf.fits", {"unit": unit, "across": _length(across * METRES[unit])})


def _name(code: int) -> Message:
    return Message(f"dxf.unit_code_{code if code in _NAMED_CODES else 'other'}")


def _limits() -> dict[str, Value]:
    least, most = parameter("dxf_across_min_m"), parameter("dxf_across_max_km")
    return {"least": _length(least), "most": _length(most * 1000)}


def _length(metres: float) -> Message:
    if metres < 1000:
        return Message("dxf.metres", {"m": _rounded(metres)})
    return Message("dxf.kilometres", {"km": _rounded(metres / 1000)})


def _rounded(value: float) -> float:
    return round(value, 1) if value < 10 else round(value)
