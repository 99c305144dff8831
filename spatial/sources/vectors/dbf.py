"""How the letters of a Shapefile are written: its .cpg file, else UTF-8, else GB18030."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.encodings import encoding_of, known_encoding, note_encoding
from spatial.text import Message

_HEAD, _FIELD, _NAME, _END = 32, 32, 10, 0x0D


def shapefile_encoding(path: Path, *, declared: str | None, ledger: Ledger, layer: str) -> str:
    """The encoding of the table beside a .shp file.

    Raises
    ------
    InputError : a .cpg file, or the study file, names an encoding that nobody knows; or the letters are neither
        UTF-8 nor GB18030.
    """
    if declared is not None:
        return known_encoding(declared, path)
    page = beside(path, ".cpg")
    if page is not None and (said := page.read_text(encoding="ascii", errors="replace").strip()):
        return known_encoding(said, page)
    table = beside(path, ".dbf")
    whole, cut = _texts(table.read_bytes()) if table is not None else ([], [])
    taken = encoding_of(whole, cut)
    if taken is None:
        raise InputError(Message("encoding.neither", {"path": path.name}))
    note_encoding(taken, path, ledger=ledger, layer=layer)
    return taken


def beside(path: Path, suffix: str) -> Path | None:
    """The part of a Shapefile with a suffix, in small or capital letters."""
    return next((p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() == suffix), None)


def _texts(raw: bytes) -> tuple[list[bytes], list[bytes]]:
    """The field names and every different cell of text without the blanks that fill it up: those with room left, and
    those that fill their field and so may be cut.
    """
    whole: list[bytes] = []
    cut: list[bytes] = []
    if len(raw) < _HEAD:
        return whole, cut
    rows, start, width = struct.unpack("<IHH", raw[4:12])
    at, offset = _HEAD, 1
    body = np.frombuffer(raw, np.uint8, offset=start)[: rows * width]
    body = body[: len(body) // max(width, 1) * width].reshape(-1, max(width, 1))
    while at + _FIELD <= len(raw) and raw[at] != _END:
        name, kind, size = raw[at : at + 11].split(b"\0")[0], raw[at + 11 : at + 12], raw[at + 16]
        (whole if len(name) < _NAME else cut).append(name)
        if kind == b"C" and size and len(body):
            cells = np.ascontiguousarray(body[:, offset : offset + size]).view(f"S{size}").ravel()
            for cell in np.unique(cells).tolist():
                text = cell.rstrip(b" \0")
                (whole if len(text) < size else cut).append(text)
        at, offset = at + _FIELD, offset + size
    return whole, cut
