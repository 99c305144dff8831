"""Which file a number comes from: its name, date, licence and fingerprint."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from spatial.errors import InputError
from spatial.model.provenance import Source
from spatial.text import Message

_BLOCK = 2**20
_SHAPEFILE_PARTS = (".cpg", ".dbf", ".prj", ".shp", ".shx")


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes; of a Shapefile, that of its parts one after the other, by suffix in A–Z order."""
    digest = sha256()
    for part in _parts(path):
        with part.open("rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def file_source(path: Path, layer: str, *, date: str, licence: str, attribution: str) -> Source:
    """The record of one file that a layer was read from. `date` is an ISO date or period, "" when unknown."""
    if not path.is_file():
        raise InputError(Message("source.missing", {"path": path.name}))
    return Source(layer, path.name, path.as_posix(), date, licence, attribution, sha256_of(path))


def _parts(path: Path) -> list[Path]:
    if path.suffix.lower() != ".shp":
        return [path]
    beside = [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix.lower() in _SHAPEFILE_PARTS]
    return sorted(beside, key=lambda part: part.suffix.lower())
