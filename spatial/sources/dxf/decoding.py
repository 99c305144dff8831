"""The bytes of a drawing to text: by its version and code page, unless the bytes themselves say otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ezdxf.lldxf.encoding import decode_dxf_unicode, decode_mif_to_unicode
from ezdxf.tools.codepage import toencoding

from spatial.text import Message

_HEAD = 100_000
_LATIN = "cp1252"
_UTF8_FROM = "AC1021"
# Chinese characters of GB 2312 stand in pairs of two high bytes; a western text has single high bytes between letters.
_PAIRS = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]+")
_LOST = "\ufffd"


@dataclass(frozen=True)
class Decoded:
    """A drawing as text, how it was decoded and why, and how many characters could not be."""

    text: str
    encoding: str
    reason: Message
    lost: int


def decode(data: bytes) -> Decoded:
    r"""The text of a drawing. Codes of single characters (`\U+4F4F`, `\M+5D7A1`) are resolved."""
    declared, reason = declared_encoding(data)
    found, why = _real_encoding(data, declared)
    text = data.decode(found, errors="replace")
    lost = text.count(_LOST)
    if r"\U+" in text:
        text = decode_dxf_unicode(text)
    if r"\M+" in text:
        text = decode_mif_to_unicode(text)
    return Decoded(text, found, why or reason, lost)


def declared_encoding(data: bytes) -> tuple[str, Message]:
    """What the version and the code page of a drawing promise, and the words for it."""
    version = _variable(data, rb"\$ACADVER\s+1\s+(AC\d{4})") or "AC1009"
    if version >= _UTF8_FROM:
        return "utf-8", Message("dxf.encoding_by_version")
    page = _variable(data, rb"\$DWGCODEPAGE\s+3\s+([\w.-]+)")
    if not page:
        return _LATIN, Message("dxf.encoding_not_declared")
    chinese = page.endswith("936") or page.lower().startswith("gb")
    return "gb18030" if chinese else toencoding(page), Message("dxf.encoding_by_page", {"page": page})


def _variable(data: bytes, pattern: bytes) -> str:
    found = re.search(pattern, data[:_HEAD])
    return found.group(1).decode("ascii", errors="replace") if found else ""


def _real_encoding(data: bytes, declared: str) -> tuple[str, Message | None]:
    """The encoding that the bytes are in, and the reason where it is not the declared one."""
    if data.isascii():
        return declared, None
    utf8 = data.decode("utf-8", errors="replace")
    broken = utf8.count(_LOST)
    if declared == "utf-8":
        if not broken or 2 * broken <= len(utf8) - len(utf8.encode("ascii", errors="ignore")):
            return declared, None
        return "gb18030", Message("dxf.encoding_is_gbk_not_utf8")
    # Two bytes of GBK may look like one character of UTF-8, three in a row hardly ever do.
    if not broken and max(utf8) > "\u07ff":
        return "utf-8", Message("dxf.encoding_is_utf8", {"declared": declared})
    if declared == _LATIN and all(_PAIRS.fullmatch(run) for run in _HIGH.findall(data)):
        return "gb18030", Message("dxf.encoding_is_gbk")
    return declared, None
