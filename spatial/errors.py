"""The few kinds of error, each also a built-in, so that users may catch either."""

from __future__ import annotations

from spatial.text import Message, render


class SpatialError(Exception):
    """Base of all errors of this package; carries messages that can be said in any language."""

    def __init__(self, *messages: Message) -> None:
        super().__init__(*messages)
        self.messages = messages

    def in_language(self, language: str) -> str:
        """The error as people read it: one line a problem."""
        return "\n".join(render(message, language) for message in self.messages)

    def __str__(self) -> str:
        return self.in_language("en")


class InputError(SpatialError, ValueError):
    """A file, or a value in it, is not what was expected."""


class StudyError(SpatialError, ValueError):
    """The study file is at fault."""


class CrsError(SpatialError, ValueError):
    """Coordinates are in degrees, in another system than declared, or in none."""


class MissingLayerError(SpatialError, LookupError):
    """A layer that is needed is not part of the district."""


class NotComputable(SpatialError, ArithmeticError):
    """An indicator has no value here; the message says why."""


class Problems:
    """Collects problems, so that all of them are reported at once."""

    def __init__(self) -> None:
        self._messages: list[Message] = []

    def add(self, message: Message) -> None:
        self._messages.append(message)

    def raise_if_any(self, kind: type[SpatialError]) -> None:
        """Raise one error of `kind` that lists every problem added so far, if there is any."""
        if self._messages:
            raise kind(*dict.fromkeys(self._messages))
