"""Static maps: what they hold, and that the same map gives the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from spatial.model.district import District
from spatial.model.results import ResultTable
from spatial.report.canvas import ASPECT, framed
from spatial.report.figures import ZoneMap, legend_lines, map_png, zone_map

NEEDS = "residents_near_daily_needs"


def drawn(district: District, results: ResultTable, language: str = "en") -> ZoneMap:
    made = zone_map(district, results, NEEDS, item="food_shop", at="10 min", language=language)
    assert made is not None
    return made


def test_every_zone_is_counted_in_the_legend(district: District, results: ResultTable) -> None:
    made = drawn(district, results)
    lines = legend_lines(made, "en")
    assert sum(count for _, _, count in lines if count is not None) == len(district.zones)
    without = int(np.isnan(made.values).sum())
    assert ("nobody lives here", without) in [(label, count) for label, _, count in lines]
    assert lines[0][0] == "0% to 20%"


def test_a_map_without_values_is_none(district: District, results: ResultTable) -> None:
    assert zone_map(district, results, NEEDS, item="kindergarten", at="10 min", language="en") is None
    assert zone_map(district, results, "no_such_indicator", language="en") is None


def test_the_picture_shows_the_colours_of_its_classes(district: District, results: ResultTable) -> None:
    made = drawn(district, results)
    image = Image.open(io.BytesIO(map_png(district, made))).convert("RGB")
    assert image.width / image.height == pytest.approx(ASPECT, rel=0.01)
    seen = {f"#{r:02x}{g:02x}{b:02x}" for _, (r, g, b) in image.getcolors(1 << 20) or []}
    wanted = [one.colour for one, count in zip(made.classes.classes, made.counts, strict=True) if count]
    assert len(wanted) >= 2

    def near(colour: str) -> bool:
        rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        return any(max(abs(a - int(c[i : i + 2], 16)) for a, i in zip(rgb, (1, 3, 5), strict=True)) <= 3 for c in seen)

    assert all(near(colour) for colour in wanted)


def test_the_same_map_gives_the_same_bytes(district: District, results: ResultTable) -> None:
    made = drawn(district, results)
    assert map_png(district, made) == map_png(district, made)


def test_the_frame_follows_the_people(district: District) -> None:
    people = district.people
    assert people is not None
    lonely = replace(district, people=replace(people, residents=np.where(people.y > people.y.min(), 0.0, 5.0)))
    west, south, east, north = framed(district, 99)
    assert (east - west) / (north - south) == pytest.approx(ASPECT)
    assert framed(lonely, 99)[3] < north
    total = district.zones.table.total_bounds
    without = framed(replace(district, people=None), 99)
    assert without[0] < total[0] < total[2] < without[2]
