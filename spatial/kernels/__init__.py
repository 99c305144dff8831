"""Numba on plain arrays: no geometry, no pandas, no names. This file owns the one decorator.

A kernel is compiled at its first call, for the one signature that it declares, and kept on disk. The place on disk is
named by a hash of all kernel sources and of numba's version: numba's own cache looks only at the file of the outermost
function, and serves stale code when a callee in another file changes.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from threading import RLock
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numba

P = ParamSpec("P")
R = TypeVar("R")

READ_INT32 = 'Array(int32, 1, "C", readonly=True)'
_compiling = RLock()
_numba_config: Any = numba.config


class Kernel(Generic[P, R]):
    """A function of arrays that is compiled at its first call; other kernels may call it too."""

    def __init__(self, function: Callable[P, R], signature: str) -> None:
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self.python = function
        self.signature = signature
        self.dispatcher: Any = numba.njit(nogil=True)(function)
        self._ready = False

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._ready:
            self.compile()
        return cast(R, self.dispatcher(*args, **kwargs))

    def compile(self) -> None:
        """Compile, or read from the disk, the declared signature and no other."""
        with _compiling:
            if not self._ready:
                try:
                    _keep_on_disk(self.dispatcher)
                    self.dispatcher.compile(self.signature)
                except OSError:  # the folder filled up or went away: the kernel is worth more than its copy
                    self.dispatcher = numba.njit(nogil=True)(self.python)
                    self.dispatcher.compile(self.signature)
                self.dispatcher.disable_compile()
                self._ready = True

    @property
    def _numba_type_(self) -> Any:
        self.compile()
        return self.dispatcher._numba_type_


def kernel(signature: str) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """The house decorator: nopython, without the GIL, one declared signature, kept on disk.

    Parameters
    ----------
    signature : as numba writes it. Array inputs are C-contiguous and read-only (`READ_INT32`), so that frozen layers
        and fresh arrays reach the same machine code.
    """

    def wrap(function: Callable[P, R]) -> Kernel[P, R]:
        return Kernel(function, signature)

    return wrap


def cache_note() -> tuple[str, dict[str, str]] | None:
    """Why compiled kernels are not kept on disk, as key and values of a message; None when they are kept."""
    folder, found = _cache_folder()
    return None if folder is not None else ("kernels.no_cache", {"folder": str(_cache_root()), "found": found})


def sources_hash() -> str:
    """A digest of every kernel source and of numba's version."""
    digest = blake2b(numba.__version__.encode(), digest_size=8)
    here = Path(__file__).parent
    for path in sorted(here.rglob("*.py")):
        digest.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _keep_on_disk(dispatcher: Any) -> None:
    folder, _ = _cache_folder()
    if folder is None:
        return
    before = _numba_config.CACHE_DIR
    _numba_config.CACHE_DIR = str(folder)
    try:
        dispatcher.enable_caching()
    finally:
        _numba_config.CACHE_DIR = before


@lru_cache(maxsize=1)
def _cache_folder() -> tuple[Path | None, str]:
    """The folder of these sources, made if need be, or None and what stood in the way."""
    folder = _cache_root() / sources_hash()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder, ""
    except OSError as error:
        return None, error.strerror or type(error).__name__


def _cache_root() -> Path:
    """`NUMBA_CACHE_DIR` where set, else the user's own cache folder."""
    if _numba_config.CACHE_DIR:
        return Path(_numba_config.CACHE_DIR) / "spatial-kernels"
    home = Path("~").expanduser()
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    return base / "compact-spatial" / "kernels"
