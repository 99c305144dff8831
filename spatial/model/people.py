"""Residents and jobs as weighted points whose total is conserved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely

from spatial.errors import InputError
from spatial.model.layer import Layer
from spatial.model.provenance import OK, DataStatus
from spatial.text import Message


@dataclass(frozen=True, eq=False)
class People(Layer):
    """Weighted points.

    Parameters
    ----------
    x, y : metres, study system; float64.
    residents : persons at each point; NaN throughout when unknown.
    jobs : jobs at each point; NaN throughout when unknown.
    group : the settlement or zone that each point's total comes from ("" where there is none).
    method : raster, zones, dwellings or floor_space.
    known : where residents are known: elsewhere nobody is said to live, which is not the same as nobody living there.
        None: everywhere.
    status : doubtful or ok, with the reason; absent when a settlement is cut by the file.
    """

    x: np.ndarray
    y: np.ndarray
    residents: np.ndarray
    jobs: np.ndarray
    group: np.ndarray
    method: str
    status: DataStatus = OK
    known: shapely.Geometry | None = None
    token: str = field(init=False)

    def __post_init__(self) -> None:
        lengths = {len(self.x), len(self.y), len(self.residents), len(self.jobs), len(self.group)}
        if len(lengths) != 1:
            raise InputError(Message("people.lengths", {"found": ", ".join(map(str, sorted(lengths)))}))
        if np.nanmin(self.residents, initial=0) < 0 or np.nanmin(self.jobs, initial=0) < 0:
            raise InputError(Message("people.negative"))
        self._seal(self.x, self.y, self.residents, self.jobs, self.group, self.method, self.status, self.known)

    def __len__(self) -> int:
        return len(self.x)

    @property
    def total_residents(self) -> float:
        """The sum of residents (NaN when unknown)."""
        return float(np.sum(self.residents)) if len(self) else float("nan")

    def data_status(self, item: str = "") -> DataStatus:
        return self.status
