"""The schemes that come with the package: one table each, listed in `schemes.csv`."""

from __future__ import annotations

from functools import cache
from typing import Any

from spatial.errors import InputError
from spatial.schemes.class_scheme import ClassRow, Scheme, SchemeKind
from spatial.schemes.urban import table_rows
from spatial.text import Message


def scheme(id: str) -> Scheme:
    """A shipped scheme by its id, as `scheme_ids` lists them; an unknown id is an `InputError`."""
    known = scheme_ids()
    if id not in known:
        raise InputError(Message("scheme.unknown", {"id": id, "known": known}))
    return _read(id)


def scheme_ids(kind: SchemeKind | None = None) -> tuple[str, ...]:
    """The ids of the shipped schemes, all or of one kind, in the order of `schemes.csv`."""
    return tuple(id for id, row in _listed().items() if kind in {None, row["kind"]})


@cache
def _listed() -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in table_rows("schemes")}


@cache
def _read(id: str) -> Scheme:
    facts: dict[str, Any] = dict(_listed()[id])
    del facts["mapping"], facts["remark"]
    rows = tuple(_row(row, facts["status"]) for row in table_rows(id))
    return Scheme(title=Message(f"scheme.title_{id}"), rows=rows, **facts)


def _row(row: dict[str, str], status: str) -> ClassRow:
    code = row["code"]
    return ClassRow(
        code,
        row.get("name_zh") or code,
        row.get("name_en") or code,
        row["class"],
        category=row.get("category", ""),
        built_up=row.get("built_up") == "yes",
        aliases=tuple(filter(None, row.get("aliases", "").split(";"))),
        status=status,
        remark=row["remark"],
    )
