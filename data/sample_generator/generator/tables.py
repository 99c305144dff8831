"""The small tables: headways, stations with a headway only, and floor space per resident and job."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from generator.place import FICTIONAL
from generator.transit import METRO, calls, headway_rows

SOURCE = f"{FICTIONAL}: invented for this sample, not for use elsewhere"
# use: m² per resident or job (low, central, high), share of the plan's floor space that is built, share in use
FLOOR_SPACE = {
    "housing": ("m2_per_resident", (36, 42, 50), (0.80, 0.90, 1.00), (0.60, 0.75, 0.90)),
    "work": ("m2_per_job", (18, 24, 32), (0.70, 0.85, 1.00), (0.55, 0.70, 0.85)),
    "retail_and_services": ("m2_per_job", (28, 40, 60), (0.75, 0.90, 1.00), (0.65, 0.80, 0.90)),
    "public_institutions": ("m2_per_job", (22, 30, 40), (0.85, 0.95, 1.00), (0.85, 0.95, 1.00)),
    "education": ("m2_per_job", (60, 80, 110), (0.85, 0.95, 1.00), (0.90, 0.95, 1.00)),
    "health": ("m2_per_job", (35, 45, 60), (0.85, 0.95, 1.00), (0.85, 0.95, 1.00)),
    "culture_and_sport": ("m2_per_job", (90, 140, 220), (0.80, 0.90, 1.00), (0.80, 0.90, 1.00)),
    "industry_and_logistics": ("m2_per_job", (50, 80, 130), (0.70, 0.85, 1.00), (0.65, 0.80, 0.95)),
}


def write_tables(folder: Path) -> None:
    """UTF-8; the two for spreadsheets with a byte order mark."""
    _write(folder / "metro_headways.csv", headway_rows(), "utf-8-sig")
    stations = [call for call in calls() if call.line == METRO and call.direction == "往柳湾路"]
    rows = [["站名", "发车间隔_分钟", "备注"], *([c.stop, f"{c.headway_min:g}", FICTIONAL] for c in stations)]
    _write(folder / "stations_headway_only.csv", rows, "utf-8-sig")
    _write(folder / "floor_space.csv", _floor_space(), "utf-8")


def _floor_space() -> list[list[str]]:
    rows = [["use", "quantity", "low", "central", "high", "unit", "source"]]
    for use, (quantity, area, built, occupied) in FLOOR_SPACE.items():
        for name, values, unit in (
            (quantity, area, "m2"),
            ("share_built", built, "ratio"),
            ("occupancy", occupied, "ratio"),
        ):
            rows.append([use, name, *(f"{value:g}" for value in values), unit, SOURCE])
    return rows


def _write(path: Path, rows: Sequence[Sequence[str]], encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows(rows)
