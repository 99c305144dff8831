"""The report page: what it says, in both languages, and that it is whole, accessible and needs nothing else."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import browser, opened

from spatial.model.district import District
from spatial.model.results import COLUMNS, Missing, ResultTable
from spatial.parameters import parameter_rows
from spatial.report import sections
from spatial.report.page import render_page, save_report
from spatial.report.sentences import HEADLINES, of_hundred, plain_sentences, unsaid
from spatial.text import LANGUAGES, Message, has, lookup

STORY = {
    "en": ("Can the town keep its promise?", "It promised much & <more>."),
    "zh": ("这座城市能否兑现承诺？", "它承诺了很多。"),
}
# Names, licence names and coordinate systems are the same in every language.
NAMES = {
    "Ewing",
    "Cervero",
    "Craig",
    "GHSCI",
    "Overpass",
    "OpenStreetMap",
    "ODbL",
    "WorldPop",
    "Counts",
    "EPSG",
    "epsg",
    "Sons",
    "skjuv",
    "UTM",
    "spatial",
    "https",
    "SHA",
}
VOID = {"meta", "br", "img", "link", "input", "hr", "rect", "circle", "path"}


class Page(HTMLParser):
    """The page's elements in order, and its text outside what is declared to be English or code."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.foreign: list[str] = []
        self.words: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(source)
        self.close()
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        self.words += [given[name] for name in ("alt", "aria-label", "title") if name in given]
        if tag not in VOID:
            foreign = tag in ("code", "style") or (given.get("lang") == "en" and tag != "html")
            self._open.append((tag, foreign or any(f for _, f in self._open)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        opened_tag, _ = self._open.pop()
        assert opened_tag == tag, f"<{opened_tag}> closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        if not (self._open and self._open[-1][1]):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [given for name, given in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="session", params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def path(district: District, results: ResultTable, language: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report") / f"report_{language}.html"
    story = [Message("study.said", {"words": words}) for words in STORY[language]]
    context = {"kind": "district", "state": "plan", "country": "IS", "city_size": "4,000"}
    save_report(district, results, made, language=language, story=story, context=context)
    return made


@pytest.fixture(scope="session")
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def page(source: str) -> Page:
    return Page(source)


def test_the_page_needs_nothing_else(source: str, page: Page) -> None:
    assert not page.all("script")
    assert not page.all("link")
    assert all(image["src"].startswith("data:image/png;base64,") for image in page.all("img"))
    assert all(a["href"].startswith("#") for a in page.all("a"))
    policy = next(m["content"] for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert not re.search(r"url\(|@import|\son\w+=", source)
    assert len(source) < 3_000_000


def test_the_page_is_accessible(page: Page, language: str) -> None:
    assert page.all("html")[0]["lang"] == {"en": "en", "zh": "zh-Hans"}[language]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table")) > 5
    assert all(th.get("scope") in ("col", "row", "rowgroup") for th in page.all("th"))
    assert len(page.all("img")) == 2
    assert all(len(image["alt"]) > 30 for image in page.all("img"))
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    referred = {given[name] for _, given in page.tags for name in ("aria-labelledby",) if name in given}
    referred |= {a["href"][1:] for a in page.all("a")}
    assert referred <= set(ids)


def test_names_are_escaped(source: str) -> None:
    assert "<b>Sons" not in source
    assert "&lt;b&gt;Sons" in source


def test_numbers_stand_in_plain_words(page: Page, results: ResultTable, language: str) -> None:
    share = results.value("residents_near_daily_needs", item="food_shop", at="10 min")
    density = results.value("population_density")
    wanted = {
        "en": (
            f"Of 100 residents, {round(share)} can walk to a food shop in 10 minutes.",
            f"On average {density:,.0f} people live on each square kilometre of land.",
        ),
        "zh": (
            f"每100位居民中，{round(share)}位可在10分钟内步行到达食品店。",
            f"平均每公顷土地居住{density / 100:.1f}人。",
        ),
    }
    for sentence in wanted[language]:
        assert sentence in page.text


def test_what_cannot_be_said_is_listed_with_its_reason(page: Page, results: ResultTable, language: str) -> None:
    assert len(results.missing) >= 3
    for missing in results.missing:
        assert lookup(f"indicator.{missing.indicator}.title", language) in page.text
    assert {"en": "Needs public transport, which the study does not have.", "zh": "需要公共交通"}[language] in page.text
    listed = unsaid(results, language)
    assert len(listed) == 1, "all daily needs together: there is no kindergarten"
    assert lookup("category.kindergarten", language) in listed[0].reason


def test_ledger_sources_parameters_and_licences_are_shown(page: Page, source: str, language: str) -> None:
    assert lookup("assemble.crs_given", language).format(crs="EPSG:32627") in page.text
    assert "1,234" in page.text
    assert "abababababab" in source
    assert lookup("report.unknown_date", language) in page.text
    assert lookup("licence.odbl", language) in page.text
    assert "creativecommons.org/licenses/by/4.0" in page.text
    for id in parameter_rows():
        assert f"<code>{id}</code>" in source
    assert lookup("report.context.plan", language) in page.text
    assert "Ewing &amp; Cervero 2010" in source


def test_no_english_is_left_in_a_chinese_report(page: Page, language: str) -> None:
    if language == "en":
        assert len(re.findall(r"[A-Za-z]{4,}", page.text)) > 500, "the test sees words"
        return
    text = re.sub(r"https?://\S+", "", page.text)
    words = {word for word in re.findall(r"[A-Za-z]{4,}", text) if word not in NAMES}
    assert not words


def test_no_chinese_is_left_in_an_english_report(page: Page, language: str) -> None:
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", page.text)


def test_only_accepted_assumptions_raise_the_banner(
    district: District, results: ResultTable, illustrative: ResultTable, tmp_path: Path
) -> None:
    banner = lookup("report.illustrative", "en")
    for name, table in (("sound", results), ("assumed", illustrative)):
        save_report(district, table, tmp_path / f"{name}.html", language="en")
    assert banner not in (tmp_path / "sound.html").read_text(encoding="utf-8")
    assert banner in (tmp_path / "assumed.html").read_text(encoding="utf-8")


def test_the_same_results_give_the_same_bytes(district: District, results: ResultTable, tmp_path: Path) -> None:
    for name in ("a", "b"):
        save_report(district, results, tmp_path / f"{name}.html", language="zh")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_district_of_which_nothing_is_known(district: District, tmp_path: Path) -> None:
    bare = District(district.area, district.zones)
    nothing = ResultTable(
        pd.DataFrame(columns=list(COLUMNS)),
        (Missing("population_density", Message("compute.layer_missing", {"layers": (Message("layer.people"),)})),),
    )
    save_report(bare, nothing, tmp_path / "r.html", language="en")
    text = Page((tmp_path / "r.html").read_text(encoding="utf-8")).text
    assert "No headline figure could be computed" in text
    assert "Needs residents and jobs, which the study does not have." in text


def test_a_broken_page_leaves_the_old_one(
    district: District, results: ResultTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.html"
    path.write_text("before", encoding="utf-8")

    def broken(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(sections, "ledger_rows", broken)
    with pytest.raises(OSError, match="disk full"):
        save_report(district, results, path, language="en")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert path.read_text(encoding="utf-8") == "before"


def test_shares_as_people_out_of_a_hundred() -> None:
    said = [of_hundred(share, "en") for share in (0, 0.2, 0.6, 2.5, 61.6, 99.4, 99.7, 100)]
    assert said == ["0", "fewer than 1", "1", "3", "62", "99", "more than 99", "100"]
    assert of_hundred(0.2, "zh") == "不到1"


def test_a_doubtful_number_carries_its_caution(results: ResultTable) -> None:
    table = results.table.copy()
    hit = (table["subject_kind"] == "all") & (table["item"] == "food_shop") & (table["at"] == "10 min")
    reason = Message("crs.missing").encode()
    table.loc[hit, ["data_status", "reason"]] = ["doubtful", reason]
    sentences, cautions = plain_sentences(replace(results, table=table), "en")
    assert cautions == [lookup("crs.missing", "en")]
    assert [s.note for s in sentences if "food shop" in s.text] == [1]
    assert {s.note for s in sentences if "food shop" not in s.text} == {0}


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_headline_has_a_sentence(spoken: str) -> None:
    assert all(has(f"report.sentence.{id}", spoken) for id in HEADLINES)
    assert has("report.needed.all_daily_needs", spoken)


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_every_parameter_has_a_name_in_words(spoken: str) -> None:
    unnamed = [id for id in parameter_rows() if not has(f"parameter.{id}", spoken)]
    assert not unnamed


def test_a_later_page_extends_the_frame_and_may_not_forget_a_value() -> None:
    assert "StrictUndefined" not in render_page("base.html.j2", {}, "en")
    with pytest.raises(Exception, match="undefined"):
        render_page("report.html.j2", {"place": "x"}, "en")


def test_nan_is_never_shown(page: Page, results: ResultTable) -> None:
    assert np.isnan(results.table["value"]).any()
    assert not re.search(r"\bnan\b|\bNaN\b|\bNone\b|\binf\b", page.text)


def test_headings_count_like_the_list_of_contents(source: str) -> None:
    contents, main = source.split("<main", 1)
    listed = re.findall(r'<li><a href="#(\w+)">(.*?)</a>', contents)
    assert re.findall(r'<h2 id="(\w+)">(.*?)</h2>', main) == listed
    assert "main h2::before { content: counter(section)" in source


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_land_that_a_number_rests_on_reads_in_square_kilometres(results: ResultTable, spoken: str) -> None:
    row = (
        results.whole()
        .iloc[:1]
        .assign(
            indicator="land_use_entropy", item="", at="", unit="0–1", value=0.5, n=55_542_651.0, n_missing=17_086_317.0
        )
    )
    ((line,),) = [group["lines"] for group in sections.result_groups(ResultTable(row), spoken)]
    said = {
        "en": ("55.5 km² of land", "missing: 17.1 km² of land"),
        "zh": ("55.5平方公里土地", "缺失：17.1平方公里土地"),
    }
    assert (line["n"], line["n_missing"]) == said[spoken]


@pytest.mark.parametrize("spoken", LANGUAGES)
def test_a_source_without_licence_says_so(district: District, spoken: str) -> None:
    bare = replace(district, sources=(replace(district.sources[0], licence="", attribution=""),))
    said = {"en": "licence not stated", "zh": "未注明许可"}
    assert [row["licence"] for row in sections.source_rows(bare, spoken)] == [said[spoken]]


@pytest.mark.browser
def test_the_page_in_a_browser(path: Path) -> None:
    with browser() as started:
        for width in (1280, 320):
            with opened(started, path, width=width) as (tab, problems):
                assert not problems
                wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide == 0, f"the page is wider than a screen of {width} px"
                loaded = tab.evaluate("[...document.images].map(i => i.complete && i.naturalWidth > 1000)")
                assert loaded == [True, True]
                cut = tab.evaluate(
                    "[...document.querySelectorAll('.scroll')].filter(t => t.scrollWidth > t.clientWidth).length"
                )
                assert cut == 0, f"tables are cut off on a screen of {width} px"
                hidden = tab.evaluate("document.querySelector('h1').getBoundingClientRect().height")
                assert hidden > 20
