"""How alike the names of two places are, in Chinese and in Latin letters."""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_BRACKETS = re.compile(r"[(\[{【〔〖「『<《]([^()\[\]{}【】〔〕〖〗「」『』<>《》]*)[)\]}】〕〗」』>》]")
# 第二, 三小, 十五中: numerals that count, not those of names such as 四川 or 十堰
_NUMBER = r"[〇零一二三四五六七八九\d]*十?[〇零一二三四五六七八九\d]*"
_COUNTED = re.compile(
    rf"第(?=[〇零一二三四五六七八九十\d])({_NUMBER})|(?=[一二三四五六七八九十])({_NUMBER})(?=[中小幼号店分院校])"
)
_NUMERALS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_ACCENTS = re.compile("[\u0300-\u036f]")
_SHORTEST = 2
"""Letters of which a name can be a part of another: likeness is about pairs of letters."""


@dataclass(frozen=True)
class PlaceName:
    """A name taken apart.

    Parameters
    ----------
    core : what sets the place apart, without spaces, its type and its branch; "" where there is nothing of the sort
        (no name, or only a type such as 超市).
    kinds : what the type says (primary, pharmacy, …); empty where it says nothing.
    branch : which one of a chain, or which campus; "" where not said.
    gate : whether the name is that of a gate of the place.
    """

    core: str
    kinds: frozenset[str]
    branch: str
    gate: bool

    @property
    def numbers(self) -> list[str]:
        """The numbers that the core holds: 第二 is no other than 2."""
        return [number.lstrip("0") for number in re.findall(r"\d+", self.core)]


def taken_apart(name: str) -> PlaceName:
    """A name without regard to width, case, accents, punctuation and spaces, in its parts."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    text = _COUNTED.sub(_digits, unicodedata.normalize("NFC", _ACCENTS.sub("", folded)))
    added = [_words(part) for part in _BRACKETS.findall(text)]
    main = _words(_BRACKETS.sub(" ", text))
    core, kinds = _without_type(main)
    if core == main and (found := _added_unbracketed().fullmatch(main)):
        core, kinds = _without_type(found[1])
        added.append(found[2])
    gate = any(_ends_in(part, "gate") for part in added)
    branch = next((part for part in added if _ends_in(part, "branch")), "")
    return PlaceName(core, kinds, _ending("branch").sub("", branch).strip(), gate)


def contradict(first: PlaceName, second: PlaceName) -> bool:
    """Whether types (小学, 中学) or numbers (第一, 第二) say that two names are not of one place."""
    if first.kinds and second.kinds and not first.kinds & second.kinds:
        return True
    return bool(first.core and second.core) and first.numbers != second.numbers


def alike(first: PlaceName, second: PlaceName) -> float:
    """How alike two names are: 0 (nothing in common, or a contradiction) … 1.

    The share of pairs of neighbouring letters that the cores have in common (Dice, 1945); 1 where one core is the
    other with a place before it (武汉市示例小学) or a branch behind it, and 0 where both name a branch, and another.
    A name without a core is like no other.
    """
    if not first.core or not second.core or contradict(first, second):
        return 0.0
    branch, longer = sorted((first.branch, second.branch), key=len)
    if branch and not (longer.startswith(branch) or longer.endswith(branch)):
        return 0.0
    short, long = sorted((first.core, second.core), key=len)
    if _part_of(short, long):
        return 1.0
    return _dice(short.replace(" ", ""), long.replace(" ", ""))


def _part_of(short: str, long: str) -> bool:
    if short == long or short.replace(" ", "") == long.replace(" ", ""):
        return True
    if len(short) < _SHORTEST:
        return False
    if short.isascii():
        return f" {long} ".startswith(f" {short} ") or f" {long} ".endswith(f" {short} ")
    return long.endswith(short) or (long.startswith(short) and _ends_in(long, "branch"))


def _dice(first: str, second: str) -> float:
    one, other = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (first, second))
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else 0.0


def _words(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))


def _digits(found: re.Match[str]) -> str:
    tens, ten, units = (found[1] or found[2]).translate(_NUMERALS).partition("十")
    return str(10 * int(tens or 1) + int(units or 0)) if ten else tens


def _without_type(text: str) -> tuple[str, frozenset[str]]:
    """What is left when the types at the end (in Latin letters at the start, too) are taken off, and the last type."""
    kinds: frozenset[str] | None = None
    while found := _ending("type").search(text) or _latin_start().match(text):
        kinds = _table("type")[found[0].strip()] if kinds is None else kinds
        text = (text[: found.start()] + text[found.end() :]).strip()
    return text, kinds or frozenset()


def _ends_in(text: str, role: str) -> bool:
    return _ending(role).search(text) is not None


@lru_cache(maxsize=1)
def _roles() -> dict[str, dict[str, frozenset[str]]]:
    """Role → word → kinds, the longest words first."""
    rows = list(csv.DictReader(files(__package__).joinpath("place_words.csv").read_text("utf-8").splitlines()))
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in sorted(rows, key=lambda row: -len(row["word"])):
        found.setdefault(row["role"], {})[row["word"]] = frozenset(row["kinds"].split())
    return found


def _table(role: str) -> dict[str, frozenset[str]]:
    return _roles()[role]


@lru_cache(maxsize=8)
def _ending(role: str) -> re.Pattern[str]:
    return re.compile(f"(?:{_either(role)})$")


@lru_cache(maxsize=1)
def _latin_start() -> re.Pattern[str]:
    return re.compile("|".join(rf"{word}\b" for word in _table("type") if word.isascii()))


@lru_cache(maxsize=1)
def _added_unbracketed() -> re.Pattern[str]:
    """A branch or a gate that follows a type without brackets: 人民公园东门."""
    return re.compile(f"(.+?(?:{_either('type')}))(.+?(?:{_either('branch')}|{_either('gate')}))")


def _either(role: str) -> str:
    return "|".join(rf"\b{word}\b" if word.isascii() else word for word in _table(role))
