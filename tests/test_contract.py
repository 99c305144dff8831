"""The contract battery: every registered indicator keeps the same promises."""

import inspect
import sys
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from affine import Affine
from pyproj import CRS

import spatial.emissions.inventory
import spatial.emissions.travel_demand  # noqa: F401  (registers the rows of travel)
from spatial.indicators import catalogue, compute, describe
from spatial.indicators.catalogue import references
from spatial.model.district import District, Memo
from spatial.model.growth import Growth
from spatial.model.land_use import LandUse
from spatial.model.people import People
from spatial.model.provenance import DataStatus
from spatial.model.raster import Raster
from spatial.model.results import ResultTable
from spatial.model.streets import StreetNetwork
from spatial.model.transit import TransitSupply
from spatial.model.zones import square_grid, whole_area
from spatial.operations.overlay import mix_classes
from spatial.text import LANGUAGES, Message, decode, has, lookup, render
from tests.toy_city import CORNER, TOY_CRS, toy_district

ENTRIES = list(catalogue().values())
COMPUTED = [entry.id for entry in ENTRIES if entry.function is not None]


def toy_transit() -> TransitSupply:
    """One stop in the corner, a bus each way every ten minutes from 5 to 23 h."""
    stops = gpd.GeoDataFrame(
        {"name": ["Corner"], "station": ["s"], "mode": ["bus"]},
        geometry=[shapely.Point(CORNER)],
        index=pd.Index(["s"], name="stop"),
        crs=TOY_CRS,
    )
    times = np.arange(5 * 3600, 23 * 3600, 600, dtype=np.int32)
    departures = pd.DataFrame(
        {"stop": "s", "route": "1", "direction": "0", "trip": [f"t{i}" for i in range(len(times))], "time_s": times}
    )
    routes = pd.DataFrame(
        {"short_name": ["1"], "long_name": ["One"], "mode": ["bus"]}, index=pd.Index(["1"], name="route")
    )
    entrances = pd.DataFrame({"station": [], "x": [], "y": []}).astype({"x": float, "y": float})
    return TransitSupply(stops, departures, routes, entrances, "2019-05-15", "Atlantic/Reykjavik")


def toy_land_use(district: District) -> LandUse:
    west, south, east, north = district.area.boundary.bounds
    middle = (west + east) / 2
    halves = [shapely.box(west, south, middle, north), shapely.box(middle, south, east, north)]
    table = gpd.GeoDataFrame({"use": ["housing", "work"], "tag": ["a=b", "c=d"]}, geometry=halves, crs=TOY_CRS)
    return LandUse(table, "osm", mix_classes(), district.area.boundary)


def toy_growth(district: District) -> Growth:
    west, _south, _east, north = district.area.boundary.bounds
    years = np.full((5, 5), 1975, dtype=np.uint16)
    years[:, 2], years[:, 3], years[:, 4] = 2000, 2030, 65535
    raster = Raster(years, Affine(100, 0, west, 0, -100, north), CRS.from_user_input(TOY_CRS), 65535, "years")
    return Growth(raster, shapely.box(west, north - 500, west + 200, north), False, 2020)


@pytest.fixture(scope="module")
def district() -> District:
    toy = toy_district(4)
    return replace(toy, transit=toy_transit(), land_use=toy_land_use(toy), growth=toy_growth(toy))


def in_small_squares(district: District, id: str) -> ResultTable:
    """One indicator in squares of which many hold nothing."""
    return compute(replace(district, zones=square_grid(district.area, size_m=30), memo=Memo()), [id])


@pytest.fixture(scope="module")
def results(district: District) -> ResultTable:
    return compute(district)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: e.id)
class TestEntry:
    def test_both_languages_have_title_and_definition(self, entry) -> None:
        for language in LANGUAGES:
            title, definition = lookup(entry.title_key, language), lookup(entry.definition_key, language)
            assert len(title) < 90
            assert len(definition) > (10 if language == "zh" else 30)

    def test_rush_hour_is_in_the_title(self, entry) -> None:
        if "rush_hour" in entry.id:
            assert "rush hour" in lookup(entry.title_key, "en")
            assert "高峰" in lookup(entry.title_key, "zh")

    def test_unit_has_a_name_in_both_languages(self, entry) -> None:
        for language in LANGUAGES:
            assert has(f"unit.{entry.unit}", language)

    def test_reference_is_whole(self, entry) -> None:
        work = references()[entry.reference]
        assert {"authors", "year", "title"} <= set(work)

    def test_docstring_says_what_the_number_is(self, entry) -> None:
        if entry.function is not None:
            first = (inspect.getdoc(entry.function) or "").splitlines()[0]
            assert len(first) > 20

    def test_function_is_annotated(self, entry) -> None:
        if entry.function is not None:
            signature = inspect.signature(entry.function)
            assert signature.return_annotation is not inspect.Signature.empty
            assert all(p.annotation is not inspect.Parameter.empty for p in signature.parameters.values())


