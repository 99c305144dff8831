"""Where every number comes from, and what was done to it on the way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Literal

from spatial.text import Message

Action = Literal[
    "read", "chosen", "dropped", "snapped", "clipped", "reprojected", "imputed", "estimated", "merged", "warned"
]
StatusName = Literal["ok", "doubtful", "absent"]


@dataclass(frozen=True)
class Source:
    """One file that was read: what it is, of which day, under which licence, and its fingerprint.

    `date` is an ISO date or period, or "" when unknown. `path` is the name as the study file gives it.
    """

    layer: str
    name: str
    path: str
    date: str
    licence: str
    attribution: str
    sha256: str


@dataclass(frozen=True)
class LedgerEntry:
    """One thing that was done to the data, with the number of features it touched (None: not counted)."""

    layer: str
    action: Action
    message: Message
    count: int | None = None


class Ledger:
    """Collects entries while files are read and cleaned; handed down explicitly, never global."""

    def __init__(self) -> None:
        self._entries: list[LedgerEntry] = []

    def record(self, layer: str, action: Action, message: Message, *, count: int | None = None) -> None:
        """Note one thing that was done. `count` is the number of features concerned."""
        self._entries.append(LedgerEntry(layer, action, message, count))

    @property
    def entries(self) -> tuple[LedgerEntry, ...]:
        return tuple(self._entries)


@dataclass(frozen=True)
class DataStatus:
    """Whether a number may be trusted: ok, doubtful or absent, with the reason (None only for ok)."""

    name: StatusName = "ok"
    reason: Message | None = None

    def worse(self, other: DataStatus) -> DataStatus:
        """The worse of the two; of two equally bad ones, both reasons."""
        order = ("ok", "doubtful", "absent")
        mine, theirs = order.index(self.name), order.index(other.name)
        if mine != theirs:
            return self if mine > theirs else other
        new = [reason for reason in _said(other.reason) if reason not in _said(self.reason)]
        both = reduce(
            lambda first, second: Message("status.both", {"first": first, "second": second}), new, self.reason
        )
        return DataStatus(self.name, both)


def _said(reason: Message | None) -> tuple[Message, ...]:
    """The single reasons that a reason is made of."""
    if reason is None:
        return ()
    parts = (reason.values["first"], reason.values["second"]) if reason.key == "status.both" else ()
    single = tuple(said for part in parts if isinstance(part, Message) for said in _said(part))
    return single or (reason,)


OK = DataStatus()
