"""Zip files from strangers: looked at before anything of them is read, and unpacked nowhere but where we say."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from tempfile import TemporaryDirectory

from spatial.errors import InputError, Problems
from spatial.parameters import parameter
from spatial.sources.encodings import encoding_of
from spatial.text import Message

_UTF8_NAMES = 0x800
_BLOCK = 2**20


def check_archive(path: Path) -> None:
    """Refuse a zip that unpacks to more than the parameters allow, or whose names lead out of its folder.

    Raises
    ------
    InputError : all faults of the archive at once; nothing of it has been unpacked.
    """
    _members(path)


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A temporary folder with the files of a zip, gone afterwards. Names that are not UTF-8 are read as GB18030.

    Raises
    ------
    InputError : as `check_archive`; or the zip is damaged or locked with a password.
    """
    members = _members(path)
    most = int(parameter("archive_most_mb") * 2**20)
    with TemporaryDirectory(prefix="spatial-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                for entry, name in members:
                    target = Path(folder, *PurePosixPath(name).parts)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with archive.open(entry) as source, target.open("wb") as copy:
                        while block := source.read(_BLOCK):
                            most -= len(block)
                            if most < 0:  # the directory of the zip lied about sizes
                                raise InputError(_too_large(path))
                            copy.write(block)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as error:
            found = type(error).__name__
            raise InputError(Message("archive.unreadable", {"path": path.name, "found": found})) from error
        yield Path(folder)


def _members(path: Path) -> list[tuple[zipfile.ZipInfo, str]]:
    """The files of the zip with the names that they unpack to."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        values = {"path": path.name, "found": type(error).__name__}
        raise InputError(Message("archive.unreadable", values)) from error
    problems = Problems()
    if len(entries) > parameter("archive_most_files"):
        most = int(parameter("archive_most_files"))
        problems.add(Message("archive.too_many", {"path": path.name, "count": len(entries), "most": most}))
    if sum(entry.file_size for entry in entries) > parameter("archive_most_mb") * 2**20:
        problems.add(_too_large(path))
    named = [(entry, _name(entry)) for entry in entries]
    outside = tuple(name for entry, name in named if _leads_out(name) or stat.S_ISLNK(entry.external_attr >> 16))
    if outside:
        problems.add(Message("archive.leads_out", {"path": path.name, "names": outside[:5]}))
    problems.raise_if_any(InputError)
    return named


def _name(entry: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: what reads as code page 437 may be UTF-8 (macOS) or GBK (Chinese Windows)."""
    if entry.flag_bits & _UTF8_NAMES:
        return entry.filename
    try:
        raw = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    taken = encoding_of([raw])
    return entry.filename if taken is None else raw.decode(taken)


def _leads_out(name: str) -> bool:
    windows = PureWindowsPath(name)
    return windows.is_absolute() or bool(windows.drive) or name.startswith(("/", "\\")) or ".." in windows.parts


def _too_large(path: Path) -> Message:
    return Message("archive.too_large", {"path": path.name, "most_mb": float(parameter("archive_most_mb"))})
