"""OpenStreetMap from an Overpass server: everything in a box, saved as a dated file that `read_osm` reads."""

from __future__ import annotations

import re
import shutil
from http.client import HTTPException
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.osm.header import Box, check_box
from spatial.text import Message, Value

# Everything that touches the box; of ways all nodes, of areas made of several ways all ways and their nodes.
_QUERY = """[out:xml][timeout:{timeout:d}];
nwr({box})->.all;
way.all({box})->.ways;
.ways > ->.corners;
(rel.all["type"="multipolygon"];rel.all["type"="boundary"];)->.areas;
.areas > ->.outlines;
(.all;.corners;.outlines;);
out meta;
"""
_AGENT = "compact-spatial"
_BUSY = (429, 503, 504)
_EDGE_BYTES = 8192
_REMARK = re.compile(r"<remark>(.*?)</remark>", re.DOTALL)
_DATE = re.compile(r'<meta\s[^>]*osm_base="(\d{4}-\d{2}-\d{2})')


def fetch_osm(
    box: Box,
    folder: Path,
    *,
    endpoint: str,
    ledger: Ledger,
    timeout_s: float = parameter("overpass_timeout_s"),
) -> Path:
    """Ask an Overpass server for everything in a box and save the answer as `osm_<box>_<date>.osm`.

    Parameters
    ----------
    box : west, south, east, north in degrees. folder : where the file goes; made when it is missing.
    endpoint : address of the server's interpreter. timeout_s : how long the server and the line may take.

    Raises
    ------
    InputError : the server is out of reach, refuses, or answers in part only; no file is left behind.
    """
    box = check_box(box)
    if urlsplit(endpoint).scheme not in ("http", "https"):
        raise InputError(Message("osm_online.endpoint", {"endpoint": endpoint}))
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".osm-", suffix=".partial", delete=False) as waiting:
        partial = Path(waiting.name)
    try:
        _download(partial, box, endpoint, timeout_s)
        date = _complete_date(partial, endpoint)
        saved = folder / ("osm_" + "_".join(f"{side:.4f}" for side in box) + f"_{date}.osm")
        size_mb = partial.stat().st_size / 1e6
        partial.replace(saved)
    finally:
        partial.unlink(missing_ok=True)
    values: dict[str, Value] = {"endpoint": endpoint, "path": saved.name, "date": date, "size_mb": size_mb}
    ledger.record("osm", "read", Message("osm_online.saved", values))
    return saved


def overpass_query(box: Box, *, timeout_s: float) -> str:
    """The question put to the server."""
    west, south, east, north = box
    sides = ",".join(f"{side:.7f}" for side in (south, west, north, east))
    return _QUERY.format(timeout=int(timeout_s), box=sides)


def _download(partial: Path, box: Box, endpoint: str, timeout_s: float) -> None:
    """Write the server's answer to `partial`, or say why there is none."""
    body = urlencode({"data": overpass_query(box, timeout_s=timeout_s)}).encode("ascii")
    request = Request(endpoint, data=body, headers={"User-Agent": _AGENT})  # noqa: S310
    values: dict[str, Value] = {"endpoint": endpoint}
    try:
        with urlopen(request, timeout=timeout_s) as answer, partial.open("wb") as stream:  # noqa: S310
            shutil.copyfileobj(answer, stream)
            promised = int(answer.headers.get("Content-Length") or stream.tell())
            received = stream.tell()
    except HTTPError as error:
        key = "osm_online.busy" if error.code in _BUSY else "osm_online.refused"
        error.close()
        raise InputError(Message(key, {**values, "code": error.code, "reason": error.reason})) from error
    except (OSError, HTTPException) as error:
        reason = error.reason if isinstance(error, URLError) else error
        if isinstance(reason, TimeoutError):
            raise InputError(Message("osm_online.timeout", {**values, "timeout_s": timeout_s})) from error
        raise InputError(Message("osm_online.unreachable", {**values, "reason": str(reason)})) from error
    if received < promised:
        raise InputError(Message("osm_online.cut_off", values))


def _complete_date(partial: Path, endpoint: str) -> str:
    """The date of the data in a complete answer; a partial one, or one that is no OSM file, is an `InputError`."""
    with partial.open("rb") as stream:
        head = stream.read(_EDGE_BYTES).decode("utf-8", "replace")
        stream.seek(max(0, partial.stat().st_size - _EDGE_BYTES))
        tail = stream.read().decode("utf-8", "replace")
    remark = _REMARK.search(head) or _REMARK.search(tail)
    if remark:
        raise InputError(Message("osm_online.remark", {"endpoint": endpoint, "remark": remark[1].strip()}))
    if "<osm" not in head:
        raise InputError(Message("osm_online.not_osm", {"endpoint": endpoint}))
    if not tail.rstrip().endswith("</osm>"):
        raise InputError(Message("osm_online.cut_off", {"endpoint": endpoint}))
    date = _DATE.search(head)
    if not date:
        raise InputError(Message("osm_online.not_osm", {"endpoint": endpoint}))
    return date[1]
