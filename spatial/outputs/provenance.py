"""What a run was made from."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from spatial import __version__
from spatial.model.provenance import Source

PACKAGE = "compact-spatial"
OUTSIDE = ("../", "…/")
LIBRARIES = (
    "folium", "geopandas", "h3", "matplotlib", "numba", "numpy", "osmium", "pandas", "pyarrow", "pydantic", "pyogrio",
    "pyproj", "rasterio", "scipy", "shapely",
)  # fmt: skip


class WrittenStudy(Protocol):
    """A study that knows the file that it was read from."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> Path: ...

    @property
    def text(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    def name_of(self, path: Path) -> str: ...


def provenance(
    study: WrittenStudy, sources: Sequence[Source], *, language: str, seconds: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """What a run was made from: versions, the study file, every source, the day. Outputs join when it is written."""
    return {
        "package": {"name": PACKAGE, "version": __version__},
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libraries": {name: _version(name) for name in LIBRARIES},
        "ran": datetime.now(UTC).isoformat(timespec="seconds"),
        "language": language,
        "seconds": {stage: round(time_s, 2) for stage, time_s in (seconds or {}).items()},
        "study": {"name": study.name, "file": study.name_of(study.path), "sha256": study.sha256, "text": study.text},
        "sources": [asdict(source) for source in sources],
        "outside_study_folder": sorted({source.path for source in sources if source.path.startswith(OUTSIDE)}),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
