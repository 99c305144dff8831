"""All that the page of a map holds besides the map: data for its scripts, choices, sources, what is missing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from spatial.model.control_lines import ROLES
from spatial.model.district import District
from spatial.model.provenance import Source
from spatial.model.results import ResultTable
from spatial.report.classes import classify
from spatial.report.layers import Frame, drawn_layers, labels, packed_zones
from spatial.report.numbers import say_value
from spatial.report.webmap import words
from spatial.report.webmap.columns import Column, Note, columns_of
from spatial.report.webmap.encoding import packed_indices, packed_numbers
from spatial.report.wording import (
    class_label,
    indicator_definition,
    indicator_title,
    legend_unit,
    nobody_lives,
    say,
)
from spatial.text import Value, lookup

IN_PAGE = (
    "zone_unnamed", "square_unnamed", "no_zone", "status_ok", "status_doubtful", "status_absent",
    "no_reason", "stops_near", "zoom_in", "zoom_out", "fit", "map_label", "class_none", "class_nobody",
    "class_doubtful",
)  # fmt: skip
TOGGLES = ("zones", "names", "stops", "streets", "footpaths", "green", "water", *ROLES, "boundary")
REASONS_SHOWN = 3
# What a map opens with, where it has it.
OPENING = {"indicator": "residents_near_daily_needs", "item": "all_daily_needs", "at": "15 min"}


def page_data(district: District, results: ResultTable, *, language: str) -> dict[str, Any]:
    """What the page's scripts read: layers, zones, columns with their legends, and sentences."""
    columns, notes = columns_of(results, district.zones.ids)
    frame = Frame(district)
    varying = [name for name in ("study", "scenario", "period", "bound") if len({c.key[name] for c in columns}) > 1]
    indicators = dict.fromkeys(column.key["indicator"] for column in columns)
    return {
        "language": "zh-Hans" if language == "zh" else language,
        "bounds": frame.bounds(frame.zones_box),
        "home": frame.bounds(frame.home_box(district)),
        "frame": frame.bounds(frame.box),
        "text": {key: _template(key, language) for key in IN_PAGE},
        "grid": district.zones.kind == "grid",
        "opening": _opening(columns),
        "notes": [{**words.note_words(note, language), "nobody": nobody_lives(note[1])} for note in notes],
        "indicators": {
            id: {
                "title": indicator_title(id, language),
                "definition": indicator_definition(id, language, results.settings),
                "direction": words.direction(id, language),
            }
            for id in indicators
        },
        "columns": [_column(column, notes, varying, language) for column in columns],
        "zones": packed_zones(district, frame),
        "labels": labels(district, frame),
        "layers": drawn_layers(district, frame),
    }


def _opening(columns: list[Column]) -> int:
    """Which column the map shows first: the one that tells the story, else the first."""
    wanted = OPENING.items()
    told = (i for i, column in enumerate(columns) if wanted <= column.key.items() and np.isfinite(column.values).any())
    return next(told, 0)


