"""Words of the planner for the reader, in one language or in both."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from spatial.config.values import Words, refuse
from spatial.text import Message


class Section(BaseModel):
    """Base of all sections: unknown keys are refused, nothing is converted, nothing changes afterwards."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


class Said(Section):
    """Words of the planner for the reader, in one language or in both."""

    en: Words | None = None
    """In English."""
    zh: Words | None = None
    """In Chinese."""

    @model_validator(mode="after")
    def _in_some_language(self) -> Said:
        if self.en is None and self.zh is None:
            refuse("said_in_no_language", {})
        return self

    def in_language(self, language: str) -> str:
        """The words in a language; in the other where there are none."""
        first, second = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return first or second or ""

    @property
    def message(self) -> Message:
        """The words as a message, which each language says in its own."""
        return Message("study.planner_says", {"en": self.in_language("en"), "zh": self.in_language("zh")})


def _in_both(given: Any) -> Any:
    return {"en": given, "zh": given} if isinstance(given, str) and given else given


InBoth = Annotated[Said, BeforeValidator(_in_both)]
"""Words, or { en = …, zh = … }."""
