"""What all layers share: a token of their content, equality by it, and read-only arrays."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely


class Layer:
    """Base of the frozen layers. A subclass calls `_seal` last in `__post_init__`."""

    token: str

    def _seal(self, *parts: Any) -> None:
        self._own()
        object.__setattr__(self, "token", content_token(type(self).__name__, *parts))

    def _own(self) -> None:
        """Keep copies of the caller's tables and arrays, so that nothing outside can change the layer."""
        for name, value in list(self.__dict__.items()):
            if isinstance(value, pd.DataFrame):
                object.__setattr__(self, name, value.copy(deep=False))
            elif isinstance(value, np.ndarray) and (value.flags.writeable or value.base is not None):
                object.__setattr__(self, name, value.copy())
        self._freeze_arrays()

    def _freeze_arrays(self) -> None:
        for value in self.__dict__.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def __getattribute__(self, name: str) -> Any:
        """Tables are handed out as copies (lazy ones: pandas copies on write), so that no caller can change a layer."""
        value = object.__getattribute__(self, name)
        return value.copy(deep=False) if isinstance(value, pd.DataFrame) else value

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._freeze_arrays()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Layer) and self.token == other.token

    def __hash__(self) -> int:
        return hash(self.token)


def content_token(*parts: Any) -> str:
    """A blake2b digest of arrays, tables, geometries and plain values, in order."""
    digest = blake2b(digest_size=16)
    for part in parts:
        _feed(digest, part)
    return digest.hexdigest()


def _feed(digest: blake2b, part: Any) -> None:
    if isinstance(part, pd.DataFrame):
        _feed(digest, part.index)
        for name in part.columns:
            digest.update(f"\x1d{name}\x1d".encode())
            _feed(digest, part[name])
        if isinstance(part, gpd.GeoDataFrame):
            digest.update(str(part.crs).encode())
    elif isinstance(part, gpd.GeoSeries):
        _feed(digest, shapely.to_wkb(part.to_numpy()))
    elif isinstance(part, pd.Series | pd.Index):
        _feed(digest, part.to_numpy())
    elif isinstance(part, np.ndarray):
        _feed_array(digest, part)
    elif isinstance(part, shapely.Geometry):
        digest.update(shapely.to_wkb(part))
    else:
        digest.update(f"\x1e{part!r}".encode())


def _feed_array(digest: blake2b, array: np.ndarray[Any, Any]) -> None:
    digest.update(f"\x1f{array.dtype}{array.shape}".encode())
    if array.dtype == object:
        for item in array.ravel():
            digest.update(item if isinstance(item, bytes) else f"\x1e{item}".encode())
    else:
        digest.update(np.ascontiguousarray(array).tobytes())