@pytest.mark.parametrize("id", COMPUTED)
class TestRows:
    def test_there_are_rows_with_a_unit_and_a_status(self, results: ResultTable, id: str) -> None:
        rows = results.table[results.table["indicator"] == id]
        assert len(rows), [m for m in results.missing if m.indicator == id]
        assert set(rows["unit"]) == {catalogue()[id].unit}
        assert set(rows["data_status"]) <= {"ok", "doubtful", "absent"}
        assert ((rows["data_status"] == "ok") == (rows["reason"] == "")).all()

    def test_no_value_is_absent_with_a_reason(self, results: ResultTable, district: District, id: str) -> None:
        for table in (results.table, in_small_squares(district, id).table):
            rows = table[table["indicator"] == id]
            assert (rows["value"].isna() == (rows["data_status"] == "absent")).all()
            assert not np.isinf(rows["value"]).any()
            assert all(render(decode(reason), "en") for reason in rows["reason"] if reason)

    def test_whole_area_is_one_subject(self, results: ResultTable, id: str) -> None:
        rows = results.table[results.table["indicator"] == id]
        whole = rows[rows["subject_kind"] == "all"]
        assert set(whole["subject"]) == {"all"}
        assert np.isfinite(whole["value"]).any()
        if catalogue()[id].over == "all":
            assert len(whole) == len(rows)

    def test_values_are_in_range(self, results: ResultTable, id: str) -> None:
        low, high = catalogue()[id].range
        values = results.table.loc[results.table["indicator"] == id, "value"].dropna()
        assert values.between(low - 1e-9, high + 1e-9).all()

    def test_dims_are_those_declared(self, results: ResultTable, id: str) -> None:
        rows = results.table[results.table["indicator"] == id]
        for dim in ("item", "at"):
            assert (rows[dim] != "").any() == (dim in catalogue()[id].dims)


def test_without_its_layers_an_indicator_says_what_it_needs(district: District) -> None:
    bare = District(district.area, district.zones)
    found = compute(bare)
    needing = {id for id in COMPUTED if set(catalogue()[id].inputs) - {"area", "zones", "memo"}}
    assert {missing.indicator for missing in found.missing} == needing
    assert all(missing.reason.key == "compute.layer_missing" for missing in found.missing)


def same_numbers(one: ResultTable, other: ResultTable) -> None:
    keys = ["subject", "indicator", "item", "at"]
    left, right = (t.table.set_index(keys)["value"].sort_index() for t in (one, other))
    pd.testing.assert_series_equal(left, right, rtol=1e-9)


def test_nothing_changes_when_rows_are_shuffled_and_edges_reversed(district: District, results: ResultTable) -> None:
    random = np.random.default_rng(1)
    people = district.people
    order = random.permutation(len(people))
    shuffled = People(
        *(a[order] for a in (people.x, people.y, people.residents, people.jobs, people.group)), "dwellings"
    )

    def turned(network: StreetNetwork) -> StreetNetwork:
        edges = network.edges.sample(frac=1, random_state=1).reset_index(drop=True)
        edges["u"], edges["v"] = edges["v"].to_numpy(), edges["u"].to_numpy()
        edges = edges.set_geometry(gpd.GeoSeries(shapely.reverse(edges.geometry.to_numpy()), crs=edges.crs))
        return StreetNetwork(network.nodes, edges, network.representation)

    other = replace(
        district, people=shuffled, paths=turned(district.paths), streets=turned(district.streets), memo=Memo()
    )
    same_numbers(results, compute(other))


def test_the_same_city_gives_the_same_table_twice(district: District, results: ResultTable) -> None:
    pd.testing.assert_frame_equal(results.table, compute(replace(district, memo=Memo())).table)


def test_an_empty_zone_has_no_share_of_residents(district: District) -> None:
    nobody = replace(district, zones=square_grid(district.area, size_m=50), memo=Memo())
    rows = compute(nobody, [id for id in COMPUTED if id.startswith("residents_near")]).table
    zones = rows[rows["subject_kind"] == "zone"]
    inhabited = set(nobody.zones.ids[nobody.zones.locate(district.people.x, district.people.y)])
    assert zones.loc[~zones["subject"].isin(inhabited), "value"].isna().all()
    assert zones.loc[zones["subject"].isin(inhabited), "value"].notna().all()


def test_where_nobody_lives_that_is_the_reason_also_when_residents_are_doubtful(district: District) -> None:
    people = replace(district.people, status=DataStatus("doubtful", Message("crs.missing")))
    empty = replace(district, people=people, zones=square_grid(district.area, size_m=30), memo=Memo())
    for id in [id for id in COMPUTED if id.startswith("residents_near")]:
        rows = compute(empty, [id]).table
        assert set(rows.loc[rows["value"].isna(), "reason"].map(lambda reason: decode(reason).key)) == {
            "residents.nobody_here"
        }
        assert set(rows.loc[rows["value"].notna(), "data_status"]) == {"doubtful"}


def test_the_whole_area_as_the_one_zone_is_computed_once(district: District, results: ResultTable) -> None:
    whole = compute(replace(district, zones=whole_area(district.area), memo=Memo()))
    same_numbers(ResultTable(results.whole()), whole)


def test_one_id_alone_may_be_asked_for(district: District) -> None:
    alone, listed = compute(district, "population_density"), compute(district, ["population_density"])
    pd.testing.assert_frame_equal(alone.table, listed.table)


def test_what_is_described_says_itself() -> None:
    said = repr(describe("residents_near_daily_needs"))
    assert said.startswith("Residents near daily needs (residents_near_daily_needs)\n")
    assert "(5, 10, 15 minutes)" in said
    assert "5、10、15分钟" in describe("residents_near_daily_needs").definition("zh")
    with pytest.raises(TypeError, match="found int"):
        describe(3)  # type: ignore[arg-type]


def test_an_infinite_value_is_an_error(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = replace(catalogue()["street_density"], function=lambda streets, zones: pd.Series(np.inf, index=zones.ids))
    monkeypatch.setitem(sys.modules["spatial.indicators.catalogue"]._registered, entry.id, entry)
    with pytest.raises(ValueError, match="infinite"):
        compute(district, [entry.id])
