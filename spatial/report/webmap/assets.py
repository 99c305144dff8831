"""The vendored web assets: found by the manifest, checked by their hash, ready to stand inside a page."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from importlib.resources import files

from spatial.errors import InputError
from spatial.text import Message

_CSS_URL = re.compile(r"url\((images/[\w.-]+\.png)\)")


@lru_cache(maxsize=1)
def manifest() -> dict[str, dict[str, str]]:
    """What was vendored: path → name, version, licence, sha256 and bytes."""
    entries = json.loads(_bytes("manifest.json"))
    return {entry["path"]: entry for entry in entries}


@lru_cache(maxsize=16)
def asset(path: str) -> bytes:
    """One vendored file, once its hash is the manifest's; else `InputError`."""
    if path not in manifest():
        raise InputError(Message("map.asset_missing", {"path": path}))
    content = _bytes(path)
    if hashlib.sha256(content).hexdigest() != manifest()[path]["sha256"]:
        raise InputError(Message("map.asset_changed", {"path": path}))
    return content


def script(path: str) -> str:
    """A vendored script without the pointer to its source map, which a browser would try to fetch."""
    return re.sub(r"\n//# sourceMappingURL=\S*\s*$", "\n", asset(path).decode("utf-8"))


def style(path: str) -> str:
    """A vendored style sheet with its images inside."""
    folder = path.rpartition("/")[0]

    def inline(match: re.Match[str]) -> str:
        image = base64.b64encode(asset(f"{folder}/{match[1]}")).decode("ascii")
        return f"url(data:image/png;base64,{image})"

    # The behaviour rule speaks to Internet Explorer alone.
    text = asset(path).decode("utf-8").replace("behavior: url(#default#VML);", "").replace("\r\n", "\n")
    return _CSS_URL.sub(inline, text)


def own(path: str) -> str:
    """One of the project's own scripts, styles or templates."""
    return files(__package__).joinpath(path).read_text(encoding="utf-8")


def _bytes(path: str) -> bytes:
    try:
        return files(__package__).joinpath("_assets", *path.split("/")).read_bytes()
    except FileNotFoundError as lost:
        raise InputError(Message("map.asset_missing", {"path": path})) from lost
