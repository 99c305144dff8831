"""A class scheme of the user's own: a table of codes and what they mean."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spatial.model.places import DAILY_NEEDS
from spatial.model.provenance import Ledger
from spatial.schemes import Scheme
from spatial.schemes.class_scheme import Hierarchy, SchemeKind
from spatial.sources.tables import FIRST_ROW, named_columns, read_table
from spatial.text import Message


def read_crosswalk(
    path: Path,
    *,
    ledger: Ledger,
    layer: str = "places",
    columns: Mapping[str, str] | None = None,
    kind: SchemeKind = "use",
    hierarchy: Hierarchy = "flat",
    encoding: str | None = None,
    sheet: str | None = None,
) -> Scheme:
    """The scheme that a table gives: `code`, and `category` (of places) or `class` (of land use), or both; `name`.

    Parameters
    ----------
    columns : what the file calls these columns, where it calls them otherwise.
    kind : what the codes tell: use, cover, or mixed.
    hierarchy : how a code that is not listed finds a listed one (see `Scheme`); in a flat scheme it finds none.
    encoding : of a CSV file, where it cannot be found out.
    sheet : of a workbook that has several.

    Raises
    ------
    InputError : columns missing, a code twice or blank, a class or category that is not known; all at once.
    """
    table = read_table(path, ledger=ledger, layer=layer, encoding=encoding, sheet=sheet)
    rows = named_columns(table, columns or {}, path, needed=("code",), optional=("name", "class", "category"))
    if "name" not in rows:
        rows["name"] = rows["code"]
    rows.index += FIRST_ROW
    scheme = Scheme.from_rows(
        rows, id=path.stem, name=path.name, kind=kind, hierarchy=hierarchy, categories=DAILY_NEEDS
    )
    ledger.record(
        layer,
        "read",
        Message("scheme.own_read", {"path": path.name, "count": len(scheme.rows)}),
        count=len(scheme.rows),
    )
    return scheme
