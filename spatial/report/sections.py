"""What each section of the report page says, as plain values for its template."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
import shapely

from spatial.indicators.catalogue import Indicator, catalogue
from spatial.model.district import District
from spatial.model.results import BASELINE, ResultTable
from spatial.parameters import parameter_rows
from spatial.report.figures import ZoneMap, legend_lines, map_png, zone_map
from spatial.report.layers import water_unknown
from spatial.report.numbers import converted, say_at, say_number, say_value, unit_label
from spatial.report.sentences import NEEDS, settings_at
from spatial.report.wording import (
    indicator_definition,
    indicator_title,
    item_name,
    layer_name,
    legend_unit,
    measured_place,
    nobody_lives,
    parameter_lines,
    parameter_source,
    parameter_title,
    parameter_unit,
    reason_message,
    reference_line,
    result_title,
    say,
    say_reason,
    short_reference,
    speaks_of,
    variant,
)
from spatial.text import has, lookup, render

ILLUSTRATIVE = "emissions.illustrative"
# The maps of a report, best first: indicator and item. A family in time speaks through its longest.
MAPS = (
    (NEEDS, "all_daily_needs"),
    ("residents_near_frequent_stop", ""),
    ("population_density", ""),
    ("residents_near_any_stop", ""),
    ("intersection_density", ""),
    ("land_use_entropy", ""),
)
MAPS_WANTED = 3
_STATUS_ORDER = ("assumption", "convention", "secondary", "verified")


@dataclass(frozen=True)
class Picture:
    """A map for the page: its image as a data address, its words, and its legend as (label, colour, zones).

    `unit` : what the numbers of the legend are in; "" where they say it themselves.
    """

    title: str
    image: str
    alt: str
    note: str
    unit: str
    legend: tuple[tuple[str, str, int | None], ...]


def facts(district: District, context: Mapping[str, str], language: str) -> list[tuple[str, str]]:
    """What the page's head says of the place: (label, value)."""
    found = [
        (
            lookup("report.facts_land", language),
            say_value(float(shapely.area(district.area.land)) / 1e6, "km²", language),
        ),
        (lookup("report.facts_zones", language), say_number(len(district.zones), "persons")),
    ]
    if district.people is not None and np.isfinite(district.people.total_residents):
        residents = say_value(district.people.total_residents, "persons", language)
        found.append((lookup("report.facts_residents", language), residents))
    for name, value in context.items():
        label, known = f"report.context.{name}", f"report.context.{value}"
        if has(label, language) and has(known, language):
            found.append((lookup(label, language), lookup(known, language)))
    if district.transit is not None:
        found.append((lookup("report.facts_service_day", language), district.transit.service_day))
    dates = sorted({_said_date(source.date, language) for source in district.sources})
    if dates:
        found.append((lookup("report.facts_data", language), lookup("report.list_separator", language).join(dates)))
    return found


def needs_chart(results: ResultTable, language: str) -> dict[str, Any] | None:
    """Shares by daily need and walking time for the whole area; None where there are none."""
    rows = _baseline(results.whole())
    rows = rows[rows["indicator"] == NEEDS]
    if rows.empty:
        return None
    times = list(dict.fromkeys(rows["at"]))
    lines = []
    for item, group in rows.groupby("item", sort=False):
        by_time = group.set_index("at")
        cells = []
        for time in times:
            value = float(by_time["value"].get(time, np.nan))
            bar = round(value, 1) if np.isfinite(value) else None
            cells.append({"said": say_value(value, "%", language), "bar": bar})
        doubtful = bool((group["data_status"] == "doubtful").any())
        lines.append({"name": item_name(str(item), language), "cells": cells, "doubtful": doubtful})
    return {"times": [say_at(time, language) for time in times], "lines": lines}


def pictures(district: District, results: ResultTable, language: str) -> list[Picture]:
    """The first maps of `MAPS` that have values."""
    found: list[Picture] = []
    table = results.table
    for indicator, item in MAPS:
        at = next(reversed(settings_at(table[(table["indicator"] == indicator) & (table["item"] == item)])), "")
        drawn = zone_map(district, results, indicator, item=item, at=at, language=language)
        if drawn is not None:
            found.append(_picture(district, results, drawn, (indicator, item, at), language))
        if len(found) == MAPS_WANTED:
            break
    return found


