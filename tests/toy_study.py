"""A toy city in files, as a planner would hand it in: every number of its study can be worked out by hand.

Six by six residential streets, 100 m apart, fill the square from (0, 0) to (500, 500) metres; the study area is that
square with 50 m of land around it (0.36 km²). Four homes stand on streets, with 100, 200, 300 and 400 residents.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
import shapely
from affine import Affine

from tests.sources.osm_toy import EAST, NORTH, UTM, Toy, box_of, lonlat

SIDE = range(0, 600, 100)
HOMES = {"a": (50, 0, 100), "b": (450, 500, 200), "c": (250, 100, 300), "d": (500, 50, 400)}
PLACES = {
    "food_shop": [(0, 0)],
    "school": [(500, 500)],
    "kindergarten": [(0, 0), (500, 500)],
    "pharmacy": [(200, 200)],
    "restaurant": [(500, 0)],
}
TAGS = {
    "food_shop": {"shop": "supermarket"},
    "school": {"amenity": "school"},
    "kindergarten": {"amenity": "kindergarten"},
    "pharmacy": {"amenity": "pharmacy"},
    "restaurant": {"amenity": "restaurant"},
}
STUDY = """
[study]
name = "Toy city"

[context]
kind = "district"

[area]
boundary = "boundary.geojson"
crs = "epsg:32633"
buffer_m = 400

[zones]
kind = "polygons"
file = "zones.geojson"
id_column = "id"
name_column = "label"

[osm]
file = "city.osm.pbf"

[transit]
gtfs = "bus.zip"
service_day = "2024-05-15"

[people]
method = "zones"
file = "homes.geojson"
residents_column = "residents"

[growth]
first_built = "built.tif"
observed_until = 2020

[[control_lines]]
role = "growth_boundary"
file = "limit.geojson"
legal = true

[travel]
place = "Toy city"
year = "2024"
ages = "all"
day_kind = "average_day"
trips_per_resident_day = 3
trips_source = "made up for the test"

[[travel.modes]]
mode = "car"
trip_share = 0.5
share_source = "made up"
mean_length_km = 8
length_source = "made up"
occupancy = 1.6
occupancy_source = "made up"
factor = "petrol_car_average_uk_2025"

[[travel.modes]]
mode = "bus"
trip_share = 0.3
share_source = "made up"
mean_length_km = 5
length_source = "made up"
factor = "local_bus_uk_2025"

