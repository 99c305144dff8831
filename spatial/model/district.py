"""A district: the area, its zones and whatever layers are known. The only thing an indicator's inputs come from."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from threading import Lock
from typing import Any, TypeVar

from spatial.model.control_lines import ControlLines
from spatial.model.growth import Growth
from spatial.model.land_use import Buildings, LandUse
from spatial.model.people import People
from spatial.model.places import Places
from spatial.model.provenance import LedgerEntry, Source
from spatial.model.streets import StreetNetwork
from spatial.model.study_area import StudyArea
from spatial.model.transit import TransitSupply
from spatial.model.zones import Zones

T = TypeVar("T")
MEMO_BYTES = 256 * 2**20


class Memo:
    """Remembers results of operations by name, tokens and arguments; bounded in bytes; not pickled."""

    def __init__(self, max_bytes: int = MEMO_BYTES) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[Any, ...], tuple[Any, int]] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: tuple[Any, ...], make: Callable[[], T]) -> T:
        """The result stored under `key`, made once. Results must expose `nbytes` and be treated as read-only."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                kept: T = self._kept[key][0]
                return kept
        made = make()
        size = int(getattr(made, "nbytes", 1024))
        with self._lock:
            if key not in self._kept and size <= self._max_bytes:
                self._kept[key] = (made, size)
                self._bytes += size
            while self._bytes > self._max_bytes:
                _, (_, gone) = self._kept.popitem(last=False)
                self._bytes -= gone
        return made

    def __reduce__(self) -> tuple[type[Memo], tuple[int]]:
        return (Memo, (self._max_bytes,))


@dataclass(frozen=True, eq=False)
class District:
    """All that is known of a place; every layer but area and zones is optional.

    A changed copy made with `dataclasses.replace` shares the layers that it leaves alone, and the memo.
    """

    area: StudyArea
    zones: Zones
    paths: StreetNetwork | None = None
    streets: StreetNetwork | None = None
    people: People | None = None
    places: Places | None = None
    land_use: LandUse | None = None
    buildings: Buildings | None = None
    transit: TransitSupply | None = None
    growth: Growth | None = None
    control_lines: ControlLines | None = None
    sources: tuple[Source, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    memo: Memo = field(default_factory=Memo, repr=False, compare=False)

    @property
    def layers(self) -> dict[str, Any]:
        """The layers that are present, by field name."""
        found = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in NOT_LAYERS}
        return {name: layer for name, layer in found.items() if layer is not None}


NOT_LAYERS = ("sources", "ledger", "memo")
LAYER_NAMES = tuple(f.name for f in fields(District) if f.name not in NOT_LAYERS)
