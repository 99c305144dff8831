"""A rendered Folium page as one file: vendored assets inside, everything else refused, by us and by the browser."""

from __future__ import annotations

import html
import re

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
_LOADED = re.compile(r"""(?:\bsrc\s*=\s*["']?|url\(\s*["']?|@import\s+["'])\s*((?:https?:)?//[^"'\s)>]+)""")


def self_contained(page: str) -> str:
    """One page that loads nothing.

    Raises
    ------
    InputError : the page asks for a file that is not vendored, or a vendored file is missing or changed.
    """
    page = _SCRIPT.sub(_script, page)
    page = _LINK.sub(_link, page)
    page = _VIEWPORT.sub('<meta name="viewport" content="width=device-width, initial-scale=1">', page)
    loaded = _LOADED.search(page)
    if loaded:
        raise InputError(Message("map.external", {"url": loaded[1]}))
    head = (
        f'<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n{_notice()}'
    )
    return page.replace("<head>", head, 1)


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
    licence = asset(f"{LEAFLET}/LICENSE").decode("utf-8").strip().replace("--", "- -")
    return f"<!-- {entry['name']} {entry['version']}, {entry['licence']}\n{licence}\n-->"
