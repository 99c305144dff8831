"""Both languages say the same things, and code uses only keys that exist."""

import ast
import csv
import re
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from spatial.text import LANGUAGES, Message, decode, lookup, render, table

PACKAGE = Path(__file__).parents[1] / "spatial"


def sentences(section: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in section.items():
        if isinstance(value, Mapping):
            yield from sentences(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def fields_of(template: str) -> set[str]:
    return {
        name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name is not None
    }


def test_both_languages_have_the_same_keys() -> None:
    english, chinese = ({key for key, _ in sentences(table(language))} for language in LANGUAGES)
    assert english == chinese


def test_both_languages_fill_the_same_values() -> None:
    chinese = dict(sentences(table("zh")))
    differing = {
        key: (fields_of(text), fields_of(chinese[key]))
        for key, text in sentences(table("en"))
        if fields_of(text) != fields_of(chinese[key])
    }
    assert differing.pop("study.planner_says") == ({"en"}, {"zh"})  # a planner's own words, which stand in both
    assert not differing


def test_chinese_sentences_are_chinese() -> None:
    same_in_both = {"map.leaflet", "unit"}
    untranslated = [
        key
        for key, text in sentences(table("zh"))
        if not re.search(r"[\u4e00-\u9fff]", re.sub(r"\{[^}]*\}", "", text))
        and len(re.findall(r"[A-Za-z]{4,}", re.sub(r"\{[^}]*\}", "", text))) >= 2
        and key.split(".")[0] not in same_in_both
    ]
    assert not untranslated


def test_english_sentences_hold_no_chinese() -> None:
    mixed = [key for key, text in sentences(table("en")) if re.search(r"[\u4e00-\u9fff]", text)]
    assert not [key for key in mixed if key != "map.other_language"]


def keys_in_code() -> Iterator[tuple[str, str]]:
    """Every literal key handed to `Message` or `lookup`."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Message", "lookup"} and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield str(path.relative_to(PACKAGE)), first.value


def test_every_key_in_code_exists() -> None:
    known = {key for key, _ in sentences(table("en"))}
    missing = {(path, key) for path, key in keys_in_code() if key not in known}
    assert not missing


SECTIONS_BY_NAME = ("report.bound", "report.scenario", "land_use_class", "measured_place", "cited_source")
"""Sections that code looks keys up in by what a result row or a table holds."""


def written_in_code() -> tuple[set[str], set[str]]:
    """Every word that code, templates, scripts and tables hold, and every f-string as a pattern."""
    words, patterns = set(), set()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    words.add(node.value)
                elif isinstance(node, ast.FunctionDef):
                    words |= {node.name, *(arg.arg for arg in ast.walk(node) if isinstance(arg, ast.arg))}
                elif isinstance(node, ast.keyword):
                    words.add(node.arg or "")
                elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    words.add(node.target.id)
                elif isinstance(node, ast.JoinedStr):
                    parts = [re.escape(p.value) if isinstance(p, ast.Constant) else "(.+)" for p in node.values]  # type: ignore[arg-type]
                    patterns.add("".join(parts))
        elif path.suffix in {".j2", ".js"} and "_assets" not in path.parts:
            words |= set(re.findall(r"[a-z_0-9.]+", path.read_text(encoding="utf-8")))
        elif path.suffix == ".csv":
            for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
                words |= set(row)
    return words, {pattern for pattern in patterns if re.search(r"[a-z]{2}", pattern)}


CITATIONS = {"UN-Habitat: metadata of SDG indicator 11.2.1, September 2021"}
"""Sources that are the title of a publication: it reads the same in every language."""


def test_sources_and_places_of_the_tables_have_a_chinese_form() -> None:
    tables = [
        PACKAGE / "parameters.csv",
        PACKAGE / "emissions" / "factors.csv",
        PACKAGE / "emissions" / "assumptions.csv",
    ]
    rows = [row for path in tables for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines())]
    assert len(rows) > 50
    known = table("zh")
    said = {*known["parameter_source"], *known["cited_source"], *CITATIONS}
    assert {row["source"] for row in rows} - said == set()
    assert {row["place"] for row in rows} - set(known["measured_place"]) == set()


def test_one_thing_has_one_chinese_word() -> None:
    others = ("日常需求", "食品商店", "中小学", "班次密集", "聚落", "全区", "申报", "出行比例", "据转引")
    assert [(key, word) for key, text in sentences(table("zh")) for word in others if word in text] == []


def test_no_space_stands_between_a_number_and_chinese_words() -> None:
    number = r"(?:\{\w+:[^}|]*[gfd,]\}%?|(?<![\w.\-])(?<![A-Za-z] )\d+%?)"
    han = r"[\u4e00-\u9fff]"
    spaced = [key for key, text in sentences(table("zh")) if re.search(f"{number} {han}|{han} {number}", text)]
    assert spaced == []


def test_every_key_is_used() -> None:
    words, patterns = written_in_code()

    def used(key: str, depth: int = 3) -> bool:
        if key in words or any(key.removeprefix(f"{section}.") in words for section in SECTIONS_BY_NAME):
            return True
        found = [re.fullmatch(pattern, key) for pattern in patterns] if depth else []
        return any(all(part != key and used(part, depth - 1) for part in match.groups()) for match in found if match)

    assert not used("osm.said_by_nobody")
    assert not [key for key, _ in sentences(table("en")) if not used(key)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_literal_message_can_be_rendered(language: str) -> None:
    """The values that code hands to a literal key are the ones its template wants."""
    wrong = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message" and node.args):
                continue
            key = node.args[0]
            given = node.args[1] if len(node.args) > 1 else ast.Dict(keys=[], values=[])
            if not (isinstance(key, ast.Constant) and isinstance(given, ast.Dict)):
                continue
            names = {k.value for k in given.keys if isinstance(k, ast.Constant)}
            if None in given.keys or len(names) != len(given.keys):
                continue
            wanted = fields_of(lookup(key.value, language))
            if not wanted <= names:
                wrong.append((path.name, key.value, sorted(wanted - names)))
    assert not wrong


def test_a_message_survives_encoding() -> None:
    inner = Message("crs.missing")
    message = Message("zones.duplicate_ids", {"count": 2, "ids": ("a", "b"), "why": inner})
    assert decode(message.encode()) == message
    assert render(decode(message.encode()), "en").startswith("2 zone ids occur more than once: a, b.")
    assert "a、b" in render(message, "zh")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        render(Message("nowhere.at_all"), "en")


@pytest.mark.parametrize(
    ("count", "sentence"),
    [(1, "1 home lies in none of the settlements"), (0, "0 homes lie in none"), (1200, "1,200 homes lie in none")],
)
def test_words_follow_their_number(count: int, sentence: str) -> None:
    assert render(Message("dasymetric.no_settlement", {"count": count}), "en").startswith(sentence)


def test_no_english_count_stands_before_a_plain_plural() -> None:
    """`{count:,} homes` would read "1 homes": it is written `{count:,} {count:home|homes}`."""
    counted = r"\{(\w+)(?::,)?\} (?:[a-z-]+ ){0,2}?([a-z-]{2,}[^s\W]s)\b"
    numbers = {"n", "count", "stop", "station", "entrance", "sea", "lakes", "made", "all"}
    slips = [
        (key, *found)
        for key, text in sentences(table("en"))
        for found in re.findall(counted, text)
        if f"{{{found[0]}:,}}" in text or found[0] in numbers
    ]
    assert not [slip for slip in slips if slip[-1] not in {"others", "this", "dies"}]
