"""One study, end to end: from its file to results, a map, a report and GIS files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter

import pandas as pd

from spatial.assemble import assemble
from spatial.config import Study, load_study
from spatial.emissions.inventory import passenger_co2
from spatial.emissions.travel_demand import declared_rows
from spatial.indicators import catalogue, compute
from spatial.kernels import cache_note
from spatial.kernels.shortest_paths import nearest_mm
from spatial.model.district import District
from spatial.model.provenance import Ledger, LedgerEntry, Source
from spatial.model.results import COLUMNS, Missing, ResultTable
from spatial.outputs import output_folder, provenance, write_provenance
from spatial.report.maps import save_map
from spatial.report.page import save_report
from spatial.report.tables import write_dictionary_csv, write_ledger_csv, write_results_parquet, write_zones_gpkg
from spatial.sources.bundled import bundled_study
from spatial.text import Message, Value, decode, render

Progress = Callable[[str, float], None]
# how the bar is shared between reading, computing and writing
READ_SHARE, COMPUTE_SHARE = 0.5, 0.2


@dataclass(frozen=True)
class StudyRun:
    """What a run made: the district, its results, where they were written, and how long each stage took."""

    district: District
    results: ResultTable
    seconds: dict[str, float]
    out: Path


@dataclass(frozen=True)
class StudyCheck:
    """What a study's data give: the ledger, what can be computed, and what cannot and why."""

    ledger: tuple[LedgerEntry, ...]
    sources: tuple[Source, ...]
    computable: tuple[str, ...]
    not_computable: tuple[Missing, ...]
    shopping_list: tuple[Message, ...]


@dataclass
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = perf_counter()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + perf_counter() - start


def open_study(path: str | Path) -> District:
    """The district of a study file: everything read, cleaned and put together, nothing computed yet."""
    return assemble(load_study(Path(path)))


def load_bundled(city: str) -> District:
    """The district of a city that travels with the package ("reykjavik", "washington")."""
    return open_study(bundled_study(city))


def results_of(
    study: Study, district: District, *, progress: Callable[[str], None] | None = None
) -> tuple[District, ResultTable]:
    """Every indicator that the study asks for, and what its declared travel emits.

    Returns
    -------
    The district, its ledger longer by what was noted of travel, and the results.
    """
    asked = study.indicators
    known = catalogue()
    made_elsewhere = [id for id in asked.only if id in known and known[id].function is None]
    ids = [id for id in asked.only if id not in made_elsewhere] if asked.only else None
    results = compute(district, ids, asked.settings, study=study.name, progress=progress)
    if asked.only and not made_elsewhere:
        return district, results
    ledger = Ledger()
    results = results.join(_emissions(study, ledger))
    return replace(district, ledger=district.ledger + ledger.entries), results


def run_study(study: Study, out: Path, *, language: str | None = None, progress: Progress | None = None) -> StudyRun:
    """Read, compute and write one study.

    Writes into `out`: results.parquet, zones.gpkg, dictionary.csv, ledger.csv, map.html, report.html and
    provenance.json. The folder is whole afterwards or as it was before.

    Parameters
    ----------
    language : "en" or "zh"; the study's own when None.
    progress : called with a rendered sentence and the share of the work that is done (0–1).
    """
    spoken = language or study.language
    clock, tell = _Clock(), _teller(spoken, progress)
    with output_folder(out) as staged:
        with clock("read"):
            district = assemble(study, progress=lambda step, done: tell(step, READ_SHARE * done))
        with clock("compile"):
            if (note := cache_note()) is not None:
                tell(Message(*note), READ_SHARE)
            nearest_mm.compile()
        with clock("compute"):
            district, results = results_of(study, district, progress=_counting(tell))
        with clock("write"):
            _write(study, district, results, staged, spoken, tell)
        write_provenance(staged, provenance(study, district.sources, language=spoken, seconds=clock.seconds))
    return StudyRun(district, results, clock.seconds, out)


def check_study(study: Study, *, language: str | None = None, progress: Progress | None = None) -> StudyCheck:
    """Read a study's data and say what they give of the whole catalogue, without writing anything.

    Every indicator is either computable or not, whichever of them the study asks for.
    """
    everything = study.model_copy(update={"indicators": study.indicators.model_copy(update={"only": ()})})
    tell = _teller(language or study.language, progress)
    district = assemble(study, progress=tell)
    district, results = results_of(everything, district)
    known = results.table["value"].notna()
    made = tuple(sorted(set(results.table.loc[known, "indicator"])))
    reasons = {entry.indicator: entry for entry in results.missing}
    for id in sorted(set(results.table["indicator"]) - set(made)):
        reasons[id] = Missing(id, _why(results, id))
    undeclared = Message("emissions.no_travel" if study.travel is None else "emissions.not_declared")
    missing = [reasons.get(id, Missing(id, undeclared)) for id in catalogue() if id not in made]
    return StudyCheck(district.ledger, district.sources, made, tuple(missing), tuple(_shopping_list(made, missing)))


