"""Local coordinates put in their place: a similarity through control points, its residuals said."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from spatial.errors import Problems
from spatial.model.provenance import Ledger
from spatial.parameters import parameter
from spatial.sources.datum.conversion import Datum, to_wgs84
from spatial.sources.vectors.declared import Declared
from spatial.text import Message, Value

LEAST_POINTS = 2


@dataclass(frozen=True)
class Similarity:
    """x + iy → factor · (x + iy) + offset: one scale and one rotation, nothing mirrored, nothing stretched."""

    factor: complex
    offset: complex

    @property
    def scale(self) -> float:
        """Metres on the ground for a metre of the drawing."""
        return abs(self.factor)

    @property
    def rotation_deg(self) -> float:
        """Counter-clockwise, in degrees."""
        return float(np.degrees(np.angle(self.factor)))

    def of(self, xy: np.ndarray) -> np.ndarray:
        """Places of the drawing, (n, 2), on the ground."""
        moved = self.factor * (xy[:, 0] + 1j * xy[:, 1]) + self.offset
        return np.column_stack([moved.real, moved.imag])


def similarity(local: np.ndarray, ground: np.ndarray) -> Similarity:
    """The similarity that puts points, (n, 2), nearest to their places on the ground, by least squares.

    With z the centred local points and w the centred places as complex numbers: factor = Σ z̄ w / Σ |z|².
    """
    z, w = local[:, 0] + 1j * local[:, 1], ground[:, 0] + 1j * ground[:, 1]
    z0, w0 = z.mean(), w.mean()
    factor = complex(np.vdot(z - z0, w - w0) / np.vdot(z - z0, z - z0).real)
    return Similarity(factor, complex(w0 - factor * z0))


def placed(
    frame: gpd.GeoDataFrame,
    declared: Declared,
    crs: CRS,
    name: str,
    problems: Problems,
    *,
    ledger: Ledger,
    layer: str,
    residual_max_m: float = parameter("control_residual_max_m"),
    scale_off_max: float = parameter("control_scale_off_max"),
) -> gpd.GeoDataFrame:
    """A layer of local coordinates on the ground.

    Fitted in the control points' own projected system, else in `crs`. A residual above `residual_max_m`, or a scale
    off 1 by more than `scale_off_max`, is a problem. Two points leave no residual, which is said.
    """
    points, system = declared.control_points, declared.crs
    local = np.array([point.local for point in points], dtype=float)
    ground = np.array([point.at for point in points], dtype=float)
    if declared.swapped:
        ground = ground[:, ::-1]
    if system is None or not system.is_projected or declared.datum in ("gcj02", "bd09"):
        ground, system = _projected(ground, system, declared.datum, crs), crs
    if not (np.isfinite(ground).all() and len(np.unique(local, axis=0)) == len(local) >= LEAST_POINTS):
        problems.add(Message("control.unusable", {"path": name}))
        return frame.iloc[:0]
    fit = similarity(local, ground)
    off_m = np.hypot(*(fit.of(local) - ground).T)
    shown = tuple(f"{n}: {metres:.3f}" for n, metres in enumerate(off_m, start=1))
    if off_m.max() > residual_max_m:
        problems.add(Message("control.residuals", {"path": name, "residuals": shown, "most_m": residual_max_m}))
        return frame.iloc[:0]
    if abs(fit.scale - 1) > scale_off_max:
        problems.add(Message("control.scale", {"path": name, "scale": fit.scale, "percent": 100 * scale_off_max}))
        return frame.iloc[:0]
    said: dict[str, Value] = {
        "path": name,
        "count": len(points),
        "scale": fit.scale,
        "degrees": fit.rotation_deg,
        "residuals": shown,
    }
    ledger.record(layer, "reprojected", Message("control.placed", said), count=len(frame))
    if len(points) == LEAST_POINTS:
        ledger.record(layer, "warned", Message("control.no_check", {"path": name}))
    shapes = shapely.transform(frame.geometry.to_numpy(), fit.of)
    return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=system))


def _projected(ground: np.ndarray, system: CRS | None, datum: Datum, crs: CRS) -> np.ndarray:
    """Control points in `crs`, their datum taken back."""
    degrees = Transformer.from_crs(system or 4326, 4326, always_xy=True)
    lon, lat = to_wgs84(*degrees.transform(ground[:, 0], ground[:, 1]), datum)
    return np.column_stack(Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat))
