"""The command line: what goes to stdout and stderr, in which language, with which exit code."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

import spatial.study
from spatial.cli import app
from spatial.config import Study, load_study
from spatial.errors import InputError
from spatial.model.provenance import LedgerEntry, Source
from spatial.model.results import COLUMNS, Missing, ResultTable
from spatial.outputs import check_finished, output_folder, provenance, write_provenance
from spatial.study import StudyCheck, StudyRun
from spatial.text import Message

STUDY = (
    '[study]\nname = "Toy"\n[context]\nkind = "city"\n[area]\nbox = [0, 0, 1, 1]\n[zones]\nkind = "grid"\nsize_m = 9\n'
)
REASON = Missing("land_use_entropy", Message("compute.layer_missing", {"layers": (Message("layer.land_use"),)}))


def spatial_says(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(STUDY, encoding="utf-8")
    return path


def table() -> pd.DataFrame:
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | {
        "study": "Toy",
        "scenario": "baseline",
        "subject_kind": "all",
        "subject": "all",
    }
    row |= {"n": 1.0, "n_missing": 0.0, "data_status": "ok"}
    dense = row | {"indicator": "population_density", "value": 5230.4, "unit": "persons/km²"}
    return pd.DataFrame([dense, dense | {"subject_kind": "zone", "subject": "1", "value": float("nan")}])


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Runs that compute nothing: one result, and what is missing as the test wants it."""

    def use(*missing: Missing, error: Exception | None = None) -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = []

        def run_study(study: Study, out: Path, *, language: str, progress: Callable[[str, float], None]) -> StudyRun:
            calls.append({"study": study, "out": out, "language": language})
            with output_folder(out) as staged:
                progress("…", 0.5)
                if error:
                    raise error
                (staged / "map.html").write_text("map", encoding="utf-8")
                write_provenance(staged, provenance(study, [], language=language))
            return StudyRun(None, ResultTable(table(), missing), {"read": 1.25}, out)  # type: ignore[arg-type]

        monkeypatch.setattr(spatial.study, "run_study", run_study)
        return calls

    return use


def test_run_prints_a_table_and_where_the_map_is(study: Path, fake: Any) -> None:
    calls = fake()
    said = spatial_says("run", study)
    assert said.exit_code == 0
    assert said.stderr == ""
    assert "Population density" in said.stdout
    assert "read 1.2" in said.stdout
    assert "5,230 people per km²" in said.stdout
    assert str(study.parent / "study-results" / "map.html") in said.stdout
    assert calls[0]["out"] == study.parent / "study-results"
    assert check_finished(study.parent / "study-results")


def test_what_could_not_be_computed_has_its_line_and_strict_makes_it_1(study: Path, fake: Any) -> None:
    fake(REASON)
    easy, strict = spatial_says("run", study), spatial_says("run", study, "--strict")
    for said in (easy, strict):
        assert "1 of 2 indicators could not be computed" in said.stdout
        assert "Needs land use" in said.stdout
    assert (easy.exit_code, strict.exit_code) == (0, 1)
    assert easy.stderr == ""
    assert "--strict" in strict.stderr


TRAVEL = """
[travel]
place = "Toy"
year = "2024"
day_kind = "average_day"
trips_per_resident_day = 3
trips_source = "made up"
accept_assumptions = ["car_occupancy_uk"]

[[travel.modes]]
mode = "car"
trip_share = 1.0
share_source = "made up"
occupancy = 1.6
occupancy_source = "made up"
factor = "petrol_car_average_uk_2025"
"""


