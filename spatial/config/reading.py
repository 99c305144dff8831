"""Reading a study file: bytes → text → TOML → sections, every problem at once."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from spatial.config.positions import place_of
from spatial.config.problems import problems_in
from spatial.config.study_file import Study
from spatial.config.values import FOLDER
from spatial.errors import InputError, Problems, StudyError
from spatial.text import LANGUAGES, Message, Value

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8_MARK = b"\xef\xbb\xbf"


def load_study(path: Path) -> Study:
    """Read and check a study file; its paths start from its own folder.

    Raises
    ------
    StudyError : the file is absent, not UTF-8, not TOML, or says something wrong; every problem at once.
    """
    content = _content(path)
    text = _text(content, path.name)
    data = _parsed(text, path.name)
    problems = Problems()
    study = None
    try:
        context = {FOLDER: path.resolve().parent}
        study = Study.model_validate_json(json.dumps(data, default=str), context=context)
    except ValidationError as error:
        for message in problems_in(error, data, path.name, text):
            problems.add(message)
    for message in _catalogue_problems(data, path.name, text):
        problems.add(message)
    problems.raise_if_any(StudyError)
    assert study is not None
    _check_travel(study, path.name, text)
    return study.written_in(path.resolve(), content)


def declared_language(path: Path) -> str:
    """The language that a study file asks for, even when the rest of it is wrong; else English."""
    try:
        head = re.search(rb'(?m)^\s*language\s*=\s*["\'](\w+)["\']', path.read_bytes())
    except OSError:
        return LANGUAGES[0]
    found = head[1].decode("ascii", "replace") if head else ""
    return found if found in LANGUAGES else LANGUAGES[0]


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise StudyError(Message("study.is_folder", {"path": str(path)}))
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise StudyError(Message("study.no_file", {"path": str(path)})) from None
    except OSError as error:
        raise StudyError(Message("study.unreadable", {"path": str(path), "found": error.strerror or ""})) from error


def _text(content: bytes, file: str) -> str:
    if content.startswith(UTF16_MARKS) or b"\0" in content[:200]:
        raise StudyError(Message("study.utf16", {"file": file}))
    body = content.removeprefix(UTF8_MARK)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        position = error.start + len(content) - len(body)
        line = body.count(b"\n", 0, error.start) + 1
        values: dict[str, Value] = {
            "file": file,
            "byte": position + 1,
            "line": line,
            "found": f"0x{body[error.start]:02X}",
        }
        raise StudyError(Message("study.not_utf8", values)) from None


def _parsed(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, column = _position(str(error), text)
        lines = text.splitlines()
        written = lines[line - 1].strip() if 0 < line <= len(lines) else ""
        values: dict[str, Value] = {
            "file": file,
            "line": line,
            "column": column,
            "written": written,
            "hint": _hint(str(error), written),
        }
        raise StudyError(Message("study.not_toml", values)) from None


def _position(found: str, text: str) -> tuple[int, int]:
    """Line and column out of the parser's sentence; the last line when it was still reading at the end."""
    at = re.search(r"at line (\d+), column (\d+)", found)
    if at:
        return int(at[1]), int(at[2])
    lines = text.rstrip().splitlines() or [""]
    return len(lines), len(lines[-1]) + 1


def _hint(found: str, written: str) -> Message:
    if re.search(r"=\s*\d{4}-\d{1,2}-\d{1,2}", written):
        return Message("study.hint_date")
    hints = {
        "Unescaped '\\'": "backslash",
        "Invalid hex value": "backslash",
        "Cannot overwrite": "twice",
        "twice": "twice",
        "Duplicate": "twice",
        "Unclosed": "unclosed",
        "Expected ']'": "unclosed",
        "Unterminated": "unclosed",
        "Illegal character": "unclosed",
        "Expected '='": "no_equals",
    }
    kind = next((hint for part, hint in hints.items() if part in found), "value")
    return Message(f"study.hint_{kind}")


def _catalogue_problems(data: Mapping[str, Any], file: str, text: str) -> Iterator[Message]:
    """Indicators and settings that the catalogue does not know. Wrong types are left to the sections."""
    section = data.get("indicators")
    if not isinstance(section, dict) or not section:
        return
    from spatial.indicators import describe

    import_module("spatial.emissions.inventory")  # enters the indicators that are made from other results

    only, settings = section.get("only", []), section.get("settings", {})
    ids = [("indicators", "only", id) for id in only if isinstance(id, str)] if isinstance(only, list) else []
    given = settings if isinstance(settings, dict) else {}
    for *above, id in [*ids, *(("indicators", "settings", id) for id in given)]:
        at = place_of((*above, id) if above[-1] == "settings" else tuple(above), file, text)
        try:
            known = describe(id).parameters
        except InputError as error:
            yield Message("study.at", {"place": at, "reason": error.messages[0]})
            continue
        named = given.get(id, {}) if above[-1] == "settings" else {}
        yield from _setting_problems(id, named if isinstance(named, dict) else {}, known, file, text)


def _check_travel(study: Study, file: str, text: str) -> None:
    """Let the emissions check the survey now, not when everything else has been computed."""
    if study.travel is None:
        return
    from spatial.emissions.travel_demand import declared_rows

    try:
        declared_rows(study.travel.declaration(), study=study.name)
    except StudyError as error:
        at = place_of(("travel",), file, text)
        raise StudyError(*(Message("study.at", {"place": at, "reason": reason}) for reason in error.messages)) from None


def _setting_problems(
    id: str, given: Mapping[str, Any], known: Mapping[str, Any], file: str, text: str
) -> Iterator[Message]:
    from spatial.indicators.settings import setting_problems

    for name in given:
        if name not in known:
            at = place_of(("indicators", "settings", id, name), file, text)
            listed = tuple(sorted(known)) or (Message("study.none"),)
            yield Message("study.setting_unknown", {"place": at, "name": name, "known": listed})
    for name, reason in setting_problems(known, given):
        at = place_of(("indicators", "settings", id, name), file, text)
        yield Message("study.at", {"place": at, "reason": reason})
