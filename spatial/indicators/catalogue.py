"""The catalogue of indicators: what each number is, and how all of them are computed."""

from __future__ import annotations

import inspect
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
import pandas as pd

from spatial.errors import InputError, MissingLayerError, NotComputable, Problems
from spatial.indicators.settings import Settings, setting_problems, settings_used
from spatial.model.district import LAYER_NAMES, District
from spatial.model.provenance import OK, DataStatus
from spatial.model.results import BASELINE, COLUMNS, Missing, ResultTable
from spatial.model.zones import Zones, whole_area
from spatial.text import LANGUAGES, Message, has, render

UNITS = (
    *("1/km²", "km/km²", "persons/km²", "persons", "%", "0–1", "ha", "m", "min", "km", "km²"),
    *("trips/day", "persons/vehicle", "g CO₂e/vkm", "g CO₂e/pkm", "kg CO₂e/year"),
)
Over: TypeAlias = Literal["zones", "all"]
Better: TypeAlias = Literal["higher", "lower", "neither"]
Answer: TypeAlias = "pd.Series[float] | pd.DataFrame"
F = TypeVar("F", bound=Callable[..., Any])
DIMS = ("item", "at")
SUBJECTS = ("zones",)
INPUTS = (*LAYER_NAMES, "memo")
NO_VALUE = DataStatus("absent", Message("compute.nothing_here"))


@dataclass(frozen=True)
class Indicator:
    """One entry of the catalogue.

    `inputs` are the District's fields that the function reads, `parameters` its settings with their defaults.
    `over`: "zones" (each zone and the whole area) or "all" (the whole area only). `dims`: which of item and at
    vary within the family. `function` is None where another part of the house makes the rows.
    """

    id: str
    theme: str
    unit: str
    over: Over
    dims: tuple[str, ...]
    better: Better
    range: tuple[float, float]
    reference: str
    inputs: tuple[str, ...]
    parameters: Mapping[str, Any]
    function: Callable[..., Answer] | None

    @property
    def title_key(self) -> str:
        return f"indicator.{self.id}.title"

    @property
    def definition_key(self) -> str:
        return f"indicator.{self.id}.definition"

    def __repr__(self) -> str:
        return f"{self.title()} ({self.id})\n{self.definition()}".rstrip()

    def title(self, language: str = LANGUAGES[0]) -> str:
        """What readers call it; its id where the texts do not have it."""
        return render(Message(self.title_key), language) if has(self.title_key, language) else self.id

    def definition(self, language: str = LANGUAGES[0]) -> str:
        """What the number is, with the default settings."""
        if not has(self.definition_key, language):
            return ""
        used = settings_used(self.parameters, {})
        said = {n: tuple(f"{p:.10g}" for p in v) if isinstance(v, tuple) else v for n, v in used.items()}
        return render(Message(self.definition_key, said), language)


_registered: dict[str, Indicator] = {}


def indicator(
    *,
    unit: str,
    over: Over = "zones",
    dims: tuple[str, ...] = (),
    better: Better,
    range: tuple[float, float],
    reference: str,
) -> Callable[[F], F]:
    """Register a plain function as an indicator; the function stays as it was.

    The id is the function's name, the inputs are the names before `*` (layers of `District`, or its `memo`), the
    parameters the names after it, each with a default. Doubled ids, unknown units, references, dims and layers
    fail at import.
    """

    def register(function: F) -> F:
        signature = inspect.signature(function).parameters.values()
        inputs = tuple(p.name for p in signature if p.kind is not p.KEYWORD_ONLY)
        parameters = {p.name: p.default for p in signature if p.kind is p.KEYWORD_ONLY}
        theme = function.__module__.rpartition(".")[2]
        settings = MappingProxyType(parameters)
        id = function.__name__
        enter(Indicator(id, theme, unit, over, dims, better, range, reference, inputs, settings, function))
        return function

    return register


def enter(entry: Indicator) -> None:
    """Put one entry into the catalogue, or say what is wrong with it."""
    wrong = [f"input {name!r} is no layer" for name in entry.inputs if name not in INPUTS]
    wrong += [f"dimension {name!r} is unknown" for name in entry.dims if name not in DIMS]
    wrong += [
        f"parameter {name!r} has no default" for name, d in entry.parameters.items() if d is inspect.Parameter.empty
    ]
    if entry.id in _registered:
        wrong.append("the id is taken")
    if entry.unit not in UNITS:
        wrong.append(f"unit {entry.unit!r} is unknown")
    if entry.reference not in references():
        wrong.append(f"reference {entry.reference!r} is not in references.toml")
    if wrong:
        raise TypeError(f"indicator {entry.id}: " + "; ".join(wrong))
    _registered[entry.id] = entry


def catalogue() -> Mapping[str, Indicator]:
    """All indicators by id, in the order of their themes."""
    return MappingProxyType(_registered)


