"""A study file is read whole, or every problem of it is said at once, in people's words and either language."""

import re
import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from spatial.config import HexagonZones, RasterPeople, SettlementPeople, Study, declared_language, load_study
from spatial.errors import StudyError
from spatial.text import LANGUAGES

PACKAGE = Path(__file__).parents[1] / "spatial"
TEMPLATES = [PACKAGE / "study_template.toml", PACKAGE / "study_template.zh.toml"]
BUNDLED = sorted((Path(__file__).parents[1] / "data").glob("*/study.toml"))
GOOD = """
[study]
name = "Toy city"

[context]
kind = "district"

[area]
box = [-22.0, 64.0, -21.5, 64.2]

[zones]
kind = "grid"
size_m = 100
"""


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "study.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def problems(folder: Path, text: str | bytes) -> list[str]:
    with pytest.raises(StudyError) as caught:
        load_study(written(folder, text))
    chinese = caught.value.in_language("zh").splitlines()
    english = caught.value.in_language("en").splitlines()
    assert len(chinese) == len(english)
    assert all(re.search(r"[\u4e00-\u9fff]", line) for line in chinese)
    return english


def test_a_minimal_study_is_read(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, GOOD))
    assert (study.name, study.language, study.folder) == ("Toy city", "en", tmp_path.resolve())
    assert study.zones.kind == "grid"
    assert study.zones.size_m == 100.0
    assert study.area.box == (-22.0, 64.0, -21.5, 64.2)
    assert [study.osm, study.transit, study.people, study.travel] == [None] * 4


def test_a_study_is_frozen(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, GOOD))
    with pytest.raises(ValueError, match="frozen"):
        study.study.name = "Other"  # type: ignore[misc]


def test_a_study_knows_its_file(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD)
    study = load_study(path)
    assert study.text == GOOD
    assert study.path == path.resolve()
    assert len(study.sha256) == 64
    path.write_text(GOOD + "# more\n", encoding="utf-8")
    assert load_study(path).sha256 != study.sha256


@pytest.mark.parametrize("path", [*TEMPLATES, *BUNDLED], ids=lambda p: f"{p.parent.name}/{p.name}")
def test_templates_and_bundled_studies_are_good(path: Path) -> None:
    study = load_study(path)
    assert study.story_in(study.language)


def test_the_template_holds_what_it_seems_to() -> None:
    study = load_study(TEMPLATES[0])
    assert isinstance(study.people, SettlementPeople)
    assert len(study.people.settlements) == 7
    assert isinstance(study.zones, HexagonZones)
    assert study.osm is not None
    assert study.osm.file is not None
    assert study.name_of(study.osm.file) == "bundled:reykjavik/reykjavik_20190509.osm.pbf"


def test_both_templates_say_the_same() -> None:
    def skeleton(path: Path) -> Any:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        del data["study"]
        data["transit"] = {key: data["transit"][key] for key in ("gtfs", "service_day", "date")}
        data["travel"]["modes"] = [{**mode, "share_source": ""} for mode in data["travel"]["modes"]]
        return data | {"travel": {**data["travel"], "place": "", "ages": "", "trips_source": ""}}

    assert skeleton(TEMPLATES[0]) == skeleton(TEMPLATES[1])


def models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models(part)]