def _picture(
    district: District, results: ResultTable, drawn: ZoneMap, key: tuple[str, str, str], language: str
) -> Picture:
    known = drawn.values[np.isfinite(drawn.values)]
    low, middle, high = (say_value(float(v), drawn.unit, language) for v in np.quantile(known, (0, 0.5, 1)))
    alt = say(
        "report.map_alt", language, place=district.area.name, title=drawn.title, zones=len(drawn.values),
        low=low, middle=middle, high=high, without=len(drawn.values) - len(known),
    )  # fmt: skip
    rows = _baseline(results.whole())
    hit = rows[(rows["indicator"] == key[0]) & (rows["item"] == key[1]) & (rows["at"] == key[2])]
    value = float(hit["value"].iloc[0]) if len(hit) == 1 else np.nan
    notes = [say("report.map_note", language, value=say_value(value, drawn.unit, language))]
    if water_unknown(district):
        notes.append(lookup("map.no_water", language))
    if drawn.outside:
        notes.append(say("report.map_outside", language, count=drawn.outside))
    image = f"data:image/png;base64,{b64encode(map_png(district, drawn)).decode('ascii')}"
    separator = "" if language == "zh" else " "
    return Picture(
        drawn.title, image, alt, separator.join(notes), legend_unit(drawn.unit, language), legend_lines(drawn, language)
    )


def result_groups(results: ResultTable, language: str) -> list[dict[str, Any]]:
    """All rows of the whole area, grouped by indicator."""
    rows = results.whole()
    several = len(rows["scenario"].unique()) > 1
    groups = []
    for id, group in rows.groupby("indicator", sort=False):
        lines = []
        for _, row in group.iterrows():
            scenario = row["scenario"] if several else ""
            which = variant(
                row["item"], row["at"], language, period=row["period"], bound=row["bound"], scenario=scenario
            )
            lines.append(
                {
                    "name": which,
                    "value": say_value(float(row["value"]), row["unit"], language),
                    "n": _counted(str(id), float(row["n"]), language),
                    "n_missing": _said_missing(str(id), float(row["n_missing"]), language),
                    "status": row["data_status"],
                    "status_said": lookup(f"status.{row['data_status']}", language),
                    "reason": say_reason(row["reason"], language),
                }
            )
        for name in ("reason", "n_missing"):
            _said_once(lines, name)
        groups.append({"id": id, "title": indicator_title(str(id), language), "lines": lines})
    return groups


def _said_once(lines: list[dict[str, Any]], name: str) -> None:
    """What repeats from row to row is said in the first of them."""
    before = ""
    for line in lines:
        said = line[name]
        if said == before:
            line[name] = ""
        before = said


def missing_rows(results: ResultTable, language: str) -> list[tuple[str, list[str]]]:
    """Why indicators have no result at all, each reason with the titles that it concerns."""
    by_reason: dict[str, list[str]] = {}
    for missing in results.missing:
        by_reason.setdefault(render(missing.reason, language), []).append(indicator_title(missing.indicator, language))
    return list(by_reason.items())


def status_summary(results: ResultTable, language: str) -> dict[str, Any]:
    """How many results of the whole area are sound, and each reason with the results that it concerns."""
    rows = results.whole()
    counts = rows["data_status"].value_counts()
    concerns: dict[tuple[str, str], dict[str, None]] = {}
    for _, row in rows[rows["data_status"] != "ok"].iterrows():
        title = result_title(row["indicator"], row["item"], "", language)
        concerns.setdefault((row["data_status"], row["reason"]), {})[title] = None
    reasons = [
        {
            "status": status,
            "said": lookup(f"status.{status}", language),
            "titles": list(titles),
            "reason": say_reason(reason, language),
        }
        for (status, reason), titles in concerns.items()
    ]
    numbers = {name: int(counts.get(name, 0)) for name in ("ok", "doubtful", "absent")}
    return {"intro": say("report.status_intro", language, total=len(rows), **numbers), "reasons": reasons}


def zones_covered(results: ResultTable, language: str) -> list[tuple[str, int, int, int]]:
    """Per indicator: title, zones with at least one value, zones where nobody lives, other zones without any."""
    rows = _baseline(results.table[results.table["subject_kind"] == "zone"])
    empty = {reason: nobody_lives(reason) for reason in rows["reason"].unique()}
    covered = []
    for id, group in rows.groupby("indicator", sort=False):
        has_value = group["value"].notna().groupby(group["subject"]).any()
        nobody = group["reason"].map(empty).groupby(group["subject"]).any() & ~has_value
        without = int((~has_value).sum() - nobody.sum())
        covered.append((indicator_title(str(id), language), int(has_value.sum()), int(nobody.sum()), without))
    return covered


