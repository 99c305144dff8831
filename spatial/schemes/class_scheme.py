"""A scheme of classes: its codes, what they mean, and how a code that is not listed finds its nearest class."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import pandas as pd

from spatial.errors import InputError, Problems
from spatial.schemes.urban import BUILT_UP, UNCLASSIFIED, urban_classes
from spatial.text import Message, Value

SchemeKind: TypeAlias = Literal["use", "cover", "mixed"]
Hierarchy: TypeAlias = Literal["flat", "by_character", "by_pair", "by_path", "by_key"]

_NAMED = 5


@dataclass(frozen=True)
class ClassRow:
    """One class of a scheme.

    `use` is the urban class that it maps to, `category` the category of places ("" for none), `built_up` whether
    it counts as built-up land cover (marked in cover and mixed schemes only). `status` tells how far code and name
    were checked: verified, secondary, convention or own; what a class maps to is always our convention.
    """

    code: str
    name_zh: str
    name_en: str
    use: str
    category: str = ""
    built_up: bool = False
    aliases: tuple[str, ...] = ()
    status: str = "own"
    remark: str = ""


@dataclass(frozen=True)
class Scheme:
    """A table of classes.

    Parameters
    ----------
    kind : use (what land is used for), cover (what covers it: knows one urban class) or mixed.
    hierarchy : how a code that is not listed finds a listed one: R22 → R2 → R (by_character), 070102 → 0701 → 07
        (by_pair), "a;b" → "a" (by_path), "key=value" → "key=*" (by_key); never in a flat scheme.
    pattern : regular expression of one code.
    """

    id: str
    title: Message
    kind: SchemeKind
    hierarchy: Hierarchy
    pattern: str
    rows: tuple[ClassRow, ...]
    source: str
    year: str
    status: str

    def find(self, code: object) -> ClassRow | None:
        """The class of a code: its own, else that of the longest known prefix; None for an unknown code."""
        for part in self.lineage(code):
            if part.casefold() in self._by_code:
                return self._by_code[part.casefold()]
        return None

    def exact(self, code: object) -> ClassRow | None:
        """The class that is listed under exactly this code."""
        return self._by_code.get(plain_code(code).casefold())

    def by_name(self, name: str) -> ClassRow | None:
        """The class of this name, with or without a final 用地 or 地; None where classes of one name differ in use."""
        return self._by_name.get(plain_name(name))

    def matches(self, code: object) -> bool:
        """Whether this could be a code of the scheme, listed or not."""
        return re.fullmatch(self.pattern, plain_code(code), re.IGNORECASE) is not None

    def lineage(self, code: object) -> tuple[str, ...]:
        """The code and the more general ones that it is part of; the last is its main class."""
        plain = plain_code(code)
        return (plain, *self._shorter(plain)) if self.matches(plain) else (plain,)

    @property
    def built_up_codes(self) -> tuple[str, ...]:
        """The codes that count as built-up land cover."""
        return tuple(row.code for row in self.rows if row.built_up)

    @classmethod
    def from_rows(
        cls,
        table: pd.DataFrame,
        *,
        id: str,
        name: str,
        kind: SchemeKind = "use",
        hierarchy: Hierarchy = "flat",
        pattern: str = ".+",
        categories: Collection[str] = (),
    ) -> Scheme:
        """A scheme of the user's own.

        Parameters
        ----------
        table : columns `code`, `name` and `class` (urban classes) or `category` (of places), or both.
        name : the file that messages name.
        categories : the categories that are known; not checked when empty.

        Raises
        ------
        InputError : all problems of the table at once.
        """
        texts = pd.DataFrame({str(column): table[column].map(plain_code) for column in table.columns})
        problems = Problems()
        for message in _faults(texts, name, frozenset(categories)):
            problems.add(message)
        problems.raise_if_any(InputError)
        blank = pd.Series("", index=texts.index)
        uses, places = texts.get("class", blank), texts.get("category", blank)
        rows = tuple(
            ClassRow(code, called, called, use or UNCLASSIFIED, category, built_up=use == BUILT_UP)
            for code, called, use, category in zip(texts["code"], texts["name"], uses, places, strict=True)
        )
        title = Message("scheme.own", {"name": name})
        return cls(id, title, kind, hierarchy, pattern, rows, source=name, year="", status="own")

    def _shorter(self, code: str) -> Iterator[str]:
        if self.hierarchy == "by_key":
            yield f"{code.partition('=')[0]}=*"
        step = {"by_character": 1, "by_pair": 2}.get(self.hierarchy, 0)
        if step:
            yield from (code[:end] for end in range(len(code) - step, 0, -step))
        if self.hierarchy == "by_path":
            parts = code.split(";")
            yield from (";".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))

    @cached_property
    def _by_code(self) -> dict[str, ClassRow]:
        return {row.code.casefold(): row for row in self.rows}

    @cached_property
    def _by_name(self) -> dict[str, ClassRow]:
        found: dict[str, list[ClassRow]] = {}
        for row in self.rows:
            for name in {plain_name(called) for called in (row.name_zh, row.name_en, *row.aliases)} - {""}:
                found.setdefault(name, []).append(row)
        return {name: rows[0] for name, rows in found.items() if len({row.use for row in rows}) == 1}


def plain_code(code: object) -> str:
    """A code as text: full-width characters made narrow, no space around it, 701.0 as "701", missing as ""."""
    if code is None or code is pd.NA or code != code:  # noqa: PLR0124 - NaN is not equal to itself
        return ""
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    return re.sub(r"\s*([;=])\s*", r"\1", unicodedata.normalize("NFKC", str(code))).strip()


def plain_name(name: str) -> str:
    """A name without what names of one class differ by: width, case, spaces, a final 用地 or 地."""
    narrow = "".join(unicodedata.normalize("NFKC", name).split()).casefold()
    return re.sub(r"(用地|地)$", "", narrow)


def _faults(texts: pd.DataFrame, name: str, categories: frozenset[str]) -> Iterator[Message]:
    there = set(texts.columns)
    missing = tuple(column for column in ("code", "name") if column not in there)
    missing += () if there & {"class", "category"} else ("class",)
    if missing:
        yield Message("scheme.columns_missing", {"name": name, "missing": missing, "found": tuple(texts.columns)})
        return
    if texts.empty:
        yield Message("scheme.no_rows", {"name": name})
        return
    blank = texts.index[texts["code"] == ""]
    if len(blank):
        rows = tuple(str(row) for row in blank[:_NAMED])
        yield Message("scheme.code_empty", {"name": name, "count": len(blank), "rows": rows})
    codes = texts.loc[texts["code"] != "", "code"]
    twice = tuple(dict.fromkeys(codes[codes.str.casefold().duplicated()]))
    if twice:
        yield Message("scheme.code_twice", {"name": name, "codes": twice})
    yield from _unknown(texts, "class", urban_classes(), name)
    if categories:
        yield from _unknown(texts, "category", ("", *sorted(categories)), name)


def _unknown(texts: pd.DataFrame, column: str, known: tuple[str, ...], name: str) -> Iterator[Message]:
    if column not in texts:
        return
    wrong = texts[~texts[column].isin(known)]
    if len(wrong):
        found = tuple(f"{code} = {value or '–'}" for code, value in zip(wrong["code"], wrong[column], strict=True))
        values: dict[str, Value] = {"name": name, "found": found, "known": tuple(filter(None, known))}
        yield Message(f"scheme.unknown_{column}", values)
