"""The cities that travel with the package: in the wheel under `spatial/data`, in a checkout under `data`."""

from __future__ import annotations

from pathlib import Path

from spatial.errors import InputError
from spatial.text import Message

PACKAGE = Path(__file__).parents[1]


def bundled_folder() -> Path:
    """The folder of the bundled data. An incomplete installation is an `InputError`."""
    for folder in (PACKAGE / "data", PACKAGE.parent / "data"):
        if (folder / "reykjavik").is_dir():
            return folder
    raise InputError(Message("bundled.absent", {"folder": str(PACKAGE / "data")}))


def bundled_cities() -> tuple[str, ...]:
    """The names of the bundled cities, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in bundled_folder().glob("*/study.toml")))


def bundled_study(city: str) -> Path:
    """The study file of a bundled city, by its name or the beginning of it; an unknown name lists the known ones."""
    meant = [known for known in bundled_cities() if known.startswith(city)]
    if not city or len(meant) != 1:
        raise InputError(Message("bundled.unknown", {"city": city, "known": bundled_cities()}))
    return bundled_folder() / meant[0] / "study.toml"
