"""`spatial run` and `spatial check`: what they say, as tables and as plain data."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from spatial.cli.screen import put, put_table, say
from spatial.model.provenance import LedgerEntry, Source
from spatial.model.results import Missing, ResultTable
from spatial.report.numbers import say_value
from spatial.report.wording import indicator_title, layer_name, result_title, say_reason
from spatial.text import decode, has, lookup, render

if TYPE_CHECKING:
    from spatial.config import Study
    from spatial.study import StudyCheck, StudyRun

WHOLE_COLUMNS = ("indicator", "item", "at", "period", "bound", "value", "unit", "n", "n_missing", "data_status")


def is_complete(results: ResultTable) -> bool:
    """Whether every indicator has a value for the whole area."""
    return not results.missing and bool(results.whole()["value"].notna().all())


def run_as_data(study: Study, run: StudyRun, language: str) -> dict[str, Any]:
    """The whole area's results for machines; those of the zones are in results.parquet."""
    rows = run.results.whole().to_dict("records")
    return {
        "study": study.name,
        "out": str(run.out),
        "seconds": {stage: round(seconds, 2) for stage, seconds in run.seconds.items()},
        "assumptions_used": assumptions_used(run.results),
        "settings": run.results.settings,
        "results": [
            {
                **{name: _plain(row[name]) for name in WHOLE_COLUMNS},
                "title": result_title(row["indicator"], row["item"], row["at"], language),
                "reason": say_reason(row["reason"], language),
            }
            for row in rows
        ],
        "missing": _missing_as_data(run.results.missing, language),
    }


def put_run(study: Study, run: StudyRun, language: str) -> None:
    """The whole area's results, what has none and why, and where all of it is."""
    results = run.results
    rows = [
        (
            result_title(row["indicator"], row["item"], row["at"], language),
            say_value(row["value"], row["unit"], language),
            lookup(f"status.{row['data_status']}", language),
        )
        for row in results.whole().to_dict("records")
        if not row["bound"]
    ]
    columns = [say(f"cli.column_{name}", language) for name in ("title", "value", "data")]
    put_table(study.name, columns, rows, right=(1,))
    _put_doubts(results, language)
    total = len(set(results.table["indicator"]) | {missing.indicator for missing in results.missing})
    if results.missing:
        put_missing(
            say("cli.missing_count", language, count=len(results.missing), total=total), results.missing, language
        )
    used = assumptions_used(results)
    if used:
        put(say("cli.illustrative", language, rows=tuple(used)))
    put(say("cli.done", language, name=study.name, count=len(results), out=str(run.out)))
    pages = [str(run.out / name) for name in ("map.html", "report.html") if (run.out / name).is_file()]
    if pages:
        put(say("cli.open_these", language, files=tuple(pages)))


def _put_doubts(results: ResultTable, language: str) -> None:
    """Why values of the whole area are doubtful or absent, and how many each reason concerns."""
    whole = results.whole()
    reasons = whole.loc[whole["data_status"] != "ok", "reason"].value_counts(sort=False)
    columns = [say(f"cli.column_{name}", language) for name in ("why", "count")]
    rows = [(say_reason(str(reason), language), str(count)) for reason, count in reasons.items()]
    put_table(say("cli.doubts", language), columns, rows, right=(1,))


def put_times(run: StudyRun, language: str) -> None:
    """How long each stage took."""
    stages = lookup("report.list_separator", language).join(
        say("cli.stage_time", language, stage=_stage(stage, language), seconds=seconds)
        for stage, seconds in run.seconds.items()
    )
    put(say("cli.times", language, stages=stages))


def _stage(stage: str, language: str) -> str:
    return lookup(f"cli.stage_{stage}", language) if has(f"cli.stage_{stage}", language) else stage


def assumptions_used(results: ResultTable) -> list[str]:
    """Ids of the assumption rows that some result rests on."""
    reasons = (decode(reason) for reason in results.table["reason"].unique() if reason)
    rows = [reason.values["rows"] for reason in reasons if reason.key == "emissions.illustrative"]
    return sorted({str(id) for ids in rows if isinstance(ids, tuple) for id in ids})


def check_as_data(study: Study, check: StudyCheck, language: str) -> dict[str, Any]:
    """A check for machines."""
    return {
        "study": study.name,
        "computable": list(check.computable),
        "not_computable": _missing_as_data(check.not_computable, language),
        "shopping_list": [render(message, language) for message in check.shopping_list],
        "sources": [
            {"layer": s.layer, "name": s.name, "path": s.path, "date": s.date, "licence": s.licence, "sha256": s.sha256}
            for s in check.sources
        ],
        "ledger": [
            {
                "layer": entry.layer,
                "action": entry.action,
                "count": entry.count,
                "key": entry.message.key,
                "sentence": render(entry.message, language),
            }
            for entry in check.ledger
        ],
    }


def put_check(check: StudyCheck, language: str) -> None:
    """What was read and done, what can be computed, what cannot and why, and what would help."""
    put_sources(check.sources, language)
    put_ledger(check.ledger, language)
    columns = [say(f"cli.column_{name}", language) for name in ("id", "title")]
    can = [(id, indicator_title(id, language)) for id in check.computable]
    put_table(say("cli.can", language), columns, can, whole=(0,))
    put_missing(say("cli.cannot", language), check.not_computable, language)
    put(say("cli.shopping", language))
    for message in check.shopping_list:
        put(f"  - {render(message, language)}")


def put_missing(title: str, missing: Iterable[Missing], language: str) -> None:
    """Indicators without a result, and why."""
    columns = [say(f"cli.column_{name}", language) for name in ("id", "title", "why")]
    rows = [(m.indicator, indicator_title(m.indicator, language), render(m.reason, language)) for m in missing]
    put_table(title, columns, rows, whole=(0,))


def put_sources(sources: Iterable[Source], language: str) -> None:
    """The files that were read."""
    columns = [say(f"cli.column_{name}", language) for name in ("layer", "name", "date", "licence")]
    rows = [
        (
            layer_name(source.layer, language),
            source.name,
            source.date or say("cli.unknown_date", language),
            source.licence or say("cli.unknown_licence", language),
        )
        for source in sources
    ]
    put_table(say("cli.sources", language), columns, rows)


def put_ledger(ledger: Iterable[LedgerEntry], language: str) -> None:
    """What was done to the data, in the order it was done."""
    columns = [say(f"cli.column_{name}", language) for name in ("layer", "action", "count", "sentence")]
    rows = [
        (
            layer_name(entry.layer, language),
            lookup(f"action.{entry.action}", language),
            "" if entry.count is None else f"{entry.count:,}",
            render(entry.message, language),
        )
        for entry in ledger
    ]
    put_table(say("cli.ledger", language), columns, rows, right=(2,))


def _missing_as_data(missing: Iterable[Missing], language: str) -> list[dict[str, str]]:
    return [
        {
            "indicator": m.indicator,
            "title": indicator_title(m.indicator, language),
            "key": m.reason.key,
            "reason": render(m.reason, language),
        }
        for m in missing
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value