def all_keys(model: type[BaseModel]) -> set[str]:
    inner = [m for field in model.model_fields.values() for m in models(field.annotation)]
    return set(model.model_fields) | {key for m in inner for key in all_keys(m)}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_the_template_shows_every_key(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    shown = set(re.findall(r"^(?:# *)?(\w+) = ", text, flags=re.MULTILINE))
    shown |= set(re.findall(r"[{,] ?(\w+) = ", text))
    shown |= {
        part for head in re.findall(r"^(?:# )?\[+([\w.]+)\]", text, flags=re.MULTILINE) for part in head.split(".")
    }
    assert all_keys(Study) - shown == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_remarks_of_the_template_can_be_switched_on(template: Path, tmp_path: Path) -> None:
    """Every remark that looks like a line of the file is one: the key is known where it stands."""
    text = re.sub(r"^# (\w+ = )", r"\1", template.read_text(encoding="utf-8"), flags=re.MULTILINE)
    text = re.sub(r"^# (\[+[\w.]+\]+)", r"\1", text, flags=re.MULTILINE)
    unknown = [line for line in broken_up(text, tmp_path) if "there is no" in line and "there is no file" not in line]
    assert unknown == []


def broken_up(text: str, folder: Path) -> list[str]:
    """Problems of a text in which alternatives of one section stand beside each other: [people] thrice."""
    seen: list[str] = []
    parts = re.split(r"(?m)^(?=\[people\])", text)
    for part in parts[1:]:
        lines = [line for line in part.splitlines() if not line.startswith("kind")]
        try:
            load_study(written(folder, parts[0] + "\n".join(lines)))
        except StudyError as error:
            seen += [line for line in str(error).splitlines() if "size_m" not in line and "[zones]" not in line]
    assert len(parts) == 5
    return seen


def test_a_misspelt_key_names_the_nearest(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, changed("size_m = 100", "size_n = 100"))
    assert line == "study.toml:13 [zones] size_n: there is no key size_n. Did you mean size_m?"


def test_a_misspelt_section_names_the_nearest(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + "[indicaters]\nonly = []\n")
    assert "[indicaters]" in line
    assert "Did you mean [indicators]?" in line


def test_a_misspelt_section_is_not_missing_too(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, changed("[context]", "[contxt]"))
    assert line == "study.toml:5 [contxt]: there is no section [contxt]. Did you mean [context]?"


def test_a_key_of_another_section_is_sent_there(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + "service_day = 2019-05-15\n")
    assert "does not belong here, but in [transit]" in line


def test_a_key_above_all_sections_is_sent_to_its_own(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, "buffer_m = 100\n" + GOOD)
    assert line.startswith("study.toml:1 buffer_m")
    assert "[area]" in line


def test_a_key_unlike_any_lists_the_known_ones_of_that_kind(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + "qqq = 1\n")
    assert "Known here: kind, size_m, names." in line


def test_a_key_of_another_kind_of_zones_is_not_known(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + "resolution = 9\n")
    assert "resolution" in line
    assert "size_m" not in line.split("Did you mean")[0]


def test_several_problems_are_said_at_once(tmp_path: Path) -> None:
    text = (
        changed('name = "Toy city"', "naem = 3")
        .replace('kind = "district"', 'kind = "village"')
        .replace("size_m = 100", 'size_m = "100"')
        + '[transit]\ngtfs = "none.zip"\nservice_day = 2019-05-15\n'
    )
    lines = problems(tmp_path, text)
    assert [line.partition(": ")[0].split(" is ")[0] for line in lines] == [
        "study.toml:3 [study] naem",
        "study.toml:6 [context] kind",
        "study.toml:13 [zones] size_m",
        "study.toml:15 [transit] gtfs",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('[study]\nname = "Toy city"', 'study = "Toy city"', "a section, with its name in square brackets"),
        ("[zones]\nkind", "[[zones]]\nkind", "a section"),
        ('name = "Toy city"', "name = 5", "words in quotation marks"),
        ('name = "Toy city"', 'name = ""', "1 or more characters"),
        ("size_m = 100", 'size_m = "100"', "a number, without quotation marks"),
        ("size_m = 100", "size_m = true", "a number"),
        ("size_m = 100", "size_m = nan", "a number"),
        ("size_m = 100", "size_m = -1", "must be more than 0"),
        ("size_m = 100", "", "size_m is missing"),
        ('kind = "grid"', "", "kind is missing"),
        ('kind = "grid"', 'kind = "gird"', 'must be one of: "grid", "hexagons", "polygons"'),
        ('kind = "grid"\nsize_m = 100', 'kind = "hexagons"\nresolution = 8.5', "a whole number"),
        ('kind = "grid"\nsize_m = 100', 'kind = "hexagons"\nresolution = 15', "must be 12 or less"),
        ("size_m = 100", "size_m = 100\nnames = 10", "a list in square brackets"),
        ("size_m = 100", "size_m = 100\nnames = [10, 10]", "given more than once: 10"),
        ("size_m = 100", "size_m = 100\nnames = [10]", "needs OpenStreetMap data"),
        ("box = [-22.0, 64.0, -21.5, 64.2]", "", "nothing says where the study area is"),
        ("[-22.0, 64.0, -21.5, 64.2]", "[-22.0, 64.0, -21.5]", "four numbers"),
        ("[-22.0, 64.0, -21.5, 64.2]", "[-22.0, 64.0, -21.5, 64.2, 1]", "four numbers"),
        ("[-22.0, 64.0, -21.5, 64.2]", "[-21.5, 64.0, -22.0, 64.2]", "west less than east"),
        ("[-22.0, 64.0, -21.5, 64.2]", "[412000, 7100000, 420000, 7110000]", "in degrees"),
        ("box =", 'osm_boundaries = ["2580605"]\nbox =', "such as relation/2580605"),
        ("box =", 'osm_boundaries = ["relation/1"]\nbox =', "needs OpenStreetMap data"),
        ("box =", 'boundary = "https://example.org/b.gpkg"\nbox =', "points to another machine"),
        ("box =", 'boundary = "/vsicurl/example.org/b.gpkg"\nbox =', "points to another machine"),
        ("size_m = 100", 'size_m = 100\n[transit]\nservice_day = "2024-05-15"', "either gtfs"),
        ("size_m = 100", "size_m = 100\n[growth]", "either first_built"),
        ("box =", "buffer_m = -1\nbox =", "must be 0 or more"),
        ("box =", 'crs = "epsg:4326"\nbox =', "degrees"),
        ("box =", 'crs = "epsg:2263"\nbox =', "metres"),
        ("box =", 'crs = "epsg:99999"\nbox =', "not a known coordinate system"),
        ('kind = "district"', 'kind = "district"\ncountry = "ICE"', "at most 2 characters"),
        ('name = "Toy city"', 'name = "Toy city"\nlanguage = "is"', 'one of: "en", "zh"'),
        ('name = "Toy city"', 'name = "Toy city"\nquestion = {}', "no words are given"),
        ('name = "Toy city"', 'name = "Toy city"\nstory = [{ en = "x" }]', "story is given without question"),
        ("size_m = 100", 'size_m = 100\n[osm]\ndate = "2019-05-09"', "either file (an extract) or online = true"),
        ("size_m = 100", 'size_m = 100\n[osm]\nonline = true\nendpoint = "overpass"', "begins with https://"),
        ("size_m = 100", "size_m = 100\n[osm]\nonline = 1", "true or false"),
        ("size_m = 100", 'size_m = 100\n[osm]\nonline = true\ndate = "May 2019"', "a day, month, year or period"),
        ("size_m = 100", 'size_m = 100\n[people]\nmethod = "guess"', 'one of: "settlements", "raster", "zones"'),
        ("size_m = 100", 'size_m = 100\n[people]\nmethod = "settlements"\nsettlements = []', "at least 1 must be"),
        ("size_m = 100", 'size_m = 100\nname = "x"', "there is no key name"),
        ("box =", 'boundary = { licence = "CC BY 4.0" }\nbox =', "file is missing"),
    ],
)  # fmt: skip
def test_one_fault_is_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    (line,) = problems(tmp_path, changed(old, new))
    assert said in line
    assert line.startswith("study.toml")


