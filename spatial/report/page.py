"""The report: one HTML page that holds all it needs, for people to read, to print and to keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined

from spatial import __version__
from spatial.model.district import District
from spatial.model.results import ResultTable
from spatial.report import sections
from spatial.report.canvas import NO_VALUE
from spatial.report.files import whole_file
from spatial.report.sentences import plain_sentences, unsaid
from spatial.report.wording import licence_lines, say
from spatial.text import Message, render

LANGUAGE_TAGS = {"en": "en", "zh": "zh-Hans"}
NO_CONTEXT: Mapping[str, str] = MappingProxyType({})


def save_report(
    district: District,
    results: ResultTable,
    path: Path,
    *,
    language: str,
    story: Sequence[Message] = (),
    context: Mapping[str, str] = NO_CONTEXT,
) -> None:
    """Write the report page: the numbers in words, maps, data status, ledger, sources and definitions.

    Parameters
    ----------
    story : the question in the first message, what is known of it in the others.
    context : what kind of place it is: kind, state, main_use, country, city_size, as the study file has them.
    """
    page = render_page("report.html.j2", report_values(district, results, language, story, context), language)
    with whole_file(path) as beside:
        beside.write_text(page, encoding="utf-8", newline="\n")


def report_values(
    district: District, results: ResultTable, language: str, story: Sequence[Message], context: Mapping[str, str]
) -> dict[str, object]:
    """All that the report's template shows, by name."""
    definitions, cited = sections.methods(results, language)
    sentences, cautions = plain_sentences(results, language)
    return {
        "place": district.area.name,
        "facts": sections.facts(district, context, language),
        "story": [render(message, language) for message in story],
        "illustrative": sections.is_illustrative(results),
        "sentences": sentences,
        "cautions": cautions,
        "unsaid": unsaid(results, language),
        "needs": sections.needs_chart(results, language),
        "pictures": sections.pictures(district, results, language),
        "hatched": NO_VALUE,
        "groups": sections.result_groups(results, language),
        "missing": sections.missing_rows(results, language),
        "status": sections.status_summary(results, language),
        "zones": sections.zones_covered(results, language),
        "ledger": sections.ledger_rows(district, language),
        "sources": sections.source_rows(district, language),
        "credits": list(dict.fromkeys(s.attribution for s in district.sources if s.attribution)),
        "licences": licence_lines(district.sources, language),
        "parameters": sections.parameter_table(language),
        "definitions": definitions,
        "cited": cited,
    }


def render_page(template: str, values: Mapping[str, object], language: str) -> str:
    """One template of `spatial/report/templates`, filled; whatever stands in `values` is escaped."""
    environment = Environment(
        loader=PackageLoader("spatial.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "t": partial(_text, language), "lang": language, "language_tag": LANGUAGE_TAGS[language],
        "program": f"spatial {__version__}",
    }  # fmt: skip
    return environment.get_template(template).render(values)


def _text(language: str, key: str, **values: str | int | float) -> str:
    return say(key, language, **values)
