"""What the steps of putting a district together share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import shapely
from pyproj import CRS

from spatial.config import Sourced, Study, VectorFile
from spatial.model.provenance import OK, DataStatus, Ledger, Source
from spatial.sources.vectors import GeometryKind, read_vectors, vector_source
from spatial.text import Message

Box = tuple[float, float, float, float]
Progress = Callable[[Message, float], None]


def in_silence(_step: Message, _done: float) -> None:
    """Tell nobody."""


@dataclass
class Work:
    """The study, what was noted about its data, and the sources read so far."""

    study: Study
    progress: Progress
    ledger: Ledger = field(default_factory=Ledger)
    sources: list[Source] = field(default_factory=list)

    def tell(self, step: str, done: float) -> None:
        """Say which step begins, and how much of the whole is done (0–1)."""
        self.progress(Message(f"step.{step}"), done)

    def cite(self, source: Source, path: Path, section: Sourced | None = None) -> None:
        """Note a source as its section of the study file describes it, under a path that outputs may show: never a
        machine's own. Its limits, and that it lies outside the study's folder, are said.
        """
        written = self.study.name_of(path)
        if section is None:
            known = replace(source, path=written)
        else:
            known = replace(
                source,
                path=written,
                name=section.name or source.name,
                date=section.date or source.date,
                licence=section.licence or source.licence,
                attribution=section.attribution or source.attribution,
            )
        self.sources.append(known)
        if section is not None and section.limits is not None:
            said = Message("assemble.limits", {"name": known.name, "limits": section.limits.message})
            if said not in [entry.message for entry in self.ledger.entries]:
                self.ledger.record(source.layer, "warned", said)
        if self.study.is_elsewhere(path):
            self.ledger.record(source.layer, "read", Message("assemble.elsewhere", {"path": written}))

    def read_layer(
        self,
        section: VectorFile,
        *,
        crs: CRS,
        layer: str,
        columns: Sequence[str] = (),
        geometry: GeometryKind = "polygon",
        near: shapely.Geometry | None = None,
        repair: bool = False,
    ) -> gpd.GeoDataFrame:
        """The layer that a section of the study file names, in `crs`, and its source noted."""
        frame = read_vectors(
            section.file,
            crs_expected=crs,
            ledger=self.ledger,
            layer=layer,
            columns=columns,
            geometry=geometry,
            near=near,
            table=section.layer,
            repair=repair,
            declared=section.declared,
        )
        self.cite(vector_source(section.file, layer, date="", licence="", attribution=""), section.file, section)
        return frame


def limited(section: Sourced) -> DataStatus:
    """Doubtful where the study file says that the data do not hold everything."""
    if section.limits is None:
        return OK
    return DataStatus("doubtful", Message("status.limits", {"limits": section.limits.message}))