PLAN = 'file = "study.toml"\nscheme = ["osm"]\nfields = { code = "c" }'
TWO_POINTS = "[{ local = [0, 0], at = [1, 1] }, { local = [1, 0], at = [2, 1] }]"


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('[growth]\nland_cover = [{ year = 2000, file = "study.toml" }]\nscheme = "clcd"', "section [[control_lines]]"),
        ('[people]\nmethod = "floor_space"\ntable = "study.toml"', "needs a plan"),
        ('[[places]]\nfile = "study.toml"\ncrosswalk = "amap"', "needs streets"),
        ('[osm]\nfile = "study.toml"\n[[places]]\nfile = "study.toml"\ncrosswalk = "amep"', "no class scheme amep"),
        (f"[[land_use]]\n{PLAN}\ncontrol_points = {TWO_POINTS}", "control_points is given without crs"),
        (f'[[land_use]]\n{PLAN}\ncrs = "epsg:1"\ncontrol_points = {TWO_POINTS}', "not a known coordinate system"),
        (
            f'[[land_use]]\n{PLAN}\ncrs = "epsg:4547"\ncontrol_points = [{{ local = [0, 0], at = [1, 1] }}]',
            "one control",
        ),
        (f"[[land_use]]\n{PLAN}\n[[land_use]]\n{PLAN}\nmixed = 1", "[[land_use]] 2 mixed"),
    ],
)
def test_one_fault_of_a_layer_is_one_sentence(tmp_path: Path, section: str, said: str) -> None:
    (line,) = problems(tmp_path, f"{GOOD}{section}\n")
    assert said in line


def test_a_missing_section_is_named(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, changed('[context]\nkind = "district"', ""))
    assert line == "study.toml: the section [context] is missing."


# --- files ---------------------------------------------------------------------------------------------------------


def test_paths_start_from_the_study_file_and_may_leave_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (tmp_path / "people.tif").touch()
    study = load_study(written(folder, GOOD + '[people]\nmethod = "raster"\nfile = "../people.tif"\n'))
    assert isinstance(study.people, RasterPeople)
    assert study.people.file == (tmp_path / "people.tif").resolve()
    assert study.name_of(study.people.file) == "../people.tif"


