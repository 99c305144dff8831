"""A .dxf file to an ezdxf document: decoded, repaired where it is damaged, refused where it is no DXF."""

from __future__ import annotations

import io
import logging
import re
from pathlib import Path

from ezdxf import filemanagement, recover
from ezdxf.document import Drawing
from ezdxf.lldxf.const import DXFError
from ezdxf.tools.codepage import toencoding

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.dxf.decoding import Decoded, decode
from spatial.text import Message, Value

_BINARY = b"AutoCAD Binary DXF\r\n\x1a\x00"
_DWG = re.compile(rb"AC(?:10\d\d|[12]\.\d)")
_BOM = b"\xef\xbb\xbf"
_FAULTS = (DXFError, ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError)


def open_drawing(path: Path, *, ledger: Ledger, layer: str) -> Drawing:
    """The document in a DXF file, ASCII or binary; how its text was decoded is said in the ledger.

    Raises
    ------
    InputError : no such file, a DWG (by its suffix or its first bytes), not a DXF, or damaged beyond repair.
    """
    if not path.is_file():
        raise InputError(Message("vector.missing", {"path": path.name}))
    if path.suffix.lower() == ".dwg":
        raise InputError(Message("dxf.dwg", {"path": path.name}))
    _silence()
    data = path.read_bytes()
    if _DWG.match(data):
        raise InputError(Message("dxf.dwg_inside", {"path": path.name}))
    if data.startswith(_BINARY):
        return _binary(path, ledger, layer)
    data = data.removeprefix(_BOM)
    if not re.search(rb"^\s*0\s*[\r\n]+\s*SECTION\b", data, re.MULTILINE):
        raise InputError(Message("dxf.not_dxf", {"path": path.name}))
    decoded = decode(data)
    drawing = _parsed(decoded, path, ledger, layer)
    _say_encoding(decoded, path, ledger, layer)
    return drawing


def _silence() -> None:
    """Keep ezdxf's log off the screen where nobody has asked for it."""
    log = logging.getLogger("ezdxf")
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _parsed(decoded: Decoded, path: Path, ledger: Ledger, layer: str) -> Drawing:
    try:
        return filemanagement.read(io.StringIO(decoded.text, newline=None))
    except _FAULTS:
        pass
    try:
        drawing, audit = recover.read(io.BytesIO(_as_declared(decoded.text)), errors="ignore")
    except _FAULTS as reason:
        raise InputError(Message("dxf.unreadable", {"path": path.name, "found": type(reason).__name__})) from reason
    repairs, left = len(audit.fixes), len(audit.errors)
    ledger.record(layer, "warned", Message("dxf.recovered", {"path": path.name, "repairs": repairs, "errors": left}))
    return drawing


def _as_declared(text: str) -> bytes:
    """The text in the encoding that the recovery will take it to be in."""
    version = re.search(r"\$ACADVER\s+1\s+(AC\d{4})", text)
    if version and version.group(1) >= "AC1021":
        return text.encode("utf-8", errors="replace")
    page = re.search(r"\$DWGCODEPAGE\s+3\s+(\S+)", text)
    return text.encode(toencoding(page.group(1) if page else ""), errors="dxfreplace")


def _binary(path: Path, ledger: Ledger, layer: str) -> Drawing:
    try:
        try:
            drawing = filemanagement.readfile(path, errors="strict")
        except UnicodeDecodeError:
            drawing = filemanagement.readfile(path, errors="ignore")
            ledger.record(layer, "warned", Message("dxf.characters_lost_binary", {"path": path.name}))
    except _FAULTS as reason:
        raise InputError(Message("dxf.unreadable", {"path": path.name, "found": type(reason).__name__})) from reason
    said: dict[str, Value] = {
        "path": path.name,
        "encoding": drawing.output_encoding,
        "reason": Message("dxf.encoding_binary"),
    }
    ledger.record(layer, "read", Message("dxf.encoding", said))
    return drawing


def _say_encoding(decoded: Decoded, path: Path, ledger: Ledger, layer: str) -> None:
    said: dict[str, Value] = {"path": path.name, "encoding": decoded.encoding, "reason": decoded.reason}
    ledger.record(layer, "read", Message("dxf.encoding", said))
    if decoded.lost:
        lost = Message("dxf.characters_lost", {"path": path.name, "count": decoded.lost})
        ledger.record(layer, "warned", lost, count=decoded.lost)
