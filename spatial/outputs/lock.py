"""One run at a time in a folder. The system holds the lock, so that it ends with the process, however that ends."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from spatial.errors import InputError
from spatial.text import Message

LOCK = ".lock"
FAR_BYTE = 2**20  # Windows keeps others from reading locked bytes: lock one behind the text that they are to read


@contextmanager
def one_run_in(folder: Path) -> Iterator[None]:
    """Hold a folder for this process.

    Raises
    ------
    InputError : another run holds it, which the message names; or the folder cannot be written or locked.
    """
    path = folder / LOCK
    handle = _taken(path)
    try:
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()} {platform.node()}\n".encode())
        yield
    finally:
        _let_go(handle, path)


def _taken(path: Path) -> int:
    """The lock file, open and held."""
    while True:
        handle = _opened(path)
        try:
            is_held = _holds(handle, path)
        except InputError:
            os.close(handle)
            raise
        if is_held:
            return handle
        os.close(handle)


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        values = {"out": str(path.parent), "found": error.strerror or ""}
        raise InputError(Message("output.cannot_write", values)) from error


def _holds(handle: int, path: Path) -> bool:
    """Take the lock. False when the run before removed the file between opening and locking: open again."""
    try:
        _lock(handle)
    except BlockingIOError:
        raise InputError(_in_use(path)) from None
    except OSError as error:
        values = {"out": str(path.parent), "found": error.strerror or ""}
        raise InputError(Message("output.cannot_lock", values)) from error
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _in_use(path: Path) -> Message:
    try:
        process, _, machine = path.read_text(encoding="utf-8").strip().partition(" ")
    except OSError:
        process = machine = ""
    return Message("output.in_use", {"out": str(path.parent), "process": process or "?", "machine": machine or "?"})


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, FAR_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

    def _let_go(handle: int, path: Path) -> None:
        os.close(handle)
        with suppress(OSError):  # another run has opened it meanwhile
            path.unlink()

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _let_go(handle: int, path: Path) -> None:
        with suppress(OSError):
            path.unlink()
        os.close(handle)
