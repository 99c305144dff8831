"""What sections about data share."""

from __future__ import annotations

from spatial.config.said import InBoth, Section
from spatial.config.values import Period, refuse

__all__ = ["Section", "Sourced", "together"]


class Sourced(Section):
    """What every output repeats of a file: its name, day, licence and whom to thank."""

    name: str = ""
    """What readers call the data set ("WorldPop 2020"); the file's name when not given."""
    date: Period = ""
    """The day, month, year or period that the data are of ("2019-05-13/2019-05-19"); unknown when not given."""
    licence: str = ""
    """Terms under which the data may be passed on."""
    attribution: str = ""
    """Whom to name beside every map made from the data."""
    limits: InBoth | None = None
    """What the data do not hold ("adults only"): words, or { en = …, zh = … }; the numbers made from them say so."""


def together(value: object, partner: object, key: str, other: str) -> None:
    """Both of two keys, or neither."""
    if value is not None and partner is None:
        refuse("needs_key", {"key": key, "other": other})
    if partner is not None and value is None:
        refuse("needs_key", {"key": other, "other": key})