def test_only_an_assumption_that_a_result_rests_on_makes_a_run_illustrative(
    study: Path, fake: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    study.write_text(STUDY + TRAVEL, encoding="utf-8")
    fake()
    assert "Illustrative" not in spatial_says("run", study).stdout
    assert json.loads(spatial_says("run", study, "--json").stdout)["assumptions_used"] == []
    reason = Message("emissions.illustrative", {"rows": ("car_occupancy_uk",)}).encode()
    resting = table().assign(data_status="doubtful", reason=reason)
    monkeypatch.setattr(sys.modules[__name__], "table", lambda: resting)
    assert "accepts by name: car_occupancy_uk" in spatial_says("run", study).stdout
    assert json.loads(spatial_says("run", study, "--json").stdout)["assumptions_used"] == ["car_occupancy_uk"]


def test_strict_is_0_when_all_is_there(study: Path, fake: Any) -> None:
    fake()
    assert spatial_says("run", study, "--strict").exit_code == 0


def test_run_in_json(study: Path, fake: Any, tmp_path: Path) -> None:
    fake(REASON)
    said = spatial_says("run", study, "--json", "--out", tmp_path / "here")
    content = json.loads(said.stdout)
    assert content["out"] == str(tmp_path / "here")
    assert [row["value"] for row in content["results"]] == [5230.4]
    assert content["missing"][0]["key"] == "compute.layer_missing"
    assert content["seconds"] == {"read": 1.25}


def test_the_language_is_the_study_s_unless_told(study: Path, fake: Any) -> None:
    calls = fake(REASON)
    study.write_text(STUDY.replace('"Toy"', '"Toy"\nlanguage = "zh"'), encoding="utf-8")
    own, told = spatial_says("run", study), spatial_says("run", study, "--lang", "en")
    assert "无法计算" in own.stdout
    assert "could not be computed" in told.stdout
    assert [call["language"] for call in calls] == ["zh", "en"]


def test_a_fault_of_the_study_is_1_without_traceback(study: Path) -> None:
    study.write_text(STUDY.replace("size_m", "size_n").replace('kind = "city"', "kind = 1"), encoding="utf-8")
    for command in ("run", "check", "map"):
        said = spatial_says(command, study)
        assert said.exit_code == 1
        assert said.stdout == ""
        assert "Traceback" not in said.stderr
        assert len(said.stderr.splitlines()) == 2
        assert "size_m" in said.stderr
    assert [p.name for p in study.parent.iterdir()] == ["study.toml"]
    assert "study.toml:9 [zones] size_n" in said.stderr
    assert "没有键" in spatial_says("run", study, "--lang", "zh").stderr


def test_a_fault_of_the_input_is_1_and_leaves_nothing(study: Path, fake: Any) -> None:
    fake(error=InputError(Message("crs.missing")))
    said = spatial_says("run", study)
    assert said.exit_code == 1
    assert said.stderr == "The layer has no coordinate system. Say which one it is in (for example epsg:32627).\n"
    assert not (study.parent / "study-results").exists()


def test_a_folder_in_use_is_1(study: Path, fake: Any) -> None:
    fake()
    with output_folder(study.parent / "study-results") as staged:
        said = spatial_says("run", study)
        write_provenance(staged, {})
    assert said.exit_code == 1
    assert "Another run is writing into" in said.stderr


@pytest.mark.parametrize(
    "words",
    [["run"], ["run", "a", "b"], ["fly"], ["run", "x.toml", "--lang", "is"], ["run", "x.toml", "--fast"], ["init"]],
)
def test_a_wrong_command_line_is_2(words: list[str]) -> None:
    assert spatial_says(*words).exit_code == 2


def test_a_study_that_is_not_there_is_1(tmp_path: Path) -> None:
    for command in ("run", "check", "map"):
        said = spatial_says(command, tmp_path / "none.toml")
        assert said.exit_code == 1
        assert "There is no study file" in said.stderr


# --- init ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("words", "language"), [([], "en"), (["--lang", "zh"], "zh")])
def test_init_writes_a_study_that_loads_and_overwrites_none(tmp_path: Path, words: list[str], language: str) -> None:
    folder = tmp_path / "my city"
    said = spatial_says("init", folder, *words)
    assert said.exit_code == 0
    assert f'"{folder / "study.toml"}"' in said.stdout
    assert load_study(folder / "study.toml").language == language
    (folder / "study.toml").write_text("mine", encoding="utf-8")
    again = spatial_says("init", folder, *words)
    assert again.exit_code == 1
    assert str(folder / "study.toml") in again.stderr
    assert (folder / "study.toml").read_text(encoding="utf-8") == "mine"


def test_init_into_a_file_is_1(study: Path) -> None:
    assert spatial_says("init", study).exit_code == 1
    assert spatial_says("init", study / "inner").exit_code == 1
    assert study.read_text(encoding="utf-8") == STUDY


# --- check ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> None:
    check = StudyCheck(
        ledger=(LedgerEntry("people", "dropped", Message("places.no_entrance", {"count": 7}), 7),),
        sources=(Source("osm", "Extract", "x.osm.pbf", "", "ODbL 1.0", "OSM", "ab"),),
        computable=("population_density",),
        not_computable=(REASON,),
        shopping_list=(Message("crs.missing"),),
    )
    monkeypatch.setattr(spatial.study, "check_study", lambda *args, **kwargs: check)


@pytest.mark.usefixtures("checked")
def test_check_prints_the_ledger_and_a_shopping_list(study: Path) -> None:
    said = spatial_says("check", study)
    assert said.exit_code == 0
    for words in ("7 places have no entrance", "date unknown", "Population density", "Needs land use"):
        assert words in said.stdout
    assert "  - The layer has no coordinate system." in said.stdout
    assert "不能计算的指标及原因" in spatial_says("check", study, "--lang", "zh").stdout


@pytest.mark.usefixtures("checked")
def test_check_in_json(study: Path) -> None:
    content = json.loads(spatial_says("check", study, "--json").stdout)
    assert content["computable"] == ["population_density"]
    assert content["not_computable"][0]["indicator"] == "land_use_entropy"
    assert content["ledger"][0] | {"sentence": ""} == {
        "layer": "people",
        "action": "dropped",
        "count": 7,
        "key": "places.no_entrance",
        "sentence": "",
    }


# --- indicators ----------------------------------------------------------------------------------------------------


def test_indicators_lists_the_whole_catalogue() -> None:
    listed = json.loads(spatial_says("indicators", "--json").stdout)
    ids = [entry["id"] for entry in listed]
    assert {"population_density", "residents_near_frequent_stop", "passenger_transport_co2_per_resident"} <= set(ids)
    plain = spatial_says("indicators").stdout
    for entry in listed:
        assert entry["title"].split()[0] in plain
        assert entry["definition"]
        assert entry["reference"]


@pytest.mark.parametrize("width", [80, 160])
def test_ids_are_never_broken(width: int, checked: None, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", str(width))
    plain = spatial_says("indicators").stdout
    ids = [entry["id"] for entry in json.loads(spatial_says("indicators", "--json").stdout)]
    assert len(ids) > 10
    assert [id for id in ids if f" {id} " not in plain] == []
    assert max(map(len, plain.splitlines())) <= width
    assert " land_use_entropy " in spatial_says("check", study).stdout


def test_one_indicator_says_where_its_defaults_come_from() -> None:
    entry = json.loads(spatial_says("indicators", "residents_near_frequent_stop", "--json").stdout)
    settings = {setting["name"]: setting for setting in entry["settings"]}
    assert settings["headway_min"]["default"] == 15
    assert settings["headway_min"]["unit"] == "min"
    assert all(setting["source"] for setting in entry["settings"])
    said = spatial_says("indicators", "residents_near_frequent_stop", "--lang", "zh").stdout
    assert "参考文献" in said
    assert "headway_min" in said


def test_every_default_of_every_indicator_has_a_source() -> None:
    listed = json.loads(spatial_says("indicators", "--json").stdout)
    bare = [(e["id"], s["name"]) for e in listed for s in e["settings"] if not s["source"] and s["default"] is not None]
    assert bare == []


def test_an_unknown_indicator_is_2_and_names_near_ones() -> None:
    said = spatial_says("indicators", "population_densty")
    assert said.exit_code == 2
    assert "population_density" in said.stderr


# --- map and demo --------------------------------------------------------------------------------------------------


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    def save_study_map(study: Study, path: Path, *, language: str, progress: Any) -> None:
        path.write_text(f"{study.name} in {language}", encoding="utf-8")

    monkeypatch.setattr(spatial.study, "save_study_map", save_study_map, raising=False)


@pytest.mark.usefixtures("drawn")
def test_map_draws_a_finished_run_again(study: Path, fake: Any) -> None:
    fake()
    spatial_says("run", study)
    out = study.parent / "study-results"
    for path in (out, study):
        said = spatial_says("map", path, "--lang", "zh")
        assert said.exit_code == 0
        assert "地图" in said.stdout
        assert (out / "map.html").read_text(encoding="utf-8") == "Toy in zh"
        assert check_finished(out)
        spatial_says("map", path)
        assert (out / "map.html").read_text(encoding="utf-8") == "Toy in en"


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("given", "written"), [("elsewhere", "elsewhere/map.html"), ("new/karte.html", "new/karte.html")]
)
def test_map_goes_where_out_says_and_leaves_the_run_alone(study: Path, fake: Any, given: str, written: str) -> None:
    fake()
    spatial_says("run", study, "--lang", "zh")
    run, target = study.parent / "study-results", study.parent / written
    for path, language in ((run, "zh"), (study, "en")):
        said = spatial_says("map", path, "--out", study.parent / given)
        assert said.exit_code == 0
        assert str(target) in said.stdout
        assert target.read_text(encoding="utf-8") == f"Toy in {language}"
        assert [file.name for file in target.parent.iterdir()] == [target.name]
    assert (run / "map.html").read_text(encoding="utf-8") == "map"
    assert check_finished(run)


@pytest.mark.usefixtures("drawn")
def test_without_out_the_map_of_the_run_is_replaced_in_its_language(study: Path, fake: Any) -> None:
    fake()
    spatial_says("run", study, "--lang", "zh")
    for path in (study.parent / "study-results", study):
        assert "已替换" in spatial_says("map", path).stdout
        assert (study.parent / "study-results" / "map.html").read_text(encoding="utf-8") == "Toy in zh"


@pytest.mark.usefixtures("drawn")
def test_the_map_of_another_study_does_not_join_a_run(study: Path, fake: Any) -> None:
    fake()
    spatial_says("run", study)
    other = study.with_name("other.toml")
    other.write_text(STUDY + "# other\n", encoding="utf-8")
    said = spatial_says("map", other, "--out", study.parent / "study-results")
    assert said.exit_code == 1
    assert (study.parent / "study-results" / "map.html").read_text(encoding="utf-8") == "map"
    assert spatial_says("map", study, "--out", study / "inside").exit_code == 1


@pytest.mark.usefixtures("drawn")
def test_map_refuses_an_unfinished_run_and_a_changed_study(study: Path, fake: Any) -> None:
    fake()
    out = study.parent / "study-results"
    before = spatial_says("map", study)
    assert (before.exit_code, out.exists()) == (1, False)
    assert "no finished run" in before.stderr
    spatial_says("run", study)
    study.write_text(STUDY + "# more\n", encoding="utf-8")
    for path in (out, study):
        said = spatial_says("map", path)
        assert said.exit_code == 1
        assert "changed since the run: study.toml" in said.stderr
    study.unlink()
    assert "is not where it was" in spatial_says("map", out).stderr
    assert (out / "map.html").read_text(encoding="utf-8") == "map"


def test_demo_writes_here(fake: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = fake()
    monkeypatch.chdir(tmp_path)
    assert spatial_says("demo", "--lang", "zh").exit_code == 0
    assert calls[0]["study"].path.parent.name == "reykjavik"
    assert calls[0]["language"] == "zh"
    assert check_finished(tmp_path / "spatial-demo")["study"]["file"] == "bundled:reykjavik/study.toml"
    assert spatial_says("demo", "--city", "washington", "--out", tmp_path / "w").exit_code == 0
    assert spatial_says("demo", "--city", "sample", "--out", tmp_path / "s").exit_code == 0
    assert [call["study"].path.parent.name for call in calls[1:]] == ["washington", "sample_district"]
    said = " ".join(spatial_says("demo", "--help").stdout.split())
    assert "reykjavik, sample_district, washington" in said


def test_a_city_that_is_not_bundled_is_a_wrong_command_line(fake: Any) -> None:
    assert fake() == []
    unknown = spatial_says("demo", "--city", "atlantis")
    assert unknown.exit_code == 2
    assert "reykjavik" in unknown.stderr


# --- the process ---------------------------------------------------------------------------------------------------


def test_pipes_speak_utf8_whatever_the_machine_does(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "spatial", "run", str(tmp_path / "没有.toml"), "--lang", "zh"],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "LANG": "C.UTF-8", "PATH": ""},
    )
    assert done.returncode == 1
    assert done.stdout == b""
    assert "没有研究文件" in done.stderr.decode("utf-8")
    assert b"Traceback" not in done.stderr


BAR = """
import sys, time
from spatial.cli.screen import Bar
with Bar("checking") as bar:
    bar("[reading] streets", 0.3)
    time.sleep(float(sys.argv[1]))
print("done")
"""


@pytest.mark.parametrize(
    ("seconds", "terminal", "is_shown"), [("1.4", "1", True), ("0.1", "1", False), ("1.4", "", False)]
)
def test_the_bar_shows_after_a_second_and_only_to_people(seconds: str, terminal: str, is_shown: bool) -> None:
    env = {**os.environ, "TERM": "xterm", "FORCE_COLOR": terminal}
    done = subprocess.run([sys.executable, "-c", BAR, seconds], capture_output=True, check=True, env=env)
    assert ("[reading] streets" in done.stderr.decode("utf-8")) is is_shown
    assert done.stdout.strip() == b"done"
