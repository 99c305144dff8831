"""What an OSM file says of itself: whether it can be read, its extent and its date."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import NamedTuple

from osmium.io import Reader
from osmium.osm import NOTHING

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.text import Message

Box = tuple[float, float, float, float]

LICENCE = "ODbL-1.0"
ATTRIBUTION = "© OpenStreetMap contributors"
_OVERPASS_DATE = re.compile(rb'<meta\s[^>]*osm_base="([^"]+)"')
_HEAD_BYTES = 4096


class Header(NamedTuple):
    """`box` is (west, south, east, north) in degrees or None; `date` an ISO date or ""."""

    box: Box | None
    date: str


def read_header(path: Path) -> Header:
    """Read a file's header. A missing file, an empty one, or one that is no OSM file is an `InputError`."""
    if not path.is_file():
        raise InputError(Message("osm.missing", {"path": path.name}))
    if path.stat().st_size == 0:
        raise InputError(Message("osm.no_bytes", {"path": path.name}))
    try:
        with Reader(str(path), NOTHING) as reader:
            header = reader.header()
            box = header.box()
            low, high = box.bottom_left, box.top_right
            extent = (low.lon, low.lat, high.lon, high.lat) if box.valid() else None
            stamp = header.get("osmosis_replication_timestamp", "") or header.get("timestamp", "")
    except RuntimeError as error:
        raise unreadable(path, error) from error
    return Header(extent, (stamp or _overpass_date(path))[:10])


def unreadable(path: Path, error: RuntimeError) -> InputError:
    """The error to raise when the reader gives up: the file is cut short or damaged, or is no OSM file at all."""
    reason = str(error)
    cut = ("EOF", "gzip", "bzip2", "unclosed token", "no element found")
    key = "osm.damaged" if any(sign in reason for sign in cut) else "osm.not_osm"
    return InputError(Message(key, {"path": path.name, "reason": reason.replace(str(path), path.name)}))


def check_box(box: Box) -> Box:
    """The box when it is west < east, south < north in degrees, else an `InputError`."""
    west, south, east, north = (float(side) for side in box)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise InputError(Message("osm.bad_box", {"box": say_box(box)}))
    return west, south, east, north


def say_box(box: Box) -> str:
    """A box as people write it: west, south, east, north."""
    return ", ".join(f"{side:.4f}" for side in box)


def choose_date(header: str, newest: str, declared: str, path: Path, ledger: Ledger) -> str:
    """The one date of all layers: the header's, else the newest object's, else the declared one, else ""."""
    for key, date in (("date_header", header), ("date_newest", newest), ("date_declared", declared)):
        if date:
            ledger.record("osm", "read", Message(f"osm.{key}", {"path": path.name, "date": date}))
            return date
    ledger.record("osm", "warned", Message("osm.date_unknown", {"path": path.name}))
    return ""


def _overpass_date(path: Path) -> str:
    """The date in the `meta` line that Overpass writes at the head of its XML, "" when there is none."""
    kind = path.suffix.lower()
    if kind not in (".osm", ".xml", ".gz"):
        return ""
    with gzip.open(path) if kind == ".gz" else path.open("rb") as stream:
        found = _OVERPASS_DATE.search(stream.read(_HEAD_BYTES))
    return found[1].decode("ascii", "replace") if found else ""
