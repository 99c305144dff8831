"""What the steps of putting a district together share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from spatial.config import Study
from spatial.model.provenance import Ledger, Source
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

    def cite(self, source: Source, path: Path, name: str = "") -> None:
        """Note a source under the name that outputs may show: never a machine's own path."""
        self.sources.append(replace(source, path=self.study.name_of(path), name=name or source.name))
