"""`spatial indicators`: the catalogue as tables and as plain data."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from importlib import import_module
from typing import Any

from spatial.cli.screen import put, put_table, say
from spatial.indicators import Indicator, catalogue
from spatial.model.district import LAYER_NAMES
from spatial.parameters import parameter_rows
from spatial.report.numbers import unit_label
from spatial.report.wording import indicator_definition, indicator_title, layer_name, reference_line
from spatial.text import has, lookup

AREA = ("zones", "area")


def whole_catalogue() -> dict[str, Indicator]:
    """All indicators by id, those that are made from other results with them."""
    import_module("spatial.emissions.inventory")
    return dict(catalogue())


def theme_name(theme: str, language: str) -> str:
    """A theme as readers call it."""
    return lookup(f"theme.{theme}", language) if has(f"theme.{theme}", language) else theme


def needs(entry: Indicator, language: str) -> str:
    """The layers that an indicator reads beside the area and its zones."""
    layers = [name for name in entry.inputs if name in LAYER_NAMES and name not in AREA]
    return lookup("report.list_separator", language).join(layer_name(name, language) for name in layers)


def parameter_ids(function: Callable[..., Any] | None) -> dict[str, str]:
    """Which row of parameters.csv each default comes from, read off the function's own signature."""
    if function is None:
        return {}
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    found = {}
    for argument, default in zip(definition.args.kwonlyargs, definition.args.kw_defaults, strict=True):
        for node in ast.walk(default) if default else ():
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "parameter":
                row = node.args[0]
                if isinstance(row, ast.Constant):
                    found[argument.arg] = str(row.value)
    return found


def settings_of(entry: Indicator) -> list[dict[str, Any]]:
    """The settings of an indicator, with defaults, units and where those come from."""
    rows, ids = parameter_rows(), parameter_ids(entry.function)
    settings = []
    for name, default in entry.parameters.items():
        row = rows.get(ids.get(name, name))
        about = {"unit": row.unit, "source": row.source, "status": row.status} if row else {}
        settings.append({"name": name, "default": default, "unit": "", "source": "", "status": "", **about})
    return settings


def as_data(entry: Indicator, language: str) -> dict[str, Any]:
    """One entry for machines."""
    return {
        "id": entry.id,
        "title": indicator_title(entry.id, language),
        "definition": indicator_definition(entry.id, language),
        "unit": entry.unit,
        "theme": entry.theme,
        "over": entry.over,
        "better": entry.better,
        "needs": [name for name in entry.inputs if name in LAYER_NAMES and name not in AREA],
        "settings": [{**setting, "default": _plain(setting["default"])} for setting in settings_of(entry)],
        "reference": reference_line(entry.reference),
    }


def put_catalogue(entries: list[Indicator], language: str) -> None:
    """All entries as one table."""
    columns = [say(f"cli.column_{name}", language) for name in ("id", "title", "unit", "theme", "needs")]
    rows = [
        (
            entry.id,
            indicator_title(entry.id, language),
            unit_label(entry.unit, language),
            theme_name(entry.theme, language),
            needs(entry, language),
        )
        for entry in entries
    ]
    put_table("", columns, rows)


def put_indicator(entry: Indicator, language: str) -> None:
    """One entry in full."""
    put(f"{indicator_title(entry.id, language)} ({entry.id})")
    put()
    for key, value in (
        ("definition", indicator_definition(entry.id, language)),
        ("column_unit", unit_label(entry.unit, language)),
        ("column_theme", theme_name(entry.theme, language)),
        ("column_needs", needs(entry, language)),
        ("reference", reference_line(entry.reference)),
    ):
        if value:
            put(say("cli.line", language, name=say(f"cli.{key}", language), value=value))
    put(say(f"cli.better_{entry.better}", language))
    settings = settings_of(entry)
    if not settings:
        put(say("cli.no_settings", language))
    columns = [say(f"cli.column_{name}", language) for name in ("setting", "default", "unit", "source", "data")]
    put()
    put_table(say("cli.settings", language), columns, [_setting_row(setting, language) for setting in settings])


def _setting_row(setting: dict[str, Any], language: str) -> tuple[str, ...]:
    unit, status = setting["unit"], setting["status"]
    return (
        setting["name"],
        _number(setting["default"]),
        unit_label(unit, language) if has(f"unit.{unit}", language) else unit,
        setting["source"] or say("cli.no_source", language),
        lookup(f"status.{status}", language) if has(f"status.{status}", language) else status,
    )


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
