"""A rendered Folium page as one file: vendored assets inside, everything else refused, by us and by the browser."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from spatial.errors import InputError
from spatial.report.webmap.assets import asset, manifest, script, style
from spatial.text import Message

LEAFLET = "leaflet/1.9.4"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; "
    "base-uri 'none'; form-action 'none'"
)
# Folium asks for these on every map; a map without Folium's own markers and pop-ups uses none of them.
_UNUSED = re.compile(r"jquery|bootstrap|fontawesome|awesome-markers|awesome\.rotate")
_SCRIPT = re.compile(r'<script\b[^>]*\bsrc="([^"]*)"[^>]*>\s*</script>')
_LINK = re.compile(r'<link\b[^>]*\bhref="([^"]*)"[^>]*/?>')
_VIEWPORT = re.compile(r'<meta name="viewport".*?/>', re.DOTALL)
_LOADING = {"src", "srcset", "poster", "background", "data", "action", "formaction"}
_STYLE_URL = re.compile(r"""(?:url\(|@import)\s*["']?(?!data:|#)([^"')\s;]+)""")


def self_contained(page: str) -> str:
    """One page that loads nothing.

    Raises
    ------
    InputError : the page asks for a file that is not vendored, or a vendored file is missing or changed.
    """
    page = _SCRIPT.sub(_script, page)
    page = _LINK.sub(_link, page)
    page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page)
    requests = Requests()
    requests.feed(page)
    if requests.found:
        raise InputError(Message("map.external", {"url": requests.found[0]}))
    head = (
        f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n{_notice()}'
    )
    return page.replace("<head>", head, 1)


class Requests(HTMLParser):
    """Collects what a page would fetch by its markup and style sheets; what scripts ask for, the policy refuses."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            fetched = name in _LOADING or (name in ("href", "xlink:href") and tag not in ("a", "area"))
            if fetched and value and not value.startswith(("data:", "blob:", "#")):
                self.found.append(value)
            if name == "style" and value:
                self.found += _STYLE_URL.findall(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self.found += _STYLE_URL.findall(data)


def _script(match: re.Match[str]) -> str:
    url = html.unescape(match[1])
    if _UNUSED.search(url):
        return ""
    if re.search(r"/leaflet@[\d.]+/dist/leaflet\.js$", url):
        return f"<script>{script(f'{LEAFLET}/leaflet.js')}</script>"
    raise InputError(Message("map.external", {"url": url}))


def _link(match: re.Match[str]) -> str:
    url = html.unescape(match[1])
    if _UNUSED.search(url):
        return ""
    if re.search(r"/leaflet@[\d.]+/dist/leaflet\.css$", url):
        return f"<style>{style(f'{LEAFLET}/leaflet.css')}</style>"
    raise InputError(Message("map.external", {"url": url}))


def _notice() -> str:
    """The licence of what stands inside the file, which it asks to be passed on."""
    entry = manifest()[f"{LEAFLET}/leaflet.js"]
    licence = asset(f"{LEAFLET}/LICENSE").decode("utf-8").replace("\r\n", "\n").strip().replace("--", "- -")
    return f"<!-- {entry['name']} {entry['version']}, {entry['licence']}\n{licence}\n-->"
