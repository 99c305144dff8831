"""The study of a finished run, when neither it nor its data have changed since."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spatial.config import Study, data_path, load_study
from spatial.errors import InputError
from spatial.outputs import check_finished
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


def _changed(known: dict[str, Any], study: Study) -> tuple[str, ...]:
    if study.sha256 != known["study"]["sha256"]:
        return (study.path.name,)
    sources = {source["path"]: source["sha256"] for source in known["sources"] if source["sha256"]}
    paths = {name: data_path(name, study.folder) for name in sources}
    return tuple(name for name, path in paths.items() if not path.is_file() or sha256_of(path) != sources[name])
