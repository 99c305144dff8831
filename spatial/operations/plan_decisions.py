"""What one pair of plan code and name comes to, and which of the two decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from spatial.schemes.class_scheme import Scheme
from spatial.schemes.codes import MixedRule, ParsedCode, Part, parse_codes
from spatial.schemes.urban import UNCLASSIFIED

Verdict: TypeAlias = Literal["agree", "clash", "unlike", "name_only", "unknown", "empty"]


@dataclass(frozen=True)
class Decision:
    """What a code and a name come to.

    Parameters
    ----------
    parts : the classes that were taken, with their shares; empty where neither is understood.
    verdict : agree (or the name is free text), clash (another main class: the name decides), unlike (another use in
        one main class: the finer of the two decides), name_only (no code that is understood), unknown, empty.
    """

    read: ParsedCode
    name: str
    parts: tuple[Part, ...]
    verdict: Verdict

    @property
    def uses(self) -> list[tuple[str, float, str]]:
        """Urban class, share and the code as understood, one a part; unclassified where nothing is."""
        return [(p.row.use, p.share, p.code) for p in self.parts] or [(UNCLASSIFIED, 1.0, self.read.text)]

    @property
    def by_rule(self) -> bool:
        """Whether the code is a mix whose shares are not stated."""
        return self.read.mixed and not self.read.stated and self.parts == self.read.parts

    @property
    def generalised(self) -> tuple[Part, ...]:
        """The parts whose code is not listed and that were taken as a more general class."""
        return tuple(p for p in self.parts if p.code.casefold() != p.row.code.casefold())


def decide(code: str, name: str, schemes: Sequence[Scheme], rule: MixedRule) -> Decision:
    """Read a code and a name, both plain text, and compare them."""
    read = parse_codes(code, schemes, rule=rule)
    name = name or read.name
    if read.problem:
        by_name = _named(name, schemes) or _named(code, schemes)
        if by_name:
            return Decision(read, name or code, (by_name[0],), "name_only")
        return Decision(read, name, (), "empty" if read.problem == "empty" else "unknown")
    verdict, taken = _compare(read, _named(name, schemes), {scheme.id: scheme for scheme in schemes})
    return Decision(read, name, (taken,) if taken else read.parts, verdict)


def _named(name: str, schemes: Sequence[Scheme]) -> list[Part]:
    """The classes of this name, one a scheme."""
    rows = [(scheme, scheme.by_name(name)) for scheme in schemes if name]
    return [Part(row.code, 1.0, row, scheme.id) for scheme, row in rows if row is not None]


def _compare(read: ParsedCode, named: list[Part], schemes: dict[str, Scheme]) -> tuple[Verdict, Part | None]:
    """Whether code and name go together, and the class that the name puts in the code's place."""
    own = {part.scheme for part in read.found}
    named = [part for part in named if part.scheme in own] or named
    if not named:
        return "agree", None
    name = named[0]
    if name.scheme not in own:
        alike = name.row.use in {part.row.use for part in read.found}
        return ("agree", None) if alike else ("clash", name)
    scheme = schemes[name.scheme]
    root = scheme.lineage(name.code)[-1]
    related = [part for part in read.found if part.scheme == name.scheme and scheme.lineage(part.code)[-1] == root]
    if not related:
        return "clash", name
    for part in related:
        finer_name = part.row.code in scheme.lineage(name.code) and part.row.use == name.row.use
        if finer_name or name.code in scheme.lineage(part.row.code):
            return "agree", None
    finer = len(read.found) == 1 and related[0].row.code in scheme.lineage(name.code)
    return "unlike", name if finer else None