@lru_cache(maxsize=1)
def references() -> Mapping[str, Mapping[str, str]]:
    """The works that indicators cite: key → authors, year, title, doi."""
    text = files("spatial.indicators").joinpath("references.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(text))


def describe(id: str) -> Indicator:
    """One entry by its id; an unknown id names the nearest known ones."""
    if not isinstance(id, str):
        raise TypeError(f"describe() takes the id of an indicator; found {type(id).__name__}")
    if id not in _registered:
        raise InputError(_unknown("indicator", id, _registered))
    return _registered[id]


def compute(
    district: District,
    ids: str | Iterable[str] | None = None,
    parameters: Settings | None = None,
    *,
    study: str = "",
    scenario: str = BASELINE,
    progress: Callable[[str], None] | None = None,
) -> ResultTable:
    """Compute indicators for every zone and for the whole area.

    The whole area is computed as one subject of its own, never averaged from zones.

    Parameters
    ----------
    ids : which indicators, or the one; None: all that have a function.
    parameters : per indicator id, settings that differ from the defaults.
    progress : called with each id before it is computed.

    Raises
    ------
    InputError : unknown indicators, unknown settings and values that cannot be, all at once.
    """
    if ids is None:
        ids = [id for id, entry in _registered.items() if entry.function]
    chosen = [ids] if isinstance(ids, str) else list(ids)
    given = parameters or {}
    _check_request(chosen, given)
    used = {id: settings_used(_registered[id].parameters, given.get(id, {})) for id in chosen}
    rows, missing = [], []
    for id in chosen:
        if progress:
            progress(id)
        try:
            rows.append(_rows_of(_registered[id], district, used[id]))
        except (NotComputable, MissingLayerError) as reason:
            missing.append(Missing(id, reason.messages[0]))
    table = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(COLUMNS))
    table["study"], table["scenario"] = study or district.area.name, scenario
    return ResultTable(table[list(COLUMNS)], tuple(missing), {id: own for id, own in used.items() if own})


def not_computable(entry: Indicator, district: District) -> Message | None:
    """Why an indicator cannot be computed from the layers at hand; None when nothing is missing."""
    absent = tuple(
        Message(f"layer.{name}") for name in entry.inputs if name in LAYER_NAMES and name not in district.layers
    )
    return Message("compute.layer_missing", {"layers": absent}) if absent else None


def _rows_of(entry: Indicator, district: District, settings: dict[str, Any]) -> pd.DataFrame:
    reason = not_computable(entry, district)
    if reason:
        raise MissingLayerError(reason)
    if entry.function is None:
        raise NotComputable(Message("compute.made_elsewhere", {"indicator": entry.id}))
    whole = whole_area(district.area)
    alone = entry.over == "all" or district.zones.kind == "all"
    subjects = [whole] if alone else [whole, district.zones]
    parts = []
    for zones in subjects:
        inputs = [zones if name in SUBJECTS else getattr(district, name) for name in entry.inputs]
        parts.append(_tidy(entry, entry.function(*inputs, **settings), zones))
    return _with_status(entry, pd.concat(parts, ignore_index=True), district)


def _tidy(entry: Indicator, answer: Answer, zones: Zones) -> pd.DataFrame:
    """The function's answer as rows: a Series by zone, or a frame with `zone`, the declared dims and `value`."""
    if isinstance(answer, pd.Series):
        frame = pd.DataFrame({"zone": answer.index, "value": answer.to_numpy(dtype=float)})
    else:
        frame = answer.reset_index(drop=True).copy()
    if entry.over == "zones" or isinstance(answer, pd.DataFrame):
        strays = set(frame["zone"]) - set(zones.ids)
        if strays:
            raise TypeError(f"indicator {entry.id} answers for unknown zones: {sorted(strays)[:3]}")
    defaults: dict[str, Any] = {"item": "", "at": "", "period": "", "bound": "", "n": np.nan, "n_missing": np.nan}
    for name, default in defaults.items():
        if name not in frame:
            frame[name] = default
    if "status" not in frame:
        frame["status"] = pd.Series([OK] * len(frame), dtype=object)
    frame["subject_kind"] = zones.subject_kind
    frame["indicator"], frame["unit"] = entry.id, entry.unit
    return frame.rename(columns={"zone": "subject"})


def _with_status(entry: Indicator, frame: pd.DataFrame, district: District) -> pd.DataFrame:
    """Each row takes the worst of its own status and of the layers it was made from; no value is an absent one."""
    if np.isinf(frame["value"].to_numpy(dtype=float)).any():
        raise ValueError(f"indicator {entry.id} gives an infinite value")
    layers = [getattr(district, name) for name in entry.inputs if name not in SUBJECTS]
    known = [layer for layer in layers if hasattr(layer, "data_status")]
    by_item: dict[str, DataStatus] = {}
    for item in frame["item"].unique():
        worst = OK
        for layer in known:
            worst = worst.worse(layer.data_status(item))
        by_item[item] = worst
    statuses = [
        by_item[item].worse(NO_VALUE if empty and own.name != "absent" else own)
        for item, own, empty in zip(frame["item"], frame["status"], frame["value"].isna(), strict=True)
    ]
    frame["data_status"] = [status.name for status in statuses]
    distinct = {id(status): status.reason.encode() if status.reason else "" for status in statuses}
    frame["reason"] = [distinct[id(status)] for status in statuses]
    frame.loc[frame["data_status"] == "absent", "value"] = np.nan
    return frame.drop(columns="status")


def _check_request(ids: list[str], given: Settings) -> None:
    problems = Problems()
    for id in [*ids, *given]:
        if id not in _registered:
            problems.add(_unknown("indicator", id, _registered))
    for id, values in given.items():
        known = _registered[id].parameters if id in _registered else {}
        for name in values:
            if name not in known and id in _registered:
                problems.add(_unknown("setting", name, known))
        for name, reason in setting_problems(known, values):
            problems.add(Message("setting.at", {"indicator": id, "name": name, "reason": reason}))
    problems.raise_if_any(InputError)


def _unknown(kind: str, name: str, known: Iterable[str]) -> Message:
    from difflib import get_close_matches

    names = sorted(known)
    near = get_close_matches(name, names, n=3) or names
    return Message(f"compute.unknown_{kind}", {"name": name, "known": tuple(near)})
