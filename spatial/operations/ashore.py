"""People inside the study area, on its land: whoever stands in the water is moved to the shore, and counted."""

from __future__ import annotations

import numpy as np
import shapely

from spatial.model.people import People
from spatial.model.provenance import Action, Ledger
from spatial.model.study_area import StudyArea
from spatial.text import Message

_LAYER = "people"


def people_on_land(people: People, area: StudyArea, *, ledger: Ledger, reach_m: float = 0.0) -> People:
    """The people of a study area, all of them on its land.

    Points inside the boundary but in the water, such as houseboats, move a metre inside the nearest land. Points
    outside the boundary are left out. The ledger says how many residents and jobs that makes.

    Parameters
    ----------
    reach_m : a point outside the boundary belongs to the area all the same where it is in the water and the area's
        land is this near: half a cell's diagonal for the centres of a shore's cells, which lie in the sea.
    """
    land, boundary = area.land, area.boundary
    for shape in (land, boundary, area.water):
        shapely.prepare(shape)
    dry: np.ndarray = np.asarray(shapely.intersects_xy(land, people.x, people.y))
    wet = np.flatnonzero(~dry)
    points = np.array(shapely.points(people.x[wet], people.y[wet]), dtype=object)
    near: np.ndarray = shapely.intersects(area.water, points) & shapely.dwithin(land, points, reach_m)
    ours = (shapely.intersects(boundary, points) | near) & ~shapely.is_empty(land)
    _note(people, wet[ours], "snapped", "dasymetric.ashore", ledger)
    _note(people, wet[~ours], "dropped", "dasymetric.outside", ledger)
    x, y = people.x.copy(), people.y.copy()
    x[wet[ours]], y[wet[ours]] = _ashore(points[ours], land)
    kept = dry.copy()
    kept[wet[ours]] = True
    return People(
        x[kept],
        y[kept],
        people.residents[kept],
        people.jobs[kept],
        people.group[kept],
        people.method,
        people.status,
        people.known,
    )


def _ashore(points: np.ndarray, land: shapely.Geometry) -> tuple[np.ndarray, np.ndarray]:
    """The x and y of points moved a metre inside the nearest land."""
    ways = np.atleast_1d(np.asarray(shapely.shortest_line(points, land), dtype=object))
    shore = np.asarray(shapely.get_point(ways, -1), dtype=object)
    start, end = shapely.get_coordinates(points), shapely.get_coordinates(shore)
    far_m: np.ndarray = np.asarray(shapely.length(ways))
    steps = np.divide(end - start, far_m[:, None], out=np.zeros_like(end), where=far_m[:, None] > 0)
    moved = end + steps
    # where the land is narrower than a metre, or the shore turns: somewhere on the land within a metre of the shore
    for i in np.flatnonzero(~shapely.intersects_xy(land, moved[:, 0], moved[:, 1])):
        near = shapely.intersection(shapely.buffer(shore[i], 1.0), land)
        moved[i] = shapely.get_coordinates(shapely.point_on_surface(near))[0]
    return moved[:, 0], moved[:, 1]


def _note(people: People, chosen: np.ndarray, action: Action, key: str, ledger: Ledger) -> None:
    if not len(chosen):
        return
    residents, jobs = (float(np.nansum(amount[chosen])) for amount in (people.residents, people.jobs))
    message = Message(key, {"count": len(chosen), "residents": residents, "jobs": jobs})
    ledger.record(_LAYER, action, message, count=len(chosen))
