"""Every sentence that a reader may see: keys with named values, rendered from one table per language."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any, TypeAlias

Value: TypeAlias = "str | int | float | Message | tuple[Value, ...]"

LANGUAGES = ("en", "zh")
_SEPARATOR = {"en": ", ", "zh": "、"}


@dataclass(frozen=True)
class Message:
    """A sentence not yet spoken: its key in the tables and the named values that fill it."""

    key: str
    values: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))

    def __hash__(self) -> int:
        return hash(self.encode())

    def __reduce__(self) -> tuple[Any, ...]:
        return (Message, (self.key, dict(self.values)))

    def encode(self) -> str:
        """The message as one line of JSON, the same in every language; `decode` reads it back."""
        return json.dumps(_plain(self), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class _Sentences(Formatter):
    """Fills templates, with words for one and for more."""

    def format_field(self, value: Any, format_spec: str) -> str:
        one, bar, more = format_spec.partition("|")
        if bar:
            return one if value in (1, "1") else more
        return str(super().format_field(value, format_spec))


_SENTENCES = _Sentences()


def decode(line: str) -> Message:
    """Read back what `Message.encode` wrote."""
    message = _revive(json.loads(line))
    if not isinstance(message, Message):
        raise ValueError(f"not an encoded message: {line!r}")
    return message


def render(message: Message, language: str) -> str:
    """The message as a sentence in `language` ("en" or "zh"). A missing key raises `KeyError`.

    In a template `{count:home lies|homes lie}` gives the first words where `count` is 1, else the second.
    """
    template = lookup(message.key, language)
    spoken = {name: _spoken(value, language) for name, value in message.values.items()}
    return _SENTENCES.vformat(template, (), spoken)


def lookup(key: str, language: str) -> str:
    """The template stored under a dotted key."""
    found: Any = table(language)
    for part in key.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise KeyError(f"no text {key!r} in {language}.toml")
        found = found[part]
    if not isinstance(found, str):
        raise KeyError(f"text {key!r} in {language}.toml is a section, not a sentence")
    return found


def has(key: str, language: str) -> bool:
    """Whether `lookup` would find the key."""
    try:
        lookup(key, language)
    except KeyError:
        return False
    return True


@cache
def table(language: str) -> Mapping[str, Any]:
    """The whole table of one language, as nested sections."""
    if language not in LANGUAGES:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    source = files(__package__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return MappingProxyType(tomllib.loads(source))


def _spoken(value: Value, language: str) -> str | int | float:
    if isinstance(value, Message):
        return render(value, language)
    if isinstance(value, tuple):
        return _SEPARATOR[language].join(str(_spoken(item, language)) for item in value)
    return value


def _plain(value: Value) -> Any:
    if isinstance(value, Message):
        return {"key": value.key, "values": {name: _plain(v) for name, v in value.values.items()}}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float):
        return value
    return value.item() if hasattr(value, "item") else str(value)


def _revive(value: Any) -> Value:
    if isinstance(value, dict):
        return Message(value["key"], {name: _revive(v) for name, v in value["values"].items()})
    if isinstance(value, list):
        return tuple(_revive(item) for item in value)
    if isinstance(value, str | int | float):
        return value
    raise ValueError(f"not part of a message: {value!r}")
