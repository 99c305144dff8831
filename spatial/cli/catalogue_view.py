"""`spatial indicators`: the catalogue as tables and as plain data."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from spatial.cli.screen import put, put_table, say, screen_width
from spatial.indicators import Indicator, catalogue
from spatial.model.district import LAYER_NAMES
from spatial.parameters import rows_behind
from spatial.report.numbers import unit_label
from spatial.report.wording import (
    indicator_definition,
    indicator_title,
    layer_name,
    parameter_source,
    parameter_unit,
    reference_line,
    setting_value,
)
from spatial.text import has, lookup

AREA = ("zones", "area")
WIDE = 120


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


def settings_of(entry: Indicator) -> list[dict[str, Any]]:
    """The settings of an indicator, with defaults, the range that may be given, units and where those come from."""
    settings = []
    for name, default in entry.parameters.items():
        row = rows_behind(default)[0]
        about = {about: getattr(row, about) for about in ("low", "high", "unit", "source", "status")}
        settings.append({"name": name, "default": default, **about})
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
        "reference": reference_line(entry.reference, language),
    }


def put_catalogue(entries: list[Indicator], language: str) -> None:
    """All entries as one table; a narrow screen has no room for themes and needs, which each entry says in full."""
    shown = ("id", "title", "unit", "theme", "needs")[: 3 if screen_width() < WIDE else 5]
    columns = [say(f"cli.column_{name}", language) for name in shown]
    rows = [
        (
            entry.id,
            indicator_title(entry.id, language),
            unit_label(entry.unit, language),
            theme_name(entry.theme, language),
            needs(entry, language),
        )[: len(shown)]
        for entry in entries
    ]
    put_table("", columns, rows, whole=(0,))


def put_indicator(entry: Indicator, language: str) -> None:
    """One entry in full."""
    put(f"{indicator_title(entry.id, language)} ({entry.id})")
    put()
    for key, value in (
        ("definition", indicator_definition(entry.id, language)),
        ("column_unit", unit_label(entry.unit, language)),
        ("column_theme", theme_name(entry.theme, language)),
        ("column_needs", needs(entry, language)),
        ("reference", reference_line(entry.reference, language)),
    ):
        if value:
            put(say("cli.line", language, name=say(f"cli.{key}", language), value=value))
    put(say(f"cli.better_{entry.better}", language))
    settings = settings_of(entry)
    if not settings:
        put(say("cli.no_settings", language))
    columns = [
        say(f"cli.column_{name}", language) for name in ("setting", "default", "range", "unit", "source", "data")
    ]
    put()
    put_table(
        say("cli.settings", language), columns, [_setting_row(setting, language) for setting in settings], whole=(0,)
    )


def _setting_row(setting: dict[str, Any], language: str) -> tuple[str, ...]:
    unit, status = setting["unit"], setting["status"]
    return (
        setting["name"],
        setting_value(setting["default"], language),
        say("cli.range", language, low=setting["low"], high=setting["high"]),
        parameter_unit(unit, language),
        parameter_source(setting["source"], language),
        lookup(f"status.{status}", language) if has(f"status.{status}", language) else status,
    )


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, bool | int | float | str) else list(value)
