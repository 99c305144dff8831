"""Interactive maps of results: for notebooks, and as one file that opens anywhere without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import folium
from branca.element import Figure
from jinja2 import Environment, Template

from spatial.model.district import District
from spatial.model.results import ResultTable
from spatial.report.files import whole_file
from spatial.report.layers import water_unknown
from spatial.report.webmap import words
from spatial.report.webmap.assets import manifest, own
from spatial.report.webmap.content import (
    attributions,
    choices,
    dates,
    missing_lines,
    page_data,
    source_lines,
    toggles,
)
from spatial.report.webmap.encoding import safe_json
from spatial.report.webmap.single_file import LEAFLET, self_contained
from spatial.report.wording import licence_lines

STYLES = ("static/map.css",)
SCRIPTS = ("static/decode.js", "static/paint.js", "static/labels.js", "static/panel.js", "static/start.js")


class StudyMap(folium.Map):
    """A Folium map whose notebook view needs no network, as long as nothing of Folium's own was added to it."""

    def _repr_html_(self, **kwargs: Any) -> str:
        if self._children:
            return str(super()._repr_html_(**kwargs))
        frame = Figure(height="640px")
        page = self_contained(self.get_root().render())
        frame._template = Environment(autoescape=True).from_string("{{ page | safe }}", globals={"page": page})
        return str(frame._repr_html_())


def draw_map(district: District, results: ResultTable, *, language: str = "en") -> StudyMap:
    """A map of every result that is known by zone, with its legend, sources and what could not be computed.

    Parameters
    ----------
    language : "en" or "zh": everything that a reader sees.

    Raises
    ------
    InputError : no result speaks of a zone, or results speak of zones that the district has not.
    """
    data = page_data(district, results, language=language)
    west, south, east, north = data["bounds"]
    drawn = StudyMap(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        zoom_start=11,
        zoom_control=False,
        attribution_control=False,
    )
    # Folium's random ids would make every export differ.
    drawn._id = "study"
    figure = drawn.get_root()
    figure._template = _page_template(district, results, data, drawn.get_name(), language)
    return drawn


def save_map(district: District, results: ResultTable, path: Path, *, language: str = "en") -> None:
    """Write the map as one HTML file that loads nothing; the same input gives the same bytes.

    Raises
    ------
    InputError : as `draw_map`; or a file that every map needs is missing from the installation.
    """
    page = self_contained(draw_map(district, results, language=language).get_root().render())
    with whole_file(Path(path)) as partial:
        partial.write_text(page, encoding="utf-8", newline="\n")


def _page_template(
    district: District, results: ResultTable, data: dict[str, Any], map_name: str, language: str
) -> Template:
    """The page around the map as a template of Folium's figure."""
    name, when = district.area.name, dates(district.sources, language)
    page = {
        "language": data["language"],
        "title": words.say("page_title", language, {"name": name}),
        "name": name,
        "subtitle": words.say("subtitle", language, {"zones": len(district.zones), "dates": when}),
        "choices": choices(data),
        "toggles": toggles(data, language),
        "no_water": words.say("no_water", language) if water_unknown(district) else "",
        "missing": missing_lines(results, language),
        "sources": source_lines(district.sources, language),
        "licences": licence_lines(district.sources, language),
        "attribution": " · ".join(attributions(district.sources)),
        "leaflet": words.say("leaflet", language, {"version": manifest()[f"{LEAFLET}/leaflet.js"]["version"]}),
        "data": safe_json(data),
        "styles": [own(path) for path in STYLES],
        "scripts": [own(path) for path in SCRIPTS],
        "map": map_name,
    }
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    said = {"page": page, "say": lambda key: words.say(key, language)}
    return environment.from_string(own("templates/page.html.j2"), globals=said)