def save_study_map(study: Study, path: Path, *, language: str | None = None, progress: Progress | None = None) -> None:
    """Read and compute a study, and write its map alone."""
    spoken = language or study.language
    tell = _teller(spoken, progress)
    district = assemble(study, progress=lambda step, done: tell(step, READ_SHARE * done))
    district, results = results_of(study, district)
    tell(Message("step.map"), READ_SHARE + COMPUTE_SHARE)
    save_map(district, results, path, language=spoken)


def _write(
    study: Study,
    district: District,
    results: ResultTable,
    folder: Path,
    language: str,
    tell: Callable[[Message, float], None],
) -> None:
    tell(Message("step.tables"), READ_SHARE + COMPUTE_SHARE)
    write_results_parquet(results, folder / "results.parquet", sources=district.sources)
    write_zones_gpkg(district, results, folder / "zones.gpkg", language=language)
    write_dictionary_csv(results, folder / "dictionary.csv", language=language, sources=district.sources)
    write_ledger_csv(district, folder / "ledger.csv", language=language)
    tell(Message("step.map"), 0.8)
    save_map(district, results, folder / "map.html", language=language)
    tell(Message("step.report"), 0.9)
    save_report(
        district,
        results,
        folder / "report.html",
        language=language,
        story=study.story_in(language),
        context=study.context_in_words(),
    )
    tell(Message("step.done"), 1.0)


def _teller(language: str, progress: Progress | None) -> Callable[[Message, float], None]:
    def tell(step: Message, done: float) -> None:
        if progress is not None:
            progress(render(step, language), done)

    return tell


def _counting(tell: Callable[[Message, float], None]) -> Callable[[str], None]:
    """Says the title of each indicator as it is computed."""
    place, count = iter(range(len(catalogue()))), len(catalogue())

    def progress(id: str) -> None:
        title = Message(f"indicator.{id}.title")
        tell(Message("step.indicator", {"title": title}), READ_SHARE + COMPUTE_SHARE * next(place) / count)

    return progress


def _emissions(study: Study, ledger: Ledger) -> ResultTable:
    """The rows of declared travel, and what it emits; without a declaration, what is missing."""
    if study.travel is None:
        return passenger_co2(ResultTable(pd.DataFrame(columns=list(COLUMNS))))
    declared = declared_rows(
        study.travel.declaration(country=study.context.country or ""), study=study.name, ledger=ledger
    )
    return declared.join(passenger_co2(declared))


def _why(results: ResultTable, id: str) -> Message:
    """The reason that stands at an indicator of which no row has a value."""
    reasons = results.table.loc[(results.table["indicator"] == id) & (results.table["reason"] != ""), "reason"]
    return decode(reasons.iloc[0]) if len(reasons) else Message("compute.no_value")


def _shopping_list(made: Sequence[str], missing: Sequence[Missing]) -> Iterator[Message]:
    """How many numbers of the catalogue the data give, and what would give the others: each set of layers that some of
    them lack together, and what the travel declaration lacks.
    """
    yield Message("shopping.count", {"made": len(made), "all": len(made) + len(missing)})
    count = Counter(entry.reason for entry in missing)
    for reason in sorted(count, key=lambda reason: (len(_listed(reason, "layers")), -count[reason], reason.encode())):
        if reason.key == "compute.layer_missing":
            *first, last = _listed(reason, "layers")
            both = Message("shopping.and", {"first": tuple(first), "last": last}) if first else last
            yield Message("shopping.add", {"layer": both, "count": count[reason]})
        elif reason.key == "emissions.no_travel":
            yield Message("shopping.add_travel", {"count": count[reason]})
    for entry in missing:
        if entry.reason.key == "emissions.not_computable":
            title = Message(f"indicator.{entry.indicator}.title")
            yield Message("shopping.declare", {"title": title, "needed": _listed(entry.reason, "needed")})


def _listed(reason: Message, name: str) -> tuple[Value, ...]:
    values = reason.values.get(name, ())
    return values if isinstance(values, tuple) else ()
