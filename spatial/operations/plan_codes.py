"""What land is used for, from the codes and names of a plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.operations.plan_decisions import Decision, decide
from spatial.schemes.class_scheme import Scheme, plain_code
from spatial.schemes.codes import MixedRule
from spatial.text import Message, Value

_NAMED = 5


@dataclass(frozen=True)
class _Decided:
    """A decision and the labels of the features that it holds for."""

    decision: Decision
    labels: list[str]


def classified(
    codes: pd.Series,
    names: pd.Series | None,
    schemes: Sequence[Scheme],
    *,
    mixed_rule: MixedRule,
    labels: pd.Series,
    ledger: Ledger,
    layer: str,
    file_name: str,
) -> pd.DataFrame:
    """The urban uses of the features of a plan.

    A name that is exactly the name of a class decides where its main class is another than the code's ("05" named
    商业服务业用地 is commerce), and where there is no code that is understood. Within one main class the finer of
    the two decides, else the code. Any other name is free text. All of this is said in the ledger.

    Parameters
    ----------
    codes, names : one per feature, of one index; there may be no names.
    schemes : of kind use or mixed, tried in this order; a plan may hold codes of several.
    mixed_rule : how mixed codes without stated shares divide the land: equally, or all of it to the first code.
    labels : how messages call each feature ("row 12").

    Returns
    -------
    Columns `feature` (label of the index), `use` (an urban class), `share` (sums to 1 within a feature) and `tag`
    (the code as understood, or as written where it is not), in the order of the features.

    Raises
    ------
    InputError : a cover scheme, or no feature whose code or name is understood.
    """
    for scheme in schemes:
        if scheme.kind == "cover":
            raise InputError(Message("plan.cover_scheme", {"name": file_name, "scheme": scheme.title}))
    written = codes.map(plain_code).astype(object)
    named = pd.Series("", index=codes.index, dtype=object) if names is None else names.map(plain_code).astype(object)
    pair, pairs = pd.MultiIndex.from_arrays([written, named]).factorize()
    decisions = [decide(code, name, schemes, mixed_rule) for code, name in pairs]
    if decisions and not any(decision.parts for decision in decisions):
        found = tuple(code for code in dict.fromkeys(written) if code)[:_NAMED]
        titles = tuple(scheme.title for scheme in schemes)
        raise InputError(Message("plan.nothing_understood", {"name": file_name, "found": found, "schemes": titles}))
    labels_of = labels.astype(str).groupby(pair, sort=False).agg(list)
    each = [_Decided(decision, labels_of.loc[number]) for number, decision in enumerate(decisions)]
    _say_what_was_read(each, schemes, mixed_rule, ledger, layer, file_name)
    _say_what_is_doubtful(each, ledger, layer, file_name)
    rows = [(number, *use) for number, decision in enumerate(decisions) for use in decision.uses]
    uses = pd.DataFrame(rows, columns=["pair", "use", "share", "tag"])
    features = pd.DataFrame({"feature": codes.index, "pair": pair})
    return features.merge(uses, on="pair", how="left", sort=False)[["feature", "use", "share", "tag"]]


def _say_what_was_read(
    each: list[_Decided], schemes: Sequence[Scheme], rule: MixedRule, ledger: Ledger, layer: str, name: str
) -> None:
    total = sum(len(found.labels) for found in each)
    by_scheme = tuple(
        Message("plan.of_scheme", {"title": scheme.title, "count": count})
        for scheme in schemes
        if (count := sum(len(d.labels) for d in each if d.decision.parts and d.decision.parts[0].scheme == scheme.id))
    )
    values: dict[str, Value] = {"name": name, "count": total, "schemes": by_scheme}
    ledger.record(layer, "read", Message("plan.read", values), count=total)
    by_rule = _count(each, lambda d: d.by_rule)
    if by_rule:
        ledger.record(
            layer, "estimated", Message(f"plan.mixed_{rule}", {"name": name, "count": by_rule}), count=by_rule
        )
    restored = _count(each, lambda d: d.read.restored)
    if restored:
        ledger.record(
            layer, "imputed", Message("plan.zero_restored", {"name": name, "count": restored}), count=restored
        )
    general = [found for found in each if found.decision.generalised]
    if general:
        pairs = {f"{p.code} → {p.row.code}": None for found in general for p in found.decision.generalised}
        count = sum(len(found.labels) for found in general)
        values = {"name": name, "count": count, "codes": tuple(pairs)}
        ledger.record(layer, "chosen", Message("plan.generalised", values), count=count)


def _say_what_is_doubtful(each: list[_Decided], ledger: Ledger, layer: str, name: str) -> None:
    clash, unlike = (_compared(each, verdict) for verdict in ("clash", "unlike"))
    if clash:
        values: dict[str, Value] = {"name": name, "count": len(clash), "features": clash}
        ledger.record(layer, "warned", Message("plan.clash", values), count=len(clash))
    if unlike:
        values = {"name": name, "count": len(unlike), "features": unlike}
        ledger.record(layer, "warned", Message("plan.unlike", values), count=len(unlike))
    by_name = _compared(each, "name_only")
    if by_name:
        values = {"name": name, "count": len(by_name), "features": by_name[:_NAMED]}
        ledger.record(layer, "imputed", Message("plan.by_name", values), count=len(by_name))
    unknown = [
        f"{label}: {d.decision.read.text}" for d in each if d.decision.verdict == "unknown" for label in d.labels
    ]
    if unknown:
        values = {"name": name, "count": len(unknown), "features": tuple(unknown[:_NAMED])}
        ledger.record(layer, "warned", Message("plan.not_understood", values), count=len(unknown))
    empty = [label for d in each if d.decision.verdict == "empty" for label in d.labels]
    if empty:
        values = {"name": name, "count": len(empty), "features": tuple(empty[:_NAMED])}
        ledger.record(layer, "warned", Message("plan.empty", values), count=len(empty))


def _compared(each: list[_Decided], verdict: str) -> tuple[Message, ...]:
    """Every feature of a verdict: how it is called, its code, its name and what was taken."""
    return tuple(
        Message(
            "plan.compared",
            {
                "label": label,
                "code": found.decision.read.text or "–",
                "name": found.decision.name,
                "taken": ", ".join(part.code for part in found.decision.parts),
                "use": tuple(Message(f"land_use_class.{part.row.use}") for part in found.decision.parts),
            },
        )
        for found in each
        if found.decision.verdict == verdict
        for label in found.labels
    )


def _count(each: list[_Decided], concerned: Callable[[Decision], bool]) -> int:
    return sum(len(found.labels) for found in each if concerned(found.decision))