def choices(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries of the indicator menu: one group an indicator, one option a column."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for position, column in enumerate(data["columns"]):
        groups.setdefault(column["indicator"], []).append((position, column["variant"]))
    return [{"title": data["indicators"][id]["title"], "options": options} for id, options in groups.items()]


def toggles(data: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """The layers that can be switched: those that are there."""
    there = {"zones", *data["layers"], *(["names"] if data["labels"] else [])}
    return [(name, words.say(f"layer_{name}", language)) for name in TOGGLES if name in there]


def missing_lines(results: ResultTable, language: str) -> list[str]:
    """What could not be computed at all, and why."""
    values: list[dict[str, Value]] = [
        {"indicator": indicator_title(gap.indicator, language), "reason": gap.reason} for gap in results.missing
    ]
    return list(dict.fromkeys(words.say("missing_line", language, value) for value in values))


def source_lines(sources: tuple[Source, ...], language: str) -> list[str]:
    """Each source once: name, date, attribution, licence."""
    lines = []
    for source in sources:
        values: dict[str, Value] = {
            "name": source.name,
            "date": _day(source.date, language),
            "attribution": source.attribution.rstrip(" .。"),
            "licence": source.licence.rstrip(" .。") or words.say("licence_not_stated", language),
        }
        lines.append(words.say("source_line" if source.attribution else "source_line_plain", language, values))
    return list(dict.fromkeys(lines))


def attributions(sources: tuple[Source, ...]) -> list[str]:
    """Each attribution once, in the order of the sources."""
    return list(dict.fromkeys(source.attribution.rstrip(" .。") for source in sources if source.attribution))


def dates(sources: tuple[Source, ...], language: str) -> str:
    """The day of the data, or the span that its sources cover; a source's own date may be a span "from/to"."""
    known = sorted(day for source in sources if source.date for day in source.date.split("/"))
    if not known:
        return words.say("date_unknown", language)
    if known[0] == known[-1]:
        return known[0]
    return words.say("date_span", language, {"first": known[0], "last": known[-1]})


def _day(date: str, language: str) -> str:
    """A source's date, or span, in words."""
    first, _, last = date.partition("/")
    if last:
        return words.say("date_span", language, {"first": first, "last": last})
    return first or words.say("date_unknown", language)


def _column(column: Column, notes: list[Note], varying: list[str], language: str) -> dict[str, Any]:
    style = words.number_format(column.unit, language)
    classes = classify(column.values, unit=column.unit)
    found = classes.index_of(column.values)
    members = Counter(found.tolist())
    empty = np.array([nobody_lives(reason) for _, reason in notes])[column.notes] & (found < 0)
    doubtful = _doubtful(column, notes)
    same = len(np.unique(column.notes)) == 1
    return {
        "indicator": column.key["indicator"],
        "variant": words.column_variant(column, varying, language),
        "title": titled(column, varying, language),
        "unit": legend_unit(column.unit, language),
        "suffix": style.suffix,
        "places": style.places,
        "percent": style.unit == "%",
        "values": packed_numbers(style.rounded(column.values)),
        "class_of": packed_indices(found[found >= 0]),  # of the unrounded values, as report and tables count them
        "notes": int(column.notes[0]) if same else packed_indices(column.notes),
        "classes": [
            {"label": class_label(entry, column.unit, language), "colour": entry.colour, "zones": members[i]}
            for i, entry in enumerate(classes.classes)
        ],
        "none": members[-1] - int(empty.sum()),
        "nobody": int(empty.sum()),
        "doubtful": int(doubtful.sum()),
        "all_doubtful": bool(doubtful.any()) and int(doubtful.sum()) == len(found) - members[-1],
        "whole": say_value(column.whole, column.unit, language),
        "summary": _summary(column, doubtful, notes, language),
    }


def _doubtful(column: Column, notes: list[Note]) -> np.ndarray:
    """Which zones have a value that is doubtful."""
    status = np.array([note[0] for note in notes])[column.notes]
    return np.asarray((status == "doubtful") & np.isfinite(column.values))


def titled(column: Column, varying: list[str], language: str) -> str:
    """Title of the indicator and what tells the column from its siblings."""
    title, which = indicator_title(column.key["indicator"], language), words.column_variant(column, varying, language)
    return say("report.titled", language, title=title, which=which) if which else title


def _summary(column: Column, doubtful: np.ndarray, notes: list[Note], language: str) -> list[str]:
    """Whether the column's numbers may be trusted: how many zones are doubtful or empty, and why."""
    empty = ~np.isfinite(column.values)
    if not empty.any() and not doubtful.any():
        return [words.say("all_ok", language)]
    total = len(column.values)
    lines = []
    for chosen, some in ((doubtful, "some_doubtful"), (empty, "some_absent")):
        if not chosen.any():
            continue
        throughout = some == "some_doubtful" and int(chosen.sum()) == total - int(empty.sum())
        count: dict[str, Value] = {"count": int(chosen.sum()), "zones": total}
        lines.append(words.say("all_doubtful" if throughout else some, language, count))
        lines += _reasons(column.notes[chosen], notes, language)
    return lines


def _reasons(positions: np.ndarray, notes: list[Note], language: str) -> list[str]:
    """The reasons that concern the most zones."""
    common = Counter(positions.tolist()).most_common()
    reasons = [words.note_words(notes[position], language)["reason"] for position, _ in common]
    spoken = [reason or words.say("no_reason", language) for reason in reasons]
    return list(dict.fromkeys(spoken))[:REASONS_SHOWN]


def _template(key: str, language: str) -> str:
    """A sentence for the page's scripts, with its named values left open."""
    return lookup(f"map.{key}", language)
