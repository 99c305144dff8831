"""What a drawing holds that is not read, or not read as it is drawn: counted by reason and name, said at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from spatial.model.provenance import Action, Ledger
from spatial.parameters import parameter
from spatial.text import Message, Value

_NAMED = 20
_ACTIONS: dict[str, Action] = {
    "paper_space": "dropped",
    "layers_not_selected": "dropped",
    "hidden_layers": "warned",
    "invisible": "dropped",
    "unsupported": "dropped",
    "custom_objects": "dropped",
    "xrefs": "dropped",
    "missing_blocks": "dropped",
    "circular_blocks": "dropped",
    "clipped_blocks": "warned",
    "faulty": "dropped",
    "degenerate": "dropped",
    "closed_by_distance": "snapped",
    "curves": "estimated",
    "text_islands": "dropped",
    "fills_merged": "merged",
    "islands_cut": "merged",
    "islands_ignored": "warned",
    "drawn_twice": "merged",
}
_LIMITS = {"curves": ("dxf_chord_m",), "closed_by_distance": ("dxf_same_place_m",)}


class Tally:
    """Counts features by the reason for which they are told of, and by what they are called."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {reason: Counter() for reason in _ACTIONS}

    def add(self, reason: str, name: str, count: int = 1) -> None:
        """Count features under one of the reasons that have a sentence."""
        if count:
            self._counts[reason][name] += count

    def names(self, reason: str) -> Counter[str]:
        """How many features of each name were counted for a reason."""
        return self._counts[reason]

    def say(self, ledger: Ledger, layer: str, path: str) -> None:
        """One ledger entry a reason."""
        for reason, names in self._counts.items():
            if names:
                count = names.total()
                said: dict[str, Value] = {"path": path, "count": count, "names": counted(names)}
                for limit in _LIMITS.get(reason, ()):
                    said[limit] = parameter(limit)
                ledger.record(layer, _ACTIONS[reason], Message(f"dxf.{reason}", said), count=count)


def counted(names: Counter[str]) -> tuple[Value, ...]:
    """Names with their counts, most frequent first, as a sentence lists them."""
    ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return listed([Message("dxf.named", {"name": name, "count": count}) for name, count in ordered])


def listed(things: Iterable[Value]) -> tuple[Value, ...]:
    """The first few things, and how many more there are."""
    every = tuple(things)
    if len(every) <= _NAMED:
        return every
    return (*every[:_NAMED], Message("dxf.more", {"count": len(every) - _NAMED}))
