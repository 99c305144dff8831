"""Plan codes as planners write them: R2, Ｒ２, R2B1, B1/B2, R2/B1 7:3, R2(70%)B1(30%), 0701/0901."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

from spatial.parameters import parameter
from spatial.schemes.class_scheme import ClassRow, Scheme, plain_code

MixedRule: TypeAlias = Literal["equal", "first"]
CodeProblem: TypeAlias = Literal["", "empty", "unknown", "ambiguous", "shares"]

_SEPARATORS = str.maketrans(dict.fromkeys("、,;|+&\\和及与", "/"))
_HAN = "\u3400-\u9fff"
_NAME_THEN_CODE = re.compile(rf"([^A-Za-z0-9()]*[{_HAN}][^A-Za-z0-9()]*)\(([^{_HAN}]+)\)")
_CODE_THEN_NAME = re.compile(rf"([A-Za-z0-9]+)[\s\-]*([{_HAN}]+)")
_RATIO = re.compile(r"(.*\S)\s*[=( ]\s*(\d+(?:\.\d+)?(?::\d+(?:\.\d+)?)+)\s*\)?")
_PERCENT = re.compile(r"\(?\s*(\d+(?:\.\d+)?)\s*%\s*\)?")
_FRACTION = re.compile(r"\(\s*(0?\.\d+)\s*\)")


class Part(NamedTuple):
    """One code of a mix, the share of the land that has it, the class that it was found as, and in which scheme."""

    code: str
    share: float
    row: ClassRow
    scheme: str


@dataclass(frozen=True)
class ParsedCode:
    """What a plan code says.

    Parameters
    ----------
    parts : the codes that count, with shares that sum to 1; empty where there is a problem.
    found : all codes that were read, also those that the rule "first" leaves out.
    stated : whether the shares stand in the code; else they follow from the rule.
    problem : empty (no code), unknown (a code of none of the schemes), ambiguous (a run of digits that may be cut in
        several ways), shares (shares that do not fit the codes or do not add up), or "" for none.
    name : a class name that stands beside the code, "" for none.
    restored : whether a leading zero, as spreadsheets drop it, was put back.
    """

    text: str
    parts: tuple[Part, ...] = ()
    found: tuple[Part, ...] = ()
    stated: bool = False
    problem: CodeProblem = ""
    name: str = ""
    restored: bool = False

    @property
    def mixed(self) -> bool:
        """Whether there are several codes."""
        return len(self.found) > 1


class _NotUnderstood(Exception):
    def __init__(self, problem: CodeProblem) -> None:
        self.problem = problem


def parse_codes(
    text: object,
    schemes: Sequence[Scheme],
    *,
    rule: MixedRule = "equal",
    tolerance_pct: float = parameter("plan_shares_tolerance_pct"),
) -> ParsedCode:
    """Read one plan code, single or mixed.

    Parameters
    ----------
    schemes : tried in this order; a listed code goes before one of which only a prefix is listed.
    rule : how codes without stated shares divide the land: equally, or all of it to the first.
    tolerance_pct : stated percentages may miss 100 by this much (33 + 33 + 33) and are scaled.
    """
    plain = plain_code(text)
    if not any(character.isalnum() for character in plain):
        return ParsedCode(plain, problem="empty")
    whole = _whole(plain, schemes)
    if whole is not None:
        return _by_rule(ParsedCode(plain, found=(whole,)), rule)
    body, name = _without_name(plain, schemes)
    body = _upper(body.translate(_SEPARATORS))
    try:
        parts, stated = _shared(body, schemes, tolerance_pct)
    except _NotUnderstood as reason:
        return ParsedCode(plain, problem=reason.problem, name=name)
    restored = any(part.code.startswith("0") and part.code not in body for part in parts)
    return _by_rule(ParsedCode(plain, found=_merged(parts), stated=stated, name=name, restored=restored), rule)


def _by_rule(read: ParsedCode, rule: MixedRule) -> ParsedCode:
    if rule == "first" and not read.stated:
        return replace(read, parts=(read.found[0]._replace(share=1.0),))
    return replace(read, parts=read.found)


def _whole(plain: str, schemes: Sequence[Scheme]) -> Part | None:
    """The text as it stands, where it is listed or lies below a listed path or key."""
    for scheme in schemes:
        deep = scheme.hierarchy in {"by_path", "by_key"}
        row = scheme.find(plain) if deep else scheme.exact(plain)
        if row is not None:
            return Part(plain if deep else row.code, 1.0, row, scheme.id)
    return None


def _without_name(plain: str, schemes: Sequence[Scheme]) -> tuple[str, str]:
    """The code alone and the class name beside it: "坑塘沟渠(E13)", "R2二类居住用地"."""
    named = _NAME_THEN_CODE.fullmatch(plain)
    if named:
        return named[2], named[1]
    coded = _CODE_THEN_NAME.fullmatch(plain)
    if coded and any(scheme.by_name(coded[2]) is not None for scheme in schemes):
        return coded[1], coded[2]
    return plain, ""


def _upper(body: str) -> str:
    """Capitals for r2 and r2b1, not for Rb or r2a: a small letter that stands alone is a local subclass."""
    mixed = body != body.lower() or re.search(r"(?<=[a-z0-9])[a-z](?!\d)", body)
    return body if mixed else body.upper()


def _shared(body: str, schemes: Sequence[Scheme], tolerance_pct: float) -> tuple[list[Part], bool]:
    """The codes with their shares, and whether these are stated."""
    body = _FRACTION.sub(lambda match: f"({100 * float(match[1]):g}%)", body)
    if "%" in body:
        codes, percents = _percentages(body)
        if any(p <= 0 for p in percents) or abs(sum(percents) - 100) > tolerance_pct:
            raise _NotUnderstood("shares")
        singles = [_codes_of(code, schemes) for code in codes]
        if any(len(parts) != 1 for parts in singles):
            raise _NotUnderstood("shares")
        return _weighted([parts[0] for parts in singles], percents), True
    ratio = _RATIO.fullmatch(body)
    if ratio:
        parts, weights = _codes_of(ratio[1], schemes), [float(number) for number in ratio[2].split(":")]
        if len(parts) != len(weights) or min(weights) <= 0:
            raise _NotUnderstood("shares")
        return _weighted(parts, weights), True
    parts = _codes_of(body, schemes)
    return _weighted(parts, [1.0] * len(parts)), False


def _percentages(body: str) -> tuple[list[str], list[float]]:
    """Codes and percentages that take turns, whichever comes first."""
    pieces = _PERCENT.split(body)
    codes, percents = [piece.strip("/ :") for piece in pieces[0::2]], [float(number) for number in pieces[1::2]]
    codes = codes[1:] if not codes[0] else codes[:-1] if not codes[-1] else []
    if len(codes) != len(percents) or not all(codes):
        raise _NotUnderstood("shares")
    return codes, percents


def _weighted(parts: list[Part], weights: Iterable[float]) -> list[Part]:
    weights = list(weights)
    return [part._replace(share=weight / sum(weights)) for part, weight in zip(parts, weights, strict=True)]


def _merged(parts: Iterable[Part]) -> tuple[Part, ...]:
    """A code that stands twice counts once, with both shares."""
    merged: dict[tuple[str, str], Part] = {}
    for part in parts:
        key = (part.scheme, part.code)
        merged[key] = part._replace(share=part.share + merged[key].share) if key in merged else part
    return tuple(merged.values())


def _codes_of(body: str, schemes: Sequence[Scheme]) -> list[Part]:
    """The codes of a text without shares. Letters and bare numbers in one text may be no mix: "R2 12"."""
    body = re.sub(r"(?<=[A-Z]) +(?=\d)", "", body)
    chunks = [chunk for chunk in re.split(r"[/:\s]+", body) if chunk]
    if not chunks:
        raise _NotUnderstood("unknown")
    if len({chunk.isdecimal() for chunk in chunks}) > 1:
        raise _NotUnderstood("ambiguous")
    if len(chunks) == 1 and chunks[0].isdecimal() and len(chunks[0]) % 2:
        return _zero_restored(chunks[0], schemes)
    return [part for chunk in chunks for part in _read(chunk, schemes)]


def _zero_restored(number: str, schemes: Sequence[Scheme]) -> list[Part]:
    """A single code in pairs of digits that lost its leading zero in a spreadsheet."""
    return _read(f"0{number}", [scheme for scheme in schemes if scheme.hierarchy == "by_pair"])


def _read(chunk: str, schemes: Sequence[Scheme]) -> list[Part]:
    """The codes of a piece without separators: one code, or several that letters keep apart."""
    for scheme in schemes:
        row = scheme.exact(chunk)
        if row is not None:
            return [Part(row.code, 1.0, row, scheme.id)]
    for scheme in schemes:
        found = _by_pairs(chunk, scheme) if scheme.hierarchy == "by_pair" else _by_letters(chunk, scheme)
        if found:
            return found
    raise _NotUnderstood("unknown")


def _by_letters(chunk: str, scheme: Scheme) -> list[Part]:
    if scheme.hierarchy == "by_character" and re.fullmatch(f"(?:{scheme.pattern})+", chunk):
        codes = [match[0] for match in re.finditer(scheme.pattern, chunk)]
    else:
        codes = [chunk]
    rows = [scheme.find(code) for code in codes]
    return [Part(code, 1.0, row, scheme.id) for code, row in zip(codes, rows, strict=True) if row] if all(rows) else []


def _by_pairs(chunk: str, scheme: Scheme) -> list[Part]:
    """A code in pairs of digits, unless it may as well be several codes in a row."""
    if chunk.isdecimal() and len(chunk) > 2 and _divides(chunk, scheme):
        raise _NotUnderstood("ambiguous")
    row = scheme.find(chunk)
    return [Part(chunk, 1.0, row, scheme.id)] if row else []


def _divides(code: str, scheme: Scheme) -> bool:
    """Whether a run of digits can be cut into listed codes."""
    if not code:
        return True
    cuts = range(2, min(len(code), 6) + 1, 2)
    return any(scheme.exact(code[:cut]) is not None and _divides(code[cut:], scheme) for cut in cuts)
