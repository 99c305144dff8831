"""The two sweeps over an OSM file: one over its relations, one over everything."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from osmium import FileProcessor
from osmium.filter import KeyFilter
from osmium.osm import Node, Relation, Way

from spatial.sources.osm.header import Box, unreadable
from spatial.sources.osm.reading import Reading
from spatial.sources.osm.rows import UNITS, UNPLACED, Findings
from spatial.sources.osm.tags import keys_read


class _Survey:
    """Sees every object of the file on its way by: extent of the nodes, newest change."""

    def __init__(self) -> None:
        self.west = self.south = UNPLACED
        self.east = self.north = -UNPLACED
        self.newest = datetime.fromtimestamp(0, UTC)

    def node(self, node: Node) -> None:
        x, y = node.location.x, node.location.y
        if x != UNPLACED:
            self.west, self.east = min(self.west, x), max(self.east, x)
            self.south, self.north = min(self.south, y), max(self.north, y)
        self.newest = max(self.newest, node.timestamp)

    def way(self, way: Way) -> None:
        self.newest = max(self.newest, way.timestamp)

    def relation(self, relation: Relation) -> None:
        self.newest = max(self.newest, relation.timestamp)

    @property
    def box(self) -> Box | None:
        sides = (self.west, self.south, self.east, self.north)
        return None if self.west > self.east else tuple(side / UNITS for side in sides)  # type: ignore[return-value]

    @property
    def date(self) -> str:
        return self.newest.date().isoformat() if self.newest.timestamp() > 0 else ""


def sweep(path: Path, box: Box | None, *, survey: bool) -> Findings:
    """Read the file: one sweep over its relations, one over everything.

    Vertices wait in a file of their own, so that memory grows with what lies in the box. `survey` looks at every
    object for the extent and the newest change (slower); without a box everything is kept. The name of that file
    cannot hold a comma: where the temporary folder's does, the vertices stay in memory, which is counted.
    """
    reading = Reading(box)
    surveyor = _Survey()
    wanted = KeyFilter(*keys_read())
    with TemporaryDirectory(prefix="spatial-osm-", ignore_cleanup_errors=True) as folder:
        waiting = Path(folder) / "nodes"
        in_memory = "," in str(waiting)
        index = "sparse_mem_array" if in_memory else f"sparse_file_array,{waiting}"
        file = FileProcessor(str(path)).with_locations(index).with_areas(reading)
        if survey:
            file.with_filter(surveyor)
        try:
            for thing in file.with_filter(wanted):
                reading.take(thing)
        except RuntimeError as error:
            raise unreadable(path, error) from error
        finally:
            del file  # Windows cannot remove a file that is still open
    found = reading.finish()
    found.counts["in_memory"] = int(in_memory)
    if survey:
        found.extent, found.newest = surveyor.box, surveyor.date
    return found
