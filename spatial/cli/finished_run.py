"""The study of a finished run, when neither it nor its data have changed since, and its map drawn anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from spatial.config import Study, data_path, load_study
from spatial.errors import InputError
from spatial.outputs import PROVENANCE, check_finished, output_folder
from spatial.sources.fingerprint import sha256_of
from spatial.text import Message


def study_of(out: Path, study: Study | None = None) -> Study:
    """The study that an output folder was made from: the one given, else the one that its provenance names.

    Raises
    ------
    InputError : the folder is not finished, its study is not to be found, or the study file or a source has
        changed since: what would be drawn now would not go with the results.
    """
    known = check_finished(out)
    if study is None:
        path = data_path(known["study"]["file"], out.resolve().parent)
        if not path.is_file():
            raise InputError(Message("cli.study_not_found", {"out": str(out), "looked": str(path)}))
        study = load_study(path)
    changed = _changed(known, study)
    if changed:
        raise InputError(Message("cli.changed_since", {"out": str(out), "files": changed}))
    return study


def language_of(out: Path) -> str:
    """The language that a finished run speaks."""
    return str(check_finished(out)["language"])


@contextmanager
def map_file(target: Path, study: Study) -> Iterator[Path]:
    """A place to draw a map into, which moves to `target` when it is whole.

    A map that goes into the folder of a finished run joins its files, when it is that run's own study.

    Raises
    ------
    InputError : `target` cannot be written, or its folder holds the run of another study, or of changed data.
    """
    folder = target.parent
    if (folder / PROVENANCE).is_file():
        study_of(folder, study)
        with output_folder(folder, update=True) as staged:
            yield staged / target.name
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".partial-", dir=folder) as staged_in:
            yield Path(staged_in) / target.name
            (Path(staged_in) / target.name).replace(target)
    except OSError as error:
        values = {"out": str(folder), "found": error.strerror or ""}
        raise InputError(Message("output.cannot_write", values)) from error


def _changed(known: dict[str, Any], study: Study) -> tuple[str, ...]:
    if study.sha256 != known["study"]["sha256"]:
        return (study.path.name,)
    sources = {source["path"]: source["sha256"] for source in known["sources"] if source["sha256"]}
    paths = {name: data_path(name, study.folder) for name in sources}
    return tuple(name for name, path in paths.items() if not path.is_file() or sha256_of(path) != sources[name])