[[travel.modes]]
mode = "walk"
trip_share = 0.2
share_source = "made up"
factor = "walk_operational"
"""


def polygons(path: Path, shapes: Mapping[str, shapely.Geometry], **columns: list[object]) -> Path:
    """A GeoJSON layer of shapes given in metres from the corner, by id."""
    moved = [shapely.transform(shape, lambda xy: xy + np.array([EAST, NORTH])) for shape in shapes.values()]
    frame = gpd.GeoDataFrame({"id": list(shapes), **columns}, geometry=moved, crs=UTM)
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    return path


def write_city(path: Path, *, header: bool = True) -> Path:
    """Streets, places, a park without gates, and two halves of land use; `header`: whether it says its extent."""
    toy = Toy()
    crossing = {(x, y): toy.node(x, y) for x in SIDE for y in SIDE}
    for i, at in enumerate(SIDE):
        toy.way(10 + i, *(crossing[x, at] for x in SIDE), highway="residential", name=f"Street {i}")
        toy.way(20 + i, *(crossing[at, y] for y in SIDE), highway="residential", name=f"Avenue {i}")
    for kind, points in PLACES.items():
        for x, y in points:
            toy.node(x, y, **TAGS[kind], name=f"{kind} {x}")
    corner = toy.node(110, 120)
    toy.way(40, corner, (190, 120), (190, 160), (110, 160), corner, leisure="park", name="Pocket park")
    for id, west, use in ((50, -50, "residential"), (51, 250, "commercial")):
        corner = toy.node(west, -50)
        toy.way(id, corner, (west + 300, -50), (west + 300, 550), (west, 550), corner, landuse=use)
    for id, (x, y) in enumerate(((30, 30), (330, 330)), start=60):
        toy.square(id, x, y, 20, building="house")
    return toy.write(path, box=box_of(-600, -600, 1200, 1200) if header else None)


def write_buses(path: Path) -> Path:
    """Stop A has a bus every ten minutes from 5 to 23 h; stop B only from 7 to 9 h, and then once an hour."""
    times, trips = [], []

    def trip(name: str, first: str, last: str, second: int) -> None:
        trips.append(f"{name[0]},week,{name},0")
        for order, (stop, at) in enumerate(((first, second), (last, second + 300)), start=1):
            clock = f"{at // 3600:02d}:{at % 3600 // 60:02d}:00"
            times.append(f"{name},{clock},{clock},{stop},{order}")

    for second in range(5 * 3600, 23 * 3600, 600):
        trip(f"1-{second}", "A", "far", second)
    for second in range(5 * 3600, 23 * 3600, 600):
        if 7 * 3600 <= second < 9 * 3600 or second % 3600 == 0:
            trip(f"2-{second}", "B", "far", second)
    stops = {"A": (0, 0), "B": (500, 500), "far": (1000, 1000)}
    rows = [f"{stop},{stop},{lonlat(x, y)[1]},{lonlat(x, y)[0]}" for stop, (x, y) in stops.items()]
    feed = {
        "agency.txt": "agency_id,agency_name,agency_url,agency_timezone\n1,Toy,http://toy,Europe/Belgrade\n",
        "stops.txt": "stop_id,stop_name,stop_lat,stop_lon\n" + "\n".join(rows) + "\n",
        "routes.txt": "route_id,route_short_name,route_long_name,route_type\n1,1,One,3\n2,2,Two,3\n",
        "trips.txt": "route_id,service_id,trip_id,direction_id\n" + "\n".join(trips) + "\n",
        "stop_times.txt": "trip_id,arrival_time,departure_time,stop_id,stop_sequence\n" + "\n".join(times) + "\n",
        "calendar.txt": "service_id,monday,tuesday,wednesday,thursday,friday,saturday,sunday,start_date,end_date\n"
        "week,1,1,1,1,1,0,0,20240501,20240531\n",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in feed.items():
            archive.writestr(name, text)
    return path


def write_built(path: Path) -> Path:
    """100 m cells: two columns built by 1990, two by 2010, one projected for 2030, one never."""
    years = np.repeat(np.array([[1990, 1990, 2010, 2010, 2030, 65535]], dtype=np.uint16), 6, axis=0)
    place = Affine(100, 0, EAST - 50, 0, -100, NORTH + 550)
    with rasterio.open(
        path, "w", driver="GTiff", width=6, height=6, count=1, dtype="uint16", crs=UTM, transform=place, nodata=65535
    ) as file:
        file.write(years, 1)
    return path


def write_study(folder: Path) -> Path:
    """All files of the toy study; returns the study file."""
    write_city(folder / "city.osm.pbf")
    write_buses(folder / "bus.zip")
    write_built(folder / "built.tif")
    polygons(folder / "boundary.geojson", {"toy": shapely.box(-50, -50, 550, 550)})
    halves = {"west": shapely.box(-50, -50, 275, 550), "east": shapely.box(275, -50, 550, 550)}
    polygons(folder / "zones.geojson", halves, label=["West", "East"])
    homes = {id: shapely.box(x - 5, y - 5, x + 5, y + 5) for id, (x, y, _) in HOMES.items()}
    polygons(folder / "homes.geojson", homes, residents=[n for _, _, n in HOMES.values()])
    polygons(folder / "limit.geojson", {"limit": shapely.box(-50, -50, 250, 550)})
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    return folder / "study.toml"


def edit_geojson(path: Path, change: object) -> None:
    """Change the features of a GeoJSON file in place."""
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["features"])  # type: ignore[operator]
    path.write_text(json.dumps(content), encoding="utf-8")
