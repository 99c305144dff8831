"""Writes mainland.geojson from the borders of country-coder; run once by a developer, never by the package.

npm pack @rapideditor/country-coder@5.6.1 && tar xzf rapideditor-country-coder-5.6.1.tgz
python make_mainland.py package/src/data/borders.json package/LICENSE.md
"""

import json
import sys
from pathlib import Path

import shapely

NAME = "Mainland China"
NOTE = (
    "Decides which coordinates the approximate GCJ-02 and BD-09 formulas shift, and nothing else. It is a coarse "
    "outline, drawn for looking up codes, with the sea around; it is no statement about any border or territory."
)
DECIMALS = 5


def main(borders: Path, licence: Path) -> None:
    """Write the outline of mainland China, with its source and licence, beside this file."""
    features = json.loads(borders.read_text(encoding="utf-8"))["features"]
    (found,) = [feature for feature in features if feature["properties"].get("nameEn") == NAME]
    shape = shapely.from_geojson(json.dumps(found["geometry"]))
    drawn = shapely.transform(shape, lambda xy: xy.round(DECIMALS))
    if not shapely.is_valid(drawn):
        raise ValueError(shapely.is_valid_reason(drawn))
    properties = {
        "name": NAME,
        "note": NOTE,
        "source": "country-coder 5.6.1 (27 February 2026), borders.json, github.com/rapideditor/country-coder",
        "licence": licence.read_text(encoding="utf-8"),
    }
    feature = {"type": "Feature", "properties": properties, "geometry": json.loads(shapely.to_geojson(drawn))}
    text = json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
    Path(__file__).with_name("mainland.geojson").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