def test_a_missing_file_is_named_with_the_place_looked(tmp_path: Path) -> None:
    (line,) = problems(tmp_path, GOOD + '[people]\nmethod = "raster"\nfile = "people.tif"\n')
    assert 'there is no file "people.tif"' in line
    assert str(tmp_path.resolve() / "people.tif") in line


def test_a_misspelt_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "people_2020.tif").touch()
    (line,) = problems(tmp_path, GOOD + '[people]\nmethod = "raster"\nfile = "people_2002.tif"\n')
    assert "Did you mean people_2020.tif" in line


# --- bytes and syntax ----------------------------------------------------------------------------------------------


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()))
    assert study.name == "Toy city"
    assert not study.text.startswith("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf16_is_one_clear_error(tmp_path: Path, encoding: str) -> None:
    (line,) = problems(tmp_path, GOOD.encode(encoding))
    assert line == "study.toml is written in UTF-16. Save it again as UTF-8 (in most editors: Save as, Encoding)."


@pytest.mark.parametrize(("encoding", "name", "found"), [("latin-1", "Kópavogur", "0xF3"), ("gbk", "武汉", "0xCE")])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_another_encoding_names_the_byte(tmp_path: Path, encoding: str, name: str, found: str, mark: bytes) -> None:
    content = mark + changed("Toy city", name).encode(encoding)
    (line,) = problems(tmp_path, content)
    said = re.search(r"byte (\d+), in line 3, is (0x..)\. Save it again as UTF-8", line)
    assert said is not None
    position = int(said[1]) - 1
    assert said[2] == found
    assert content[position] == int(found, 16)


@pytest.mark.parametrize(
    ("new", "line", "hint"),
    [
        ("name = Toy city", 3, "words stand in quotation marks"),
        ('name = "Toy', 3, "opened and not closed"),
        ('name = "C:\\data"', 3, "write paths with /"),
        ('name = "C:\\Users\\me\\b.geojson"', 3, "write paths with /"),
        ('name = "a"\nname = "b"', 4, "stands twice"),
        ("name", 3, "followed by ="),
        ("name = [1, 2", None, "opened and not closed"),
        ("name = 2019-13-45", 3, "A day reads 2019-05-15"),
    ],
)
def test_what_is_not_toml_names_line_and_column(tmp_path: Path, new: str, line: int | None, hint: str) -> None:
    (said,) = problems(tmp_path, changed('name = "Toy city"', new))
    assert re.match(rf"study\.toml, line {line or chr(92) + 'd+'}, column \d+ cannot be read", said)
    assert hint in said


def test_no_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="There is no study file"):
        load_study(tmp_path / "study.toml")
    with pytest.raises(StudyError, match="is a folder"):
        load_study(tmp_path)


# --- indicators and travel -----------------------------------------------------------------------------------------


def test_indicators_and_settings_are_checked_by_the_catalogue(tmp_path: Path) -> None:
    text = (
        GOOD
        + '[indicators]\nonly = ["population_densty"]\n'
        + "[indicators.settings.residents_near_any_stop]\ndistence_m = 400\ndistance_m = 'far'\n"
    )
    near, setting, number = problems(tmp_path, text)
    assert "[indicators] only" in near
    assert "population_density" in near
    assert setting.endswith("this indicator has no setting distence_m. Known: distance_m.")
    assert "a number" in number


def test_values_of_settings_are_checked_like_the_catalogue_does(tmp_path: Path) -> None:
    text = (
        GOOD
        + "[indicators.settings.residents_near_frequent_stop]\ndistance_m = -500\nheadway_min = nan\nstart_h = 20\n"
        + "[indicators.settings.residents_near_daily_needs]\nminutes = '10'\nspeed_m_per_min = [60]\n"
        + "[indicators.settings.median_block_area]\nmin_block_m2 = {a = 1}\n"
    )
    said = problems(tmp_path, text)
    lines = text.splitlines()
    found = [(lines[int(line.split(":")[1].split()[0]) - 1].split(" ")[0], line) for line in said]
    assert [key for key, _ in found] == [
        *("distance_m", "headway_min", "start_h", "minutes", "speed_m_per_min", "min_block_m2"),
    ]
    assert "-500 cannot be used. It must be between 50 and 5000." in said[0]


