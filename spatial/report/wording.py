"""How results, layers, statuses and licences are called in a reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from spatial.indicators.catalogue import Indicator, catalogue, references
from spatial.indicators.settings import Settings, settings_used
from spatial.model.provenance import Source
from spatial.parameters import rows_behind
from spatial.report.classes import LegendClass
from spatial.report.numbers import say_at, say_limit, unit_label
from spatial.text import Message, Value, decode, has, lookup, render

DEFAULTS: Settings = MappingProxyType({})
NOBODY = "residents.nobody_here"
_ITEM_SECTIONS = ("category", "land_use_class", "mode", "item")


def say(key: str, language: str, **values: Value) -> str:
    """The sentence under a key, filled with values."""
    return render(Message(key, values), language)


def indicator_title(id: str, language: str) -> str:
    """The title of an indicator; its id when the catalogue does not know it."""
    return _about(id, "title", language) or id


def indicator_definition(id: str, language: str, settings: Settings = DEFAULTS) -> str:
    """The definition of an indicator in one or two sentences; "" when the catalogue does not know it.

    `settings` : those that the results were computed with (`ResultTable.settings`); else the defaults.
    """
    return _about(id, "definition", language, settings.get(id))


def item_name(item: str, language: str) -> str:
    """A category or class as a reader calls it; the item itself when no language table names it."""
    found = next((f"{s}.{item}" for s in _ITEM_SECTIONS if has(f"{s}.{item}", language)), "")
    return lookup(found, language) if found else item


def variant(item: str, at: str, language: str, *, period: str = "", bound: str = "", scenario: str = "") -> str:
    """What tells one result of a family from the others: "food shop, 10 min"; "" where nothing does."""
    parts = [item_name(item, language) if item else "", say_at(at, language), period]
    parts += [_named("report.bound", bound, language), _named("report.scenario", scenario, language)]
    return lookup("report.variant_separator", language).join(part for part in parts if part)


def _named(section: str, name: str, language: str) -> str:
    """What a table calls something; its own name where no table has it."""
    key = f"{section}.{name}"
    return lookup(key, language) if name and has(key, language) else name


def result_title(indicator: str, item: str, at: str, language: str) -> str:
    """Title of one result: "Share of residents near …: food shop, 10 min"."""
    title, which = indicator_title(indicator, language), variant(item, at, language)
    return say("report.titled", language, title=title, which=which) if which else title


def class_label(one: LegendClass, unit: str, language: str, *, stored: bool = False) -> str:
    """What a legend says of one class: bare numbers, which `legend_unit` puts a unit to; shares carry their %.

    `stored`: in the catalogue's own unit and with it, as files hold the numbers.
    """
    exact = one.kind == "value"
    low, high = (say_limit(value, unit, language, stored=stored, rounded=exact) for value in (one.low, one.high))
    label = f" {lookup(f'unit.{unit}', language)}" if stored and unit not in ("%", "0–1") else ""
    if one.kind in ("zero", "value"):
        return low + label
    if one.kind == "under":
        return say("report.legend_less", language, high=high) + label
    if one.kind == "over":
        return say("report.legend_more", language, low=low) + label
    return say("report.legend_between", language, low=low, high=high) + label


def legend_unit(unit: str, language: str) -> str:
    """The unit that stands over a legend; "" where every class carries its own."""
    if unit == "%":
        return ""
    return lookup("report.legend_scale", language) if unit == "0–1" else unit_label(unit, language)


def reason_message(reason: str) -> Message | None:
    """The message that a result row's `reason` holds; None for ""."""
    return decode(reason) if reason else None


def say_reason(reason: str, language: str) -> str:
    """The reason of a result row in words; "" where there is none."""
    message = reason_message(reason)
    return render(message, language) if message else ""


def speaks_of(message: Message, key: str) -> bool:
    """Whether a message is the one under a key, or holds it among its values."""
    inner: list[Any] = list(message.values.values())
    while inner and message.key != key:
        value = inner.pop()
        if isinstance(value, tuple):
            inner.extend(value)
        elif isinstance(value, Message) and speaks_of(value, key):
            return True
    return message.key == key


def nobody_lives(reason: str) -> bool:
    """Whether a result row is without a value because its zone is without residents."""
    message = reason_message(reason)
    return message is not None and speaks_of(message, NOBODY)


def layer_name(layer: str, language: str) -> str:
    """A layer as a reader calls it; its own name when no language table has it."""
    return _named("layer", layer, language)


