"""Which letters the bytes of a text file stand for: as declared, else UTF-8, else GB18030, and never a guess unsaid."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from pathlib import Path

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.text import Message, Value

UTF8, GB18030 = "utf-8", "gb18030"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def known_encoding(name: str, path: Path) -> str:
    """The standard name of an encoding; GBK and GB 2312 are read as GB18030, which holds both.

    Raises
    ------
    InputError : nobody knows an encoding of that name.
    """
    text = name.strip()
    try:
        found = codecs.lookup(f"cp{text}" if text.isdigit() else text.removeprefix("LDID/")).name
    except LookupError:
        raise InputError(Message("encoding.unknown", {"path": path.name, "found": text})) from None
    return GB18030 if found in ("gbk", "gb2312", "cp936", "hz") else found


def decoded(raw: bytes, path: Path, *, ledger: Ledger, layer: str, declared: str | None = None) -> str:
    """The text of a whole file. What was taken is said in the ledger wherever the file itself did not say it.

    Raises
    ------
    InputError : the bytes are no text in the declared encoding, or in neither UTF-8 nor GB18030.
    """
    for mark, marked in _MARKS:
        if raw.startswith(mark):
            return _strict(raw, marked, path)
    if declared is not None:
        return _strict(raw, known_encoding(declared, path), path)
    taken = encoding_of([raw])
    if taken is None:
        raise InputError(Message("encoding.neither", {"path": path.name}))
    note_encoding(taken, path, ledger=ledger, layer=layer)
    return raw.decode(taken)


def encoding_of(whole: Iterable[bytes], cut: Iterable[bytes] = ()) -> str | None:
    """UTF-8 where every piece is, else GB18030, else None.

    Parameters
    ----------
    cut : pieces that may end in the middle of a letter, as text does that fills a field of fixed width.
    """
    texts = [*((piece, True) for piece in whole), *((piece, False) for piece in cut)]
    return next((name for name in (UTF8, GB18030) if all(_reads(text, name, final) for text, final in texts)), None)


def note_encoding(taken: str, path: Path, *, ledger: Ledger, layer: str) -> None:
    """Say it where a text was taken for something other than UTF-8."""
    if taken != UTF8:
        ledger.record(layer, "chosen", Message("encoding.taken", {"path": path.name, "encoding": taken.upper()}))


def _reads(text: bytes, name: str, final: bool) -> bool:
    """Whether the bytes are letters of an encoding; the last one may be unfinished unless this is the whole text."""
    try:
        codecs.getincrementaldecoder(name)().decode(text, final)
    except UnicodeDecodeError:
        return False
    return True


def _strict(raw: bytes, name: str, path: Path) -> str:
    try:
        return raw.decode(name)
    except UnicodeDecodeError as error:
        values: dict[str, Value] = {"path": path.name, "encoding": name.upper(), "byte": error.start + 1}
        raise InputError(Message("encoding.wrong", values)) from None