def test_a_list_of_numbers_and_a_window_are_settings(tmp_path: Path) -> None:
    good = GOOD + "[indicators.settings.residents_near_daily_needs]\nminutes = [10, 20]\nspeed_m_per_min = 66.5\n"
    assert load_study(written(tmp_path, good)).indicators.settings == {
        "residents_near_daily_needs": {"minutes": [10, 20], "speed_m_per_min": 66.5}
    }
    (window,) = problems(tmp_path, GOOD + "[indicators.settings.residents_near_frequent_stop]\nstart_h = 20\n")
    assert "The window runs from 20 to 19 h." in window


def test_settings_and_choice_are_kept(tmp_path: Path) -> None:
    text = (
        GOOD
        + "[indicators]\nonly = ['street_density']\n[indicators.settings.residents_near_any_stop]\ndistance_m = 400\n"
    )
    study = load_study(written(tmp_path, text))
    assert study.indicators.only == ("street_density",)
    assert study.indicators.settings == {"residents_near_any_stop": {"distance_m": 400}}


TRAVEL = """
[travel]
trips_per_resident_day = 4.1
day_kind = "weekday"
place = "here"
year = "2017"
trips_source = "survey"

[[travel.modes]]
mode = "cycle"
trip_share = 0.06
share_source = "survey"
factor = "cycle_operational"

[[travel.modes]]
mode = "car"
trip_share = 0.76
share_source = "survey"
occupancy = 1.3
occupancy_source = "counts"
factor = "petrol_car_average_uk_2025"
"""


def test_travel_becomes_a_declaration_with_all_sources(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, GOOD + TRAVEL))
    assert study.travel is not None
    declared = study.travel.declaration()
    assert declared.trips_per_resident_day == 4.1
    assert [mode.trip_share for mode in declared.modes] == [0.06, 0.76]
    assert declared.modes[1].source == "survey; counts"
    assert declared.modes[1].mean_length_km is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("trip_share = 0.76", "trip_share = 76", "[[travel.modes]] 2 trip_share is 76; it must be 1 or less."),
        ("trip_share = 0.76", "trip_share = 0.96", "[travel]"),
        ('occupancy_source = "counts"', "", "occupancy is given without occupancy_source"),
        ('mode = "car"', 'mode = "cycle"', "[travel]"),
        ('"petrol_car_average_uk_2025"', '"petrol"', "petrol"),
        ('year = "2017"', "yaer = '2017'", "Did you mean year?"),
    ],
)
def test_a_fault_in_travel_is_said_before_anything_is_computed(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TRAVEL
    lines = problems(tmp_path, GOOD + TRAVEL.replace(old, new))
    assert any(said in line for line in lines)


# --- people --------------------------------------------------------------------------------------------------------

TOWNS = """
[osm]
online = true
[people]
method = "settlements"
[[people.settlements]]
name = "A"
boundary = "relation/1"
"""


@pytest.mark.parametrize(
    ("total", "said"),
    [
        ('node = "nod/1"', "[[people.settlements]] 1 node is"),
        ("", "give either node"),
        ('node = "node/1"\nresidents = 5\nsource = "census"', "give either node"),
        ("residents = 5", "residents is given without source"),
        ('node = "node/1"\nsource = "census"', "source is given without residents"),
        ('residents = 0\nsource = "census"', "must be more than 0"),
        ('resident = 5\nnode = "node/1"', "Did you mean residents?"),
    ],
)
def test_one_fault_of_a_town_is_one_sentence(tmp_path: Path, total: str, said: str) -> None:
    (line,) = problems(tmp_path, GOOD + TOWNS + total)
    assert said in line


def test_the_total_of_a_town_may_be_typed(tmp_path: Path) -> None:
    people = load_study(written(tmp_path, GOOD + TOWNS + 'residents = 378675\nsource = "census"')).people
    assert isinstance(people, SettlementPeople)
    assert [(town.node, town.residents, town.source) for town in people.settlements] == [(None, 378675, "census")]


# --- language ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_known_though_the_rest_is_wrong(tmp_path: Path, language: str) -> None:
    text = changed('name = "Toy city"', f'name = \nlanguage = "{language}"')
    assert declared_language(written(tmp_path, text)) == language
    assert declared_language(tmp_path / "none.toml") == "en"


def test_a_question_in_two_languages(tmp_path: Path) -> None:
    text = changed('name = "Toy city"', 'name = "Toy city"\nquestion = { en = "Why?", zh = "为何？" }')
    study = load_study(written(tmp_path, text))
    assert [m.values["words"] for m in study.story_in("zh")] == ["为何？"]
    one = load_study(written(tmp_path, changed('name = "Toy city"', 'name = "Toy city"\nquestion = "Why?"')))
    assert [m.values["words"] for m in one.story_in("zh")] == ["Why?"]
