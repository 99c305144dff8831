"""One file that loads nothing: known addresses become content, unknown ones an error."""

import folium
import pytest

from spatial.errors import InputError
from spatial.report.webmap.single_file import Requests, self_contained


def rendered(*layers: folium.map.Layer) -> str:
    plain = folium.Map(location=[64.1, -21.9], tiles=None)
    for layer in layers:
        layer.add_to(plain)
    return plain.get_root().render()


def asked_for(page: str) -> list[str]:
    requests = Requests()
    requests.feed(page)
    return requests.found


def test_the_check_sees_what_stock_folium_asks_for() -> None:
    assert len(asked_for(rendered())) == 10


def test_a_plain_folium_map_becomes_self_contained() -> None:
    page = self_contained(rendered())
    assert asked_for(page) == []
    assert "user-scalable" not in page
    assert page.index("Content-Security-Policy") < page.index("<script")
    assert "Redistribution and use in source and binary forms" in page


def test_tiles_and_unknown_plugins_are_refused() -> None:
    from folium.plugins import HeatMap

    with pytest.raises(InputError, match="leaflet_heat"):
        self_contained(rendered(HeatMap([[64.1, -21.9]])))


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
        '<img src="http://tracker.example/p.gif">',
        '<p style="background:url(http://tracker.example/p.gif)">',
        "<style>@import 'https://fonts.example/a.css';</style>",
        '<iframe src="local.html"></iframe>',
    ],
)
def test_anything_external_is_refused(markup: str) -> None:
    with pytest.raises(InputError, match="from the network"):
        self_contained(f"<html><head></head><body>{markup}</body></html>")


def test_words_and_links_are_not_requests() -> None:
    page = (
        "<html><head></head><body><p>src=http://a.example url(http://b.example)</p>"
        '<a href="https://www.openstreetmap.org/copyright">©</a>'
        '<script type="application/json">{"n":"\\u003cimg src=http://e.example\\u003e"}</script></body></html>'
    )
    assert "openstreetmap.org" in self_contained(page)
