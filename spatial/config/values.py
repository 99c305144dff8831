"""The kinds of value that a study file holds; a wrong one raises an error whose type is a text key."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import AfterValidator, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from spatial.errors import CrsError

BUNDLED = "bundled:"
FOLDER = "folder"
ELSEWHERE = "…"
"""Stands for a folder that outputs do not name."""
T = TypeVar("T", bound=Hashable)
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|/vsi|[\\/]{2}")
_PERIOD = re.compile(r"\d{4}(-\d\d(-\d\d)?)?(/\d{4}(-\d\d(-\d\d)?)?)?")


def refuse(key: str, values: Mapping[str, Any]) -> NoReturn:
    """Stop validation with a sentence of the `study` texts: `key` under it, and the values that fill it."""
    raise PydanticCustomError(f"study.{key}", "see the texts", dict(values))


def _resolve(given: Any, info: ValidationInfo) -> Path:
    if not isinstance(given, str):
        raise PydanticCustomError("string_type", "see the texts")
    if _REMOTE.match(given):
        refuse("remote_path", {"given": given})
    folder = (info.context or {}).get(FOLDER, Path())
    path = data_path(given, folder)
    if path.is_file():
        return path
    beside = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
    near = get_close_matches(path.name, beside, n=1)
    if near:
        refuse("file_missing_near", {"given": given, "near": near[0], "folder": str(path.parent)})
    refuse("file_missing", {"given": given, "looked": str(path)})


def data_path(given: str, folder: Path) -> Path:
    """Where a file named in a study file is: beside the study file, or in the bundled data after "bundled:"."""
    if given.startswith(BUNDLED):
        from spatial.sources.bundled import bundled_folder

        return bundled_folder() / given.removeprefix(BUNDLED)
    return (folder / Path(given).expanduser()).resolve()


def _period(text: str) -> str:
    if text and not _PERIOD.fullmatch(text):
        refuse("not_a_period", {"given": text})
    return text


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        refuse("not_a_day", {"given": text})


def _osm_id(kind: str) -> AfterValidator:
    def check(text: str) -> str:
        if not re.fullmatch(rf"{kind}/[1-9]\d*", text):
            refuse("not_an_osm_id", {"given": text, "kind": kind})
        return text

    return AfterValidator(check)


def _box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = box
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        refuse("not_a_box", {"given": ", ".join(f"{side:g}" for side in box)})
    return box


def _crs(text: str) -> str:
    from pyproj.exceptions import CRSError

    from spatial.model.study_area import projected_crs

    try:
        projected_crs(text)
    except CRSError:
        refuse("unknown_crs", {"given": text})
    except CrsError as error:
        refuse("at", {"reason": error.messages[0]})
    return text


def _any_crs(text: str) -> str:
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    try:
        CRS.from_user_input(text)
    except CRSError:
        refuse("unknown_crs", {"given": text})
    return text


def _scheme(given: Any, info: ValidationInfo) -> str | Path:
    from spatial.schemes import scheme_ids

    if not isinstance(given, str):
        raise PydanticCustomError("string_type", "see the texts")
    if given in scheme_ids():
        return given
    if Path(given).suffix == "":
        refuse("unknown_scheme", {"given": given, "known": scheme_ids()})
    return _resolve(given, info)


def _address(text: str) -> str:
    if not re.match(r"https?://", text):
        refuse("not_an_address", {"given": text})
    return text


def _once(items: tuple[T, ...]) -> tuple[T, ...]:
    doubled = [item for item in dict.fromkeys(items) if items.count(item) > 1]
    if doubled:
        refuse("doubled", {"given": tuple(str(item) for item in doubled)})
    return items


Words = Annotated[str, Field(min_length=1)]
DataFile = Annotated[Path, PlainValidator(_resolve)]
Period = Annotated[str, AfterValidator(_period)]
Day = Annotated[str, AfterValidator(_day)]
Relation = Annotated[str, _osm_id("relation")]
Node = Annotated[str, _osm_id("node")]
Box = Annotated[tuple[float, float, float, float], AfterValidator(_box)]
Crs = Annotated[str, AfterValidator(_crs)]
AnyCrs = Annotated[str, AfterValidator(_any_crs)]
SchemeName = Annotated[str | Path, PlainValidator(_scheme)]
"""A class scheme that comes with the package, or a table of the planner's own."""
Address = Annotated[str, AfterValidator(_address)]
Positive = Annotated[float, Field(gt=0)]
Once = AfterValidator(_once)
