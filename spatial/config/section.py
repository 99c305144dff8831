"""What all sections of a study file share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from spatial.config.values import Period, refuse


class Section(BaseModel):
    """Base of all sections: unknown keys are refused, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


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


def together(value: object, partner: object, key: str, other: str) -> None:
    """Both of two keys, or neither."""
    if value is not None and partner is None:
        refuse("needs_key", {"key": key, "other": other})
    if partner is not None and value is None:
        refuse("needs_key", {"key": other, "other": key})
