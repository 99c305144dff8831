"""Writes the files of 示例区 (虚构示例 / fictional) into a folder: `python data/sample_generator/generate.py [OUT]`.

Needs `eviltransform` and `ezdxf` beside the package's own dependencies; imports nothing of `spatial`.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
SAMPLE = HERE.parent / "sample_district"
sys.path.insert(0, str(HERE))

from generator import detailed_plan, rasters  # noqa: E402
from generator.city import make_city, osm_areas  # noqa: E402
from generator.osm_file import write_osm  # noqa: E402
from generator.people import make_people  # noqa: E402
from generator.places import make_places, write_places  # noqa: E402
from generator.tables import write_tables  # noqa: E402
from generator.truth import Made, write_truth  # noqa: E402
from generator.vector_files import Boundaries, write_boundaries, write_plan  # noqa: E402


def generate(out: Path) -> None:
    """Write every file but README.md."""
    out.mkdir(parents=True, exist_ok=True)
    city = make_city()
    places = make_places(city)
    marks = [*city.site.marks, *places.marks]
    areas = osm_areas(city)
    written = write_osm(out / "sample_streets_buildings.osm.pbf", city.lines, areas, marks, city.ground.district)
    write_places(out / "places_amap.csv", places.rows)
    write_plan(out / "regulatory_plan.shp", city.ground.parcels)
    lines = Boundaries(city.ground)
    write_boundaries(out, lines)
    cover = rasters.land_cover(city)
    rasters.write_land_cover(out, cover)
    people = make_people(city)
    population = rasters.population(people)
    rasters.write_population(out / "population_100m.tif", population)
    write_tables(out)
    plan = detailed_plan.make_plan()
    detailed_plan.write_plan_drawing(out / "detailed_plan.dxf", plan)
    write_truth(out / "truth.json", Made(city, areas, places, written, people, cover, population, lines, plan))


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE)
