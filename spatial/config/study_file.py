"""A whole study file."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, model_validator

from spatial.config.layers import (
    ControlLineSection,
    GrowthSection,
    LandUseSection,
    OsmSection,
    PeopleSection,
    PlacesSection,
    StreetsSection,
    TransitSection,
)
from spatial.config.place import AreaSection, ContextSection, TitleSection, ZonesSection
from spatial.config.section import Section
from spatial.config.travel import TravelSection
from spatial.config.values import BUNDLED, ELSEWHERE, Once, refuse
from spatial.text import Message


class IndicatorsSection(Section):
    """[indicators]: which numbers, and settings that differ from the defaults."""

    only: Annotated[tuple[str, ...], Once] = ()
    """Ids of the indicators to compute; all, when not given."""
    settings: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """[indicators.settings.ID]: settings of one indicator, which the catalogue checks."""


class Study(Section):
    """A whole study file."""

    study: TitleSection
    context: ContextSection
    area: AreaSection
    zones: ZonesSection
    osm: OsmSection | None = None
    streets: StreetsSection | None = None
    places: tuple[PlacesSection, ...] = ()
    land_use: tuple[LandUseSection, ...] = ()
    transit: TransitSection | None = None
    people: PeopleSection | None = None
    growth: GrowthSection | None = None
    control_lines: tuple[ControlLineSection, ...] = ()
    travel: TravelSection | None = None
    indicators: IndicatorsSection = IndicatorsSection()
    _path: Path = PrivateAttr(default=Path("study.toml"))
    _content: bytes = PrivateAttr(default=b"")

    @model_validator(mode="after")
    def _osm_where_needed(self) -> Study:
        needs = {
            "[area] osm_boundaries": bool(self.area.osm_boundaries),
            "[people] settlements": self.people is not None and self.people.method == "settlements",
            "[zones] names": self.zones.kind != "polygons" and bool(self.zones.names),
        }
        if self.osm is None and any(needs.values()):
            refuse("needs_osm", {"given": tuple(key for key, needed in needs.items() if needed)})
        return self

    @model_validator(mode="after")
    def _layers_that_need_others(self) -> Study:
        if self.growth is not None and not any(line.role == "growth_boundary" for line in self.control_lines):
            refuse("growth_without_boundary", {})
        if self.places and self.osm is None and self.streets is None:
            refuse("places_without_streets", {})
        from_floor_space = self.people is not None and self.people.method == "floor_space"
        if from_floor_space and not any(plan.fields.far for plan in self.land_use):
            refuse("floor_space_without_plan", {})
        return self

    def written_in(self, path: Path, content: bytes) -> Study:
        """The same study, knowing the file that it was read from."""
        known = self.model_copy()
        known._path, known._content = path, content
        return known

    @property
    def name(self) -> str:
        return self.study.name

    @property
    def language(self) -> str:
        return self.study.language

    @property
    def path(self) -> Path:
        """The study file."""
        return self._path

    @property
    def folder(self) -> Path:
        """The folder of the study file, which its paths start from."""
        return self._path.parent

    @property
    def text(self) -> str:
        """The study file as written."""
        return self._content.decode("utf-8-sig")

    @property
    def sha256(self) -> str:
        """Fingerprint of the study file."""
        return sha256(self._content).hexdigest()

    def is_elsewhere(self, path: Path) -> bool:
        """Whether a data file lies outside the study's folder and is none of the bundled ones."""
        return self.name_of(path).startswith(("../", f"{ELSEWHERE}/"))

    def story_in(self, language: str) -> tuple[Message, ...]:
        """The question, then what is known already, each with its source; empty without a question."""
        if self.study.question is None:
            return ()
        said = [Message("study.said", {"words": self.study.question.in_language(language)})]
        for part in self.study.story:
            words = part.in_language(language)
            if part.source:
                said.append(Message("study.said_with_source", {"words": words, "source": part.source}))
            else:
                said.append(Message("study.said", {"words": words}))
        return tuple(said)

    def context_in_words(self) -> dict[str, str]:
        """What is known of the kind of place, by key; numbers with commas."""
        known = self.context.model_dump(exclude_none=True)
        return {key: f"{value:,}" if isinstance(value, int) else value for key, value in known.items()}

    def name_of(self, path: Path) -> str:
        """A data file as outputs call it: "bundled:…", or from the study file's folder; never a machine's own path."""
        from spatial.sources.bundled import bundled_folder

        bundled, path = bundled_folder().resolve(), path.resolve()
        if path.is_relative_to(bundled):
            return BUNDLED + path.relative_to(bundled).as_posix()
        try:
            return Path(os.path.relpath(path, self.folder)).as_posix()
        except ValueError:  # another drive of a Windows machine
            return f"{ELSEWHERE}/{path.name}"
