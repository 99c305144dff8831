"""What is wrong with a study file, in people's words: each problem with its line, its section and its key."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from spatial.config.positions import Place, place_of, written_place
from spatial.config.study_file import Study
from spatial.text import Message, Value

EXPECTED = {
    "string_type": "words",
    "int_type": "whole_number",
    "float_type": "number",
    "finite_number": "number",
    "bool_type": "yes_or_no",
    "tuple_type": "list",
    "dict_type": "section",
    "model_type": "section",
    "model_attributes_type": "section",
}
LIMITS = {
    "greater_than": ("above", "gt"),
    "greater_than_equal": ("at_least", "ge"),
    "less_than": ("below", "lt"),
    "less_than_equal": ("at_most", "le"),
    "too_short": ("items_at_least", "min_length"),
    "string_too_short": ("letters_at_least", "min_length"),
    "string_too_long": ("letters_at_most", "max_length"),
}
LONGEST_SPOKEN = 60


class Problem:
    """One finding of pydantic, with the place in the file that it is about."""

    def __init__(self, detail: ErrorDetails, data: Mapping[str, Any], file: str, text: str) -> None:
        self.kind, self.found = detail["type"], detail["input"]
        self.limits: dict[str, Any] = detail.get("ctx", {})
        self.loc = written_place(detail["loc"], data)
        self.file, self.data, self.text = file, data, text

    def at(self, loc: Place, key: str = "") -> str:
        """A place of this file in words."""
        return place_of(loc, self.file, self.text, key)

    def is_echo(self) -> bool:
        """Whether it only repeats that items of a list are wrong: pydantic does not count those."""
        return (
            self.kind == "too_short" and isinstance(self.found, list) and len(self.found) >= self.limits["min_length"]
        )

    def message(self) -> Message:
        """The sentence for it."""
        if self.kind.startswith("study."):
            return Message(self.kind, {"place": self.at(self.loc), **self.limits})
        special: dict[str, Callable[[], Message]] = {
            "extra_forbidden": self._unknown_key,
            "missing": self._missing,
            "too_long": lambda: self._not_four_numbers(self.loc),
            "union_tag_not_found": lambda: self._key_missing(self.limits["discriminator"].strip("'"), self.loc),
            "literal_error": self._no_choice,
            "union_tag_invalid": self._no_choice,
        }
        return special.get(self.kind, self._wrong_value)()

    def _wrong_value(self) -> Message:
        values: dict[str, Value] = {"place": self.at(self.loc), "found": spoken(self.found)}
        if self.kind in LIMITS:
            key, limit = LIMITS[self.kind]
            return Message(f"study.{key}", {**values, "limit": self.limits[limit]})
        if self.kind in EXPECTED:
            expected = Message(f"study.expected_{EXPECTED[self.kind]}")
            return Message("study.wrong_type", {**values, "expected": expected})
        return Message("study.not_accepted", values)

    def _no_choice(self) -> Message:
        loc, found = self.loc, self.found
        if self.kind == "union_tag_invalid":
            key = self.limits["discriminator"].strip("'")
            loc, found = (*loc, key), found[key]
        listed = self.limits.get("expected") or self.limits["expected_tags"]
        choices = tuple(f'"{choice}"' for choice in re.findall(r"'([^']*)'", listed))
        return Message("study.no_choice", {"place": self.at(loc), "found": spoken(found), "choices": choices})

    def _missing(self) -> Message:
        *above, key = self.loc
        if isinstance(key, int):
            return self._not_four_numbers(tuple(above))
        if not above:
            return Message("study.section_missing", {"file": self.file, "section": key})
        return self._key_missing(key, tuple(above))

    def _key_missing(self, key: str, section: Place) -> Message:
        return Message("study.key_missing", {"place": self.at(section), "key": key})

    def _not_four_numbers(self, loc: Place) -> Message:
        return Message("study.not_four_numbers", {"place": self.at(loc), "found": spoken(self.found)})

    def _unknown_key(self) -> Message:
        *above, last = self.loc
        key, section = str(last), tuple(above)
        known = known_keys(section, self.data)
        if not above:
            return self._unknown_section(key, known)
        near = get_close_matches(key, known, n=1)
        at = self.at(section, key)
        if near:
            return Message("study.key_unknown_near", {"place": at, "key": key, "near": near[0]})
        homes = tuple(f"[{name}]" for name in Study.model_fields if key in known_keys((name,), {}))
        if homes:
            return Message("study.key_elsewhere", {"place": at, "key": key, "sections": homes})
        return Message("study.key_unknown", {"place": at, "key": key, "known": tuple(known)})

    def _unknown_section(self, key: str, known: list[str]) -> Message:
        if not isinstance(self.found, dict | list):
            homes = tuple(f"[{name}]" for name in known if key in known_keys((name,), {}))
            return Message(
                "study.key_outside", {"place": self.at((), key), "key": key, "sections": homes or ("[study]",)}
            )
        near = get_close_matches(key, known, n=1)
        at = self.at(self.loc)
        if near:
            return Message("study.section_unknown_near", {"place": at, "section": key, "near": near[0]})
        return Message("study.section_unknown", {"place": at, "section": key, "known": tuple(known)})


def problems_in(error: ValidationError, data: Mapping[str, Any], file: str, text: str) -> Iterator[Message]:
    """One sentence a problem, in the order of the file's sections; a misspelt key is not said to be missing too."""
    found = [Problem(detail, data, file, text) for detail in error.errors(include_url=False)]
    found = [problem for problem in found if not problem.is_echo()]
    messages = [problem.message() for problem in found]
    meant = {
        (*problem.loc[:-1], message.values["near"])
        for problem, message in zip(found, messages, strict=True)
        if message.key in ("study.key_unknown_near", "study.section_unknown_near")
    }
    for problem, message in zip(found, messages, strict=True):
        if problem.kind != "missing" or problem.loc not in meant:
            yield message


def spoken(value: Any) -> str:
    """A value as TOML writes it, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_SPOKEN else text[: LONGEST_SPOKEN - 1] + "…"


def known_keys(section: Place, data: Mapping[str, Any]) -> list[str]:
    """The keys of a section; those of every kind of it, where the file does not say which."""
    models: list[type[BaseModel]] = [Study]
    here: Any = data
    for part in section:
        if isinstance(part, int):
            here = here[part] if isinstance(here, list) else {}
            continue
        here = here.get(part, {}) if isinstance(here, Mapping) else {}
        models = [inner for model in models for inner in _models_in(model.model_fields[part].annotation)]
        models = [model for model in models if _says_kind(here, model)] or models
    return list(dict.fromkeys(key for model in models for key in model.model_fields))


def _says_kind(here: Any, model: type[BaseModel]) -> bool:
    """Whether the section names this kind of it: kind = "grid" in [zones]."""
    fields = model.model_fields
    said = [key for key in ("kind", "method") if key in fields and isinstance(here, Mapping) and key in here]
    return any(here[key] in get_args(fields[key].annotation) for key in said)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models_in(part)]
