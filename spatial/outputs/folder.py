"""The output folder: a run is whole or it is not there; `provenance.json` is removed first and written last."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import file_digest
from pathlib import Path
from typing import Any
from uuid import uuid4

from spatial.errors import InputError
from spatial.outputs.lock import one_run_in
from spatial.text import Message

PROVENANCE = "provenance.json"
PARTIAL = ".partial-"


@contextmanager
def output_folder(out: Path, *, update: bool = False) -> Iterator[Path]:
    """A place to write a run's files into, which move to `out` when all of them are there.

    The body writes into the folder that it gets, and `write_provenance` last. When it fails, nothing in `out` has
    changed. Files of the run before that this run does not make are removed; files that no run has made stay.

    Parameters
    ----------
    update : replace or add some files of a finished folder. The others stay; provenance.json is kept and takes the
        fingerprints of the new files.

    Raises
    ------
    InputError : `out` is a file, cannot be written, is in use by another run, or holds a file that another program
        keeps open; with `update`, it is not finished.
    """
    with _made(out), one_run_in(out):
        before = check_finished(out) if update else {}
        _sweep(out)
        staged = out / f"{PARTIAL}{uuid4().hex[:8]}"
        staged.mkdir()
        try:
            yield staged
            if update:
                write_provenance(staged, before, kept=before["outputs"])
            _move_in(staged, out)
        finally:
            _sweep(out)


def check_finished(out: Path) -> dict[str, Any]:
    """The provenance of a finished output folder.

    Raises
    ------
    InputError : there is no provenance.json, or a file that it lists is absent or has changed: all of them at once.
    """
    found = _read_provenance(out)
    if found is None:
        raise InputError(Message("output.unfinished", {"out": str(out)}))
    changed = [name for name, known in found["outputs"].items() if _fingerprint(out / name) != known]
    if changed:
        raise InputError(Message("output.changed", {"out": str(out), "files": tuple(changed)}))
    return found


def write_provenance(staged: Path, content: Mapping[str, Any], *, kept: Mapping[str, str] | None = None) -> None:
    """Write provenance.json with the fingerprint of every file beside it (and of those `kept` from before)."""
    outputs = {**(kept or {}), **fingerprints(staged)}
    whole = {**content, "outputs": dict(sorted(outputs.items()))}
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    (staged / PROVENANCE).write_text(text + "\n", encoding="utf-8", newline="\n")


def fingerprints(folder: Path) -> dict[str, str]:
    """sha256 of every file of a folder but provenance.json, by its name from there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != PROVENANCE)
    return {path.relative_to(folder).as_posix(): _fingerprint(path) for path in files}


def _fingerprint(path: Path) -> str:
    """Fingerprint of a file; "" when there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _read_provenance(out: Path) -> dict[str, Any] | None:
    """The provenance of a folder; None when there is none that can be read."""
    try:
        found = json.loads((out / PROVENANCE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_whole = isinstance(found, dict) and isinstance(found.get("outputs"), dict)
    return found if is_whole else None


@contextmanager
def _made(out: Path) -> Iterator[None]:
    """The folder exists inside; one that was made for nothing goes away again."""
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InputError(Message("output.not_a_folder", {"out": str(out)})) from None
    except OSError as error:
        raise InputError(Message("output.cannot_write", {"out": str(out), "found": error.strerror or ""})) from error
    try:
        yield
    finally:
        if is_new:
            with suppress(OSError):  # not empty: the run went well
                out.rmdir()


def _sweep(out: Path) -> None:
    """Remove what this run, or one that was killed, has left half-way."""
    for left in out.glob(f"{PARTIAL}*"):
        shutil.rmtree(left, ignore_errors=True)


def _move_in(staged: Path, out: Path) -> None:
    """Move file by file: the folder counts as unfinished from the first to the last step."""
    fresh = _read_provenance(staged)
    if fresh is None or not set(fingerprints(staged)) <= set(fresh["outputs"]):
        raise RuntimeError("write_provenance must be called last, after every file of the run")
    before = _read_provenance(out) or {"outputs": {}}
    now = out
    try:
        now = out / PROVENANCE
        now.unlink(missing_ok=True)
        for name in sorted(set(before["outputs"]) - set(fresh["outputs"])):
            now = out / name
            if now.resolve().is_relative_to(out.resolve()):
                now.unlink(missing_ok=True)
        for name in sorted(fingerprints(staged)):
            now = out / name
            now.parent.mkdir(parents=True, exist_ok=True)
            (staged / name).replace(now)
        now = out / PROVENANCE
        (staged / PROVENANCE).replace(now)
    except OSError as error:
        values = {"file": str(now), "found": error.strerror or "", "out": str(out)}
        raise InputError(Message("output.cannot_move", values)) from error
