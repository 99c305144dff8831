"""The commands. Heavy packages are imported inside them: `spatial --help` loads none."""

from __future__ import annotations

from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spatial.cli.screen import Bar, problems_said, put, put_json, say, speak_utf8
from spatial.errors import InputError
from spatial.text import LANGUAGES, Message, render

if TYPE_CHECKING:
    from spatial.config import Study

STUDY_FILE = "study.toml"
DEMO_FOLDER = Path("spatial-demo")
MAP = "map.html"
PAGES = (".html", ".htm")
TEMPLATES = {"en": "study_template.toml", "zh": "study_template.zh.toml"}


class Language(StrEnum):
    """The languages that the package speaks."""

    en = "en"
    zh = "zh"


app = typer.Typer(
    help="Measures compact, walkable, low-carbon urban form on real data.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file, for example study.toml.")]
Lang = Annotated[Language | None, typer.Option("--lang", help="Language; the study file's own when not given.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="DIR", help="The folder to write to.")]
MapOut = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE_OR_DIR",
        help="Where the map goes, and the run stays as it is: FILE.html, or DIR/map.html.",
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything could not be computed.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]


def _cities() -> str:
    """The bundled cities; "" where the installation lacks them, which only the commands need to say."""
    from spatial.sources.bundled import bundled_cities

    try:
        return ", ".join(bundled_cities())
    except InputError:
        return ""


def main() -> None:
    """Entry point of the console script."""
    speak_utf8()
    app(prog_name="spatial")


def _put_version(wanted: bool) -> None:
    if wanted:
        from spatial import __version__

        put(__version__)
        raise typer.Exit


@app.callback()
def _spatial(
    version: Annotated[
        bool, typer.Option("--version", callback=_put_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Measures compact, walkable, low-carbon urban form on real data."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder; made where there is none.")],
    lang: Lang = None,
) -> None:
    """Write a commented study file that runs as it is, on the bundled Reykjavik data."""
    language = lang.value if lang else LANGUAGES[0]
    with problems_said(language):
        path = folder / STUDY_FILE
        text = files("spatial").joinpath(TEMPLATES[language]).read_text(encoding="utf-8")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8", newline="\n") as file:
                file.write(text)
        except FileExistsError:
            taken = path if path.exists() else folder
            raise InputError(Message("cli.exists", {"path": str(taken)})) from None
        except OSError as error:
            values = {"out": str(folder), "found": error.strerror or ""}
            raise InputError(Message("output.cannot_write", values)) from error
        put(say("cli.written", language, path=str(path), quoted=_quoted(path)))


@app.command()
def check(study: StudyPath, lang: Lang = None, json: Json = False) -> None:
    """Read the data and say what can be computed, what cannot and why, and what was done to the data."""
    language = _language_for(study, lang)
    with problems_said(language):
        from spatial.cli.results_view import check_as_data, put_check
        from spatial.config import load_study
        from spatial.study import check_study

        loaded = load_study(study)
        with Bar(say("cli.stage_check", language)) as bar:
            checked = check_study(loaded, language=language, progress=bar)
        if json:
            put_json(check_as_data(loaded, checked, language))
        else:
            put_check(checked, language)


@app.command()
def indicators(
    id: Annotated[str | None, typer.Argument(metavar="[ID]", help="One indicator; all when not given.")] = None,
    lang: Lang = None,
    json: Json = False,
) -> None:
    """List the indicators, or describe one: definition, settings with their sources, reference."""
    language = lang.value if lang else LANGUAGES[0]
    from spatial.cli.catalogue_view import as_data, put_catalogue, put_indicator, whole_catalogue
    from spatial.indicators import describe

    known = whole_catalogue()
    if id is not None:
        try:
            entry = describe(id)
        except InputError as error:
            raise typer.BadParameter(error.in_language(language)) from None
        if json:
            put_json(as_data(entry, language))
        else:
            put_indicator(entry, language)
    elif json:
        put_json([as_data(entry, language) for entry in known.values()])
    else:
        put_catalogue(list(known.values()), language)


@app.command()
def run(study: StudyPath, out: Out = None, lang: Lang = None, strict: Strict = False, json: Json = False) -> None:
    """Run a study: map, report, GIS files and tables. Without --out beside the study file."""
    language = _language_for(study, lang)
    with problems_said(language):
        from spatial.config import load_study

        _run(load_study(study), out or _folder_of(study), language, strict, json)


@app.command()
def demo(
    city: Annotated[str, typer.Option("--city", help=f"A bundled city: {_cities()}.")] = "reykjavik",
    out: Out = None,
    lang: Lang = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Run the study of a bundled city; writes to spatial-demo/ here when no folder is given."""
    language = lang.value if lang else LANGUAGES[0]
    with problems_said(language):
        from spatial.config import load_study
        from spatial.sources.bundled import bundled_folder, bundled_study

        bundled_folder()  # an incomplete installation is no fault of the command line
        try:
            path = bundled_study(city)
        except InputError as error:
            raise typer.BadParameter(error.in_language(language), param_hint="--city") from None
        _run(load_study(path), out or DEMO_FOLDER, language, strict, json)


@app.command("map")
def draw(
    path: Annotated[Path, typer.Argument(metavar="RUN_OR_STUDY", help="An output folder, or the study that made it.")],
    out: MapOut = None,
    lang: Lang = None,
) -> None:
    """Draw a map again, for example in the other language.

    Without --out the new map replaces map.html of the finished run, in the language of that run unless --lang is given.
    """
    is_run = path.is_dir()
    with problems_said(lang.value if lang else LANGUAGES[0] if is_run else _language_for(path, None)):
        from spatial.cli.finished_run import language_of, map_file, study_of
        from spatial.config import load_study
        from spatial.study import save_study_map

        study = None if is_run else load_study(path)
        run = path if is_run else _folder_of(path)
        if study is None or out is None:
            study = study_of(run, study)
        spoken = lang.value if lang else study.language if not is_run and out else language_of(run)
        target = run / MAP if out is None else out if out.suffix.lower() in PAGES else out / MAP
        with map_file(target, study) as staged, Bar() as bar:
            save_study_map(study, staged, language=spoken, progress=bar)
        put(say("cli.map_written" if out else "cli.map_replaced", spoken, path=str(target)))


def _run(study: Study, out: Path, language: str, strict: bool, json: bool) -> None:
    from spatial.cli.results_view import is_complete, put_run, put_times, run_as_data
    from spatial.study import run_study

    with Bar() as bar:
        done = run_study(study, out, language=language, progress=bar)
    if json:
        put_json(run_as_data(study, done, language))
    else:
        put_run(study, done, language)
        put_times(done, language)
    if strict and not is_complete(done.results):
        typer.echo(render(Message("cli.strict"), language), err=True)
        raise typer.Exit(1)


def _folder_of(study: Path) -> Path:
    """Where the results of a study go when no folder is given: beside the study file."""
    return study.parent / f"{study.stem}-results"


def _language_for(study: Path, lang: Language | None) -> str:
    if lang:
        return lang.value
    from spatial.config import declared_language

    return declared_language(study)


def _quoted(path: Path) -> str:
    """A path as every command line reads it."""
    return f'"{path}"' if " " in str(path) else str(path)