def _work(key: str, language: str) -> Mapping[str, str]:
    work = references().get(key, {})
    return {**work, **{name: work[f"{name}_{language}"] for name in work if f"{name}_{language}" in work}}


def short_reference(key: str, language: str) -> str:
    """A cited work as a text names it: "Ewing & Cervero 2010"."""
    work = _work(key, language)
    names = [author.split(",")[0].strip() for author in str(work.get("authors", key)).split(";")]
    several = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
    return f"{several} {work.get('year', '')}".strip()


def reference_line(key: str, language: str) -> str:
    """A cited work on one line: authors, year, title, DOI; as its publisher calls it in that language, where known."""
    work = _work(key, language)
    doi = work.get("doi", "")
    address = f"https://doi.org/{doi}" if doi else work.get("url", "")
    parts = [f"{work.get('authors', key)} ({work.get('year', 'n.d.')})", work.get("title", ""), address]
    return ". ".join(str(part) for part in parts if part)


def parameter_lines(
    entry: Indicator, language: str, settings: Settings = DEFAULTS, *, changed: bool = False
) -> tuple[str, ...]:
    """The settings of an indicator, each with the source of its value, or as set by the study beside its default.

    `changed` : only those that the study has set otherwise than the default.
    """
    used, lines = settings_used(entry.parameters, settings.get(entry.id, {})), []
    for name, default in settings_used(entry.parameters, {}).items():
        rows = rows_behind(entry.parameters[name])
        unit = parameter_unit(rows[0].unit, language) if rows else ""
        given: dict[str, Value] = {"id": name, "value": _with_unit(used[name], unit, language)}
        if used[name] != default:
            lines.append(say("table.parameter_set", language, **given, default=_with_unit(default, unit, language)))
        elif not changed:
            source = parameter_source(rows[0].source, language) if rows else lookup("report.unknown", language)
            lines.append(say("table.parameter", language, **given, source=source))
    return tuple(lines)


def setting_value(value: Any, language: str) -> str:
    """The value of a setting: a number, or several in a row."""
    parts = value if isinstance(value, tuple) else (value,)
    said = [f"{part:.10g}" if isinstance(part, int | float) else str(part) for part in parts]
    return lookup("report.list_separator", language).join(said)


def _with_unit(value: Any, unit: str, language: str) -> str:
    gap = "" if language == "zh" else " "
    return f"{setting_value(value, language)}{gap}{unit}".strip()


def parameter_unit(unit: str, language: str) -> str:
    """The unit of a parameter in a reader's language, as far as the tables have it."""
    keys = (f"unit.parameter.{unit}", f"unit.{unit}")
    return next((lookup(key, language) for key in keys if has(key, language)), unit)


def parameter_source(source: str, language: str) -> str:
    """Where a parameter comes from; a publication that no language table names keeps its own title."""
    keys = (f"parameter_source.{source}", f"cited_source.{source}")
    return next((lookup(key, language) for key in keys if has(key, language)), source)


def measured_place(place: str, language: str) -> str:
    """Where a parameter was measured."""
    return _named("measured_place", place, language)


def parameter_title(id: str, language: str) -> str:
    """What a parameter is, in words; "" when no language table says it."""
    return lookup(f"parameter.{id}", language) if has(f"parameter.{id}", language) else ""


def licence_lines(sources: Iterable[Source], language: str) -> tuple[str, ...]:
    """One line a licence that data made from these sources must carry; OpenStreetMap's comes first."""
    odbl, others = [], []
    for source in sources:
        licence = source.licence.lower().replace("-", " ")
        said: dict[str, Value] = {
            "name": source.name, "attribution": source.attribution or source.name, "licence": source.licence,
        }  # fmt: skip
        if "odbl" in licence or "open database" in licence:
            odbl.append(say("licence.odbl", language))
        elif licence.startswith("cc by 4"):
            others.append(say("licence.cc_by", language, **said))
        elif licence:
            others.append(say("licence.named", language, **said))
        else:
            others.append(say("licence.unknown", language, **said))
    return tuple(dict.fromkeys(odbl + others))


def _about(id: str, what: str, language: str, settings: Mapping[str, Any] | None = None) -> str:
    """Title or definition, filled with the indicator's settings where the text names them."""
    entry = catalogue().get(id)
    key = f"indicator.{id}.{what}"
    if not has(key, language):
        return ""
    used = settings_used(entry.parameters, settings or {}) if entry else {}
    return say(key, language, **{n: setting_value(v, language) if isinstance(v, tuple) else v for n, v in used.items()})
