"""The headline numbers as sentences: one template per indicator and language, filled with results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spatial.model.results import BASELINE, ResultTable
from spatial.report.numbers import converted, say_at, say_number, say_value, split_at
from spatial.report.wording import result_title, say, say_reason
from spatial.text import has, lookup

# In the order of a reader's questions. A series of years speaks through its LATEST, the daily needs through one of them
# within the middle walking time and all of them within the longest.
HEADLINES = (
    "residents_near_daily_needs",
    "residents_near_any_stop",
    "residents_near_frequent_stop_rush_hour",
    "residents_near_frequent_stop",
    "population_density",
    "weighted_population_density",
    "street_density",
    "intersection_density",
    "median_block_area",
    "land_use_entropy",
    "built_up_outside_boundary_share",
    "new_built_up_outside_boundary_share",
    "passenger_transport_co2_per_resident",
)
LATEST = ("built_up_outside_boundary_share", "new_built_up_outside_boundary_share")
NEEDS = "residents_near_daily_needs"


@dataclass(frozen=True)
class PlainSentence:
    """One result in words; `note` is the number of the caution that goes with it, from 1; 0: none."""

    text: str
    note: int


@dataclass(frozen=True)
class Unsaid:
    """A headline figure without a value: its title, and why."""

    text: str
    reason: str


def plain_sentences(results: ResultTable, language: str) -> tuple[list[PlainSentence], list[str]]:
    """A sentence for every headline figure of the whole area that has a value, and the cautions they refer to."""
    sentences: list[PlainSentence] = []
    cautions: list[str] = []
    for row in _headline_rows(results):
        if np.isfinite(row["value"]):
            reason = say_reason(row["reason"], language)
            if reason and reason not in cautions:
                cautions.append(reason)
            sentences.append(PlainSentence(_sentence(row, language), cautions.index(reason) + 1 if reason else 0))
    return sentences, cautions


def unsaid(results: ResultTable, language: str) -> list[Unsaid]:
    """The headline figures that have no value."""
    return [
        Unsaid(
            result_title(row["indicator"], row["item"], row["at"], language),
            say_reason(row["reason"], language) or lookup("report.no_value", language),
        )
        for row in _headline_rows(results)
        if not np.isfinite(row["value"])
    ]


def _headline_rows(results: ResultTable) -> Iterator[pd.Series]:
    whole = results.whole()
    whole = whole[(whole["scenario"] == BASELINE) & (whole["bound"] == "")]
    for id in HEADLINES:
        rows = whole[whole["indicator"] == id]
        if id == NEEDS:
            times = settings_at(rows)
            members = {("food_shop", times[len(times) // 2]), ("all_daily_needs", times[-1])} if times else set()
            rows = rows[[member in members for member in zip(rows["item"], rows["at"], strict=True)]]
        elif id in LATEST:
            rows = rows.sort_values("at", kind="stable").tail(1)
        else:
            rows = rows[rows["item"] == ""]
        for _, row in rows.iterrows():
            yield row


def settings_at(rows: pd.DataFrame) -> list[str]:
    """What varies within a family ("5 min", "10 min" …), the smallest first."""
    return sorted(set(rows["at"]), key=lambda at: (split_at(at) or (0.0, ""), at))


def _sentence(row: pd.Series, language: str) -> str:
    number, _ = converted(float(row["value"]), row["unit"], language)
    item = row["item"]
    needed = f"report.needed.{item}"
    return say(
        f"report.sentence.{row['indicator']}",
        language,
        number=say_number(number, row["unit"]),
        value=say_value(float(row["value"]), row["unit"], language),
        hundred=of_hundred(float(row["value"]), language),
        item=lookup(needed, language) if has(needed, language) else item,
        at=say_at(row["at"], language, long=True),
    )


def of_hundred(share_pct: float, language: str) -> str:
    """A share as a whole number of people out of 100; never "0" for a few, nor "100" for nearly all."""
    if 0 < share_pct < 0.5:
        return lookup("report.of_hundred_few", language)
    if 99.5 <= share_pct < 100:
        return lookup("report.of_hundred_most", language)
    return f"{int(share_pct + 0.5)}"