def ledger_rows(district: District, language: str) -> list[dict[str, str]]:
    """The ledger, layer by layer, each in the order of what happened."""
    order = list(dict.fromkeys(entry.layer for entry in district.ledger))
    entries = sorted(district.ledger, key=lambda entry: order.index(entry.layer))
    return [
        {
            "layer": layer_name(layer, language),
            "action": lookup(f"action.{entry.action}", language),
            "count": "" if entry.count is None else f"{entry.count:,}",
            "sentence": render(entry.message, language),
        }
        for layer, group in groupby(entries, key=lambda entry: entry.layer)
        for entry in group
    ]


def source_rows(district: District, language: str) -> list[dict[str, str]]:
    """The files that were read."""
    return [
        {
            "layer": layer_name(source.layer, language),
            "name": source.name,
            "path": source.path,
            "date": _said_date(source.date, language),
            "licence": source.licence or lookup("report.licence_not_stated", language),
            "attribution": source.attribution,
            "sha256": source.sha256[:12],
        }
        for source in district.sources
    ]


def parameter_table(language: str) -> list[dict[str, str | bool]]:
    """Every parameter with its source, assumptions first."""
    rows = sorted(parameter_rows().values(), key=lambda row: (_STATUS_ORDER.index(row.status), row.id))
    return [
        {
            "id": row.id,
            "title": parameter_title(row.id, language),
            "remark": row.remark,
            "value": f"{row.value:.10g}" if row.unit == "year" else f"{row.value:,.10g}",
            "unit": parameter_unit(row.unit, language),
            "source": parameter_source(row.source, language),
            "is_own": has(f"parameter_source.{row.source}", language),
            "is_said": has(f"cited_source.{row.source}", language),
            "place_year": " ".join(
                part for part in (measured_place(row.place, language) if row.place != "world" else "", row.year) if part
            ),
            "status": row.status,
            "status_said": lookup(f"status.{row.status}", language),
        }
        for row in rows
    ]


def methods(results: ResultTable, language: str) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Definitions of the indicators in the results or missing from them, and the works that they cite.

    A definition names the settings that were used; `changed` lists those that the study has set.
    """
    ids = list(dict.fromkeys([*results.table["indicator"], *(m.indicator for m in results.missing)]))
    known: list[Indicator] = [catalogue()[id] for id in ids if id in catalogue()]
    definitions = [
        {
            "id": entry.id,
            "title": indicator_title(entry.id, language),
            "definition": indicator_definition(entry.id, language, results.settings),
            "changed": parameter_lines(entry, language, results.settings, changed=True),
            "unit": say("report.unit_is", language, unit=unit_label(entry.unit, language)),
            "over": lookup(f"report.measured_over_{entry.over}", language),
            "better": lookup(f"report.better_{entry.better}", language),
            "reference": entry.reference,
            "cited": short_reference(entry.reference, language),
        }
        for entry in known
    ]
    cited = dict.fromkeys(entry.reference for entry in known)
    return definitions, [(key, reference_line(key, language)) for key in cited]


def is_illustrative(results: ResultTable) -> bool:
    """Whether any number rests on assumptions that the study accepted by name."""
    reasons = (reason_message(reason) for reason in results.table["reason"].unique())
    return any(speaks_of(reason, ILLUSTRATIVE) for reason in reasons if reason)


def _said_date(date: str, language: str) -> str:
    """A day, or a period as "first – last"."""
    return date.replace("/", " – ") if date else lookup("report.unknown_date", language)


def _counted(indicator: str, count: float, language: str) -> str:
    """What a number rests on: "225,709 residents"; the bare count where no table says of what, "" where unknown."""
    if not np.isfinite(count):
        return ""
    shown, label = converted(count, "persons", language)
    tens = label.removesuffix(lookup("unit.persons", language))  # 万, as beside every number of persons
    number, key = say_number(shown, "10 000 persons" if tens else "persons") + tens, f"report.counted.{indicator}"
    if not has(key, language):
        return number
    return say(key, language, n=number, km2=say_number(count / 1e6))  # where land counts, it counts in square metres


def _said_missing(indicator: str, count: float, language: str) -> str:
    if not np.isfinite(count) or count == 0:
        return ""
    return say("report.results_n_missing", language, missing=_counted(indicator, count, language))


def _baseline(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["scenario"] == BASELINE]
