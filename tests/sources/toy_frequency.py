"""A table of two lines written by hand, short ways to change it and to read it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.model.transit import TransitSupply
from spatial.sources.frequency_table import read_frequency_table
from spatial.text import LANGUAGES, render

UTM = CRS.from_epsg(32650)
DAY = "2024-05-15"  # a Wednesday
HOUR = 3600

# 0.01 degrees of longitude are some 855 m here
TABLE = """line,direction,sequence,stop,lon,lat,mode,headway_min,first,last,minutes_from_previous
1,up,1,East,116.40,39.90,metro,5,07:00,09:00,
1,up,1,East,116.40,39.90,metro,10,09:00,23:30,
1,up,2,Square,116.41,39.90,metro,,,,3
1,up,3,West,116.42,39.90,metro,,,,4
1,down,1,West,116.42,39.90,metro,10,06:00,22:00,
1,down,2,Square,116.41,39.90,metro,12,06:04,22:04,
1,down,3,East,116.40,39.90,metro,,,,
"""
HEAD = "line,direction,sequence,stop,lon,lat,mode,headway_min,first,last,minutes_from_previous\n"


def table(*rows: str, columns: str = "stop,lon,lat,headway_min,first,last") -> str:
    return "\n".join([columns, *rows]) + "\n"


def read(tmp_path: Path, text: str = TABLE, **options) -> tuple[TransitSupply, Ledger]:
    path = tmp_path / "lines.csv"
    path.write_text(text, encoding="utf-8")
    ledger = Ledger()
    given = {"columns": {}, "service_day": DAY, "crs": UTM} | options
    supply, _ = read_frequency_table(path, ledger=ledger, **given)
    for entry in ledger.entries:
        for language in LANGUAGES:
            assert render(entry.message, language)
    return supply, ledger


def times(supply: TransitSupply, stop: str, route: str = "", direction: str = "") -> list[float]:
    """Hours at which a line leaves a stop."""
    rows = supply.departures
    rows = rows[(rows["stop"] == stop) & (rows["route"] == route) & (rows["direction"] == direction)]
    return (rows["time_s"] / HOUR).tolist()


def said(ledger: Ledger, key: str) -> dict:
    found = [dict(e.message.values) | {"action": e.action} for e in ledger.entries if e.message.key == key]
    assert len(found) == 1, [e.message.key for e in ledger.entries]
    return found[0]


def problems(error: InputError) -> dict[str, dict]:
    """The values of each problem by its key; every one of them can be said."""
    for language in LANGUAGES:
        assert len(error.in_language(language).splitlines()) == len(error.messages)
    return {message.key: dict(message.values) for message in error.messages}


def stations(*rows: tuple[str, str, str, float, float]) -> gpd.GeoDataFrame:
    """OSM stops as (kind, mode, name, metres east, metres north)."""
    kind, mode, name, x, y = zip(*rows, strict=True) if rows else ([], [], [], [], [])
    points = gpd.points_from_xy([448_000 + e for e in x], [4_417_000 + n for n in y])
    return gpd.GeoDataFrame({"kind": kind, "mode": mode, "name": name}, geometry=points, crs=UTM)
