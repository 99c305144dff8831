"""Files and totals of the planner's own: their name, day, licence and source stand in the outputs."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pytest
import shapely

from spatial.assemble import assemble
from spatial.assemble.people import _note_totals, _settlements
from spatial.config import Settlement, SettlementPeople, load_study
from spatial.model.provenance import Ledger
from tests.toy_study import STUDY, write_study

UTM = "epsg:32633"
LAYERS = ("area", "zones")
ABOUT = {"name": "{layer} 2024", "date": "2024", "licence": "Open {layer}", "attribution": "Office of {layer}"}


def test_own_boundary_and_zones_carry_their_licence(tmp_path: Path) -> None:
    write_study(tmp_path)
    text = STUDY
    said = {layer: [f'{key} = "{value.format(layer=layer)}"' for key, value in ABOUT.items()] for layer in LAYERS}
    for line, longer in (
        ('boundary = "boundary.geojson"', f'boundary = {{ file = "boundary.geojson", {", ".join(said["area"])} }}'),
        ('id_column = "id"', "\n".join(['id_column = "id"', *said["zones"]])),
    ):
        assert text.count(line) == 1
        text = text.replace(line, longer)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    sources = {source.layer: source for source in assemble(load_study(tmp_path / "study.toml")).sources}
    for layer in LAYERS:
        found = {key: getattr(sources[layer], key) for key in ABOUT}
        assert found == {key: value.format(layer=layer) for key, value in ABOUT.items()}


def town(name: str, **total: Any) -> Settlement:
    return Settlement.model_validate({"name": name, "boundary": f"relation/{ord(name)}", **total})


@pytest.fixture
def section() -> SettlementPeople:
    towns = (
        town("A", residents=400, source="Census 2021"),
        town("B", node="node/1"),
        town("C", residents=90, source="Census 2021"),
    )
    return SettlementPeople(method="settlements", settlements=towns)


def test_a_typed_total_stands_beside_those_of_openstreetmap(section: SettlementPeople) -> None:
    places = gpd.GeoDataFrame(
        {"osm_id": ["node/1"], "name": ["B"], "population": [70.0]}, geometry=[shapely.Point(0, 0)]
    )
    shapes = [shapely.box(x, 0, x + 100, 100) for x in (500000, 500200, 500400)]
    boundaries = gpd.GeoDataFrame(
        {"osm_id": [f"relation/{ord(name)}" for name in "ABC"], "name": list("ABC"), "level": 8},
        geometry=shapes,
        crs=UTM,
    )
    extract = SimpleNamespace(
        settlements=places, boundaries=boundaries, incomplete=(), box=(14.0, -1.0, 16.0, 1.0), crs=boundaries.crs
    )
    middles = [shape.centroid for shape in shapes]
    at = {"x": [point.x for point in middles], "y": [point.y for point in middles]}
    homes = gpd.GeoDataFrame(at, geometry=middles, crs=UTM)
    totals = _settlements(section, cast(Any, extract), homes)
    assert np.array([total.residents for total in totals]).tolist() == [400, 70, 90]


def test_the_ledger_says_where_each_total_comes_from(section: SettlementPeople) -> None:
    ledger = Ledger()
    _note_totals(cast(Any, SimpleNamespace(ledger=ledger)), section)
    said = {entry.message.key: dict(entry.message.values) for entry in ledger.entries}
    assert said["assemble.residents_stated"] == {"names": ("A", "C"), "source": "Census 2021"}
    assert said["assemble.residents_of_osm"]["names"] == ("B",)
