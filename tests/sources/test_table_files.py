"""Tables as planners receive them: letters of any encoding, Excel's ways, zips that are not honest."""

import io
import re
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from spatial.errors import InputError, Problems
from spatial.model.provenance import Ledger
from spatial.sources.archives import check_archive, unpacked
from spatial.sources.encodings import decoded, encoding_of, known_encoding
from spatial.sources.tables import named_columns, numbers, read_table

ROWS = "名称,经度,备注\n美佳超市,114.05,\n中心小学,114.06,两个门\n"
HERE = Path("places.csv")


def read(path: Path, ledger: Ledger | None = None, **given: str) -> list[list[str]]:
    table = read_table(path, ledger=ledger or Ledger(), layer="places", **given)
    return [list(table.columns), *table.to_numpy().tolist()]


def refused(path: Path, **given: str) -> str:
    with pytest.raises(InputError) as caught:
        read_table(path, ledger=Ledger(), layer="places", **given)
    assert re.search(r"[\u4e00-\u9fff]", caught.value.in_language("zh"))
    return str(caught.value)


@pytest.mark.parametrize(
    ("encoding", "said"),
    [("utf-8", []), ("utf-8-sig", []), ("utf-16", []), ("gbk", ["GB18030"]), ("gb18030", ["GB18030"])],
)
def test_letters_are_found(tmp_path: Path, encoding: str, said: list[str]) -> None:
    path, ledger = tmp_path / "places.csv", Ledger()
    path.write_bytes(ROWS.encode(encoding))
    expected = [["名称", "经度", "备注"], ["美佳超市", "114.05", ""], ["中心小学", "114.06", "两个门"]]
    assert read(path, ledger) == expected
    assert [entry.message.values["encoding"] for entry in ledger.entries] == said


def test_a_declared_encoding_decides_or_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_bytes(ROWS.encode("big5", errors="ignore"))
    assert read(path, encoding="big5")[0][0] == "名"  # Big5 has no 称
    path.write_bytes(ROWS.encode("gbk"))
    assert "first fault: byte 1" in refused(path, encoding="utf-8")
    assert "no encoding called latin9000" in refused(path, encoding="latin9000")
    path.write_bytes(b"a,b\n\xff\xff,\x80\x20\n")
    assert "neither UTF-8 nor GB18030" in refused(path)


def test_names_of_encodings() -> None:
    assert [known_encoding(name, HERE) for name in ("936", "GBK", "cp936", "UTF-8", "gb2312")] == [
        "gb18030", "gb18030", "gb18030", "utf-8", "gb18030",
    ]  # fmt: skip


def test_fields_cut_in_the_middle_of_a_letter() -> None:
    cut = "商业服务业".encode()[:10]
    assert encoding_of([cut]) != "utf-8"
    assert encoding_of([], [cut]) == "utf-8"
    assert encoding_of([], [b"\xff\xff\xff\xff\xff\xff"]) is None


@pytest.mark.parametrize("word", ["是", "类", "路段", "居住用地", "联通"])
def test_short_words_in_gbk_are_not_taken_for_cut_utf8(word: str) -> None:
    assert encoding_of([b"R2", word.encode("gbk")]) == "gb18030"
    assert encoding_of([word.encode()]) == "utf-8"


@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_separators(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "places.txt"
    path.write_text(ROWS.replace(",", separator), encoding="utf-8")
    assert read(path)[1] == ["美佳超市", "114.05", ""]


def workbook(path: Path, *sheets: str) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    for name in sheets:
        sheet = book.create_sheet(name)
        sheet.append(["name", "code", "lon", None])
        sheet.append(["美佳超市", 60400, 114.05, None])
        sheet.append([None, None, None, None])
    book.save(path)
    return path


def test_a_workbook_is_read_like_a_csv(tmp_path: Path) -> None:
    assert read(workbook(tmp_path / "a.xlsx", "one")) == [["name", "code", "lon"], ["美佳超市", "60400", "114.05"]]
    two = workbook(tmp_path / "b.xlsx", "one", "two")
    assert "one, two" in refused(two)
    assert "no sheet three" in refused(two, sheet="three")
    assert read(two, sheet="two")[1][0] == "美佳超市"


def test_what_is_no_table_is_said(tmp_path: Path) -> None:
    def file(name: str, content: bytes = b"x") -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    assert "There is no file gone.csv" in refused(tmp_path / "gone.csv")
    assert "Save it as .xlsx" in refused(file("old.xls"))
    assert "no table" in refused(file("a.pdf"))
    assert "no rows below" in refused(file("empty.csv", b"a,b\n\n"))
    assert "no zip" in refused(file("broken.xlsx"))
    whole, broken = workbook(tmp_path / "good.xlsx", "one"), tmp_path / "cut.xlsx"
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(broken, "w") as cut:
        for entry in good.infolist():
            content = good.read(entry)
            cut.writestr(entry.filename, content[:200] if entry.filename.endswith("sheet1.xml") else content)
    assert "cannot be read as a table" in refused(broken)
    fault = refused(file("bad.csv", b"a,a\n1,2,3\n1,2\n"))
    assert "more than one column called a" in fault
    assert "row 2" in fault
    assert "table" in refused(file("quote.csv", b'a,b\n"1,2\n'))


def test_columns_are_named_once_for_all(tmp_path: Path) -> None:
    path = tmp_path / "places.csv"
    path.write_text(ROWS, encoding="utf-8")
    table = read_table(path, ledger=Ledger(), layer="places")
    found = named_columns(table, {"lon": "经度"}, path, needed=["lon"], optional=["remark"])
    assert list(found.columns) == ["lon"]
    with pytest.raises(InputError) as caught:
        named_columns(table, {"lon": "lng", "remark": "说明"}, path, needed=["lon", "lat"], optional=["remark"])
    with pytest.raises(InputError, match=r"names longitude.*Known: lon, lat"):
        named_columns(table, {"longitude": "经度"}, path, needed=["lon", "lat"])
    assert len(caught.value.messages) == 1
    assert all(part in str(caught.value) for part in ("lon = 'lng'", "lat", "remark = '说明'", "名称, 经度, 备注"))


def test_numbers_in_full_width_and_wrong_ones(tmp_path: Path) -> None:
    path, problems = tmp_path / "places.csv", Problems()
    path.write_text("n\n１２．５\nx\n\n3\n", encoding="utf-8")
    column = read_table(path, ledger=Ledger(), layer="places")["n"]
    np.testing.assert_array_equal(numbers(column, path, problems, blank=True), [12.5, np.nan, np.nan, 3])
    with pytest.raises(InputError, match="3: 'x'"):
        problems.raise_if_any(InputError)


def zipped(path: Path, *entries: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name), content)
    return path


@pytest.mark.parametrize("name", ["../evil.txt", "/etc/evil", "a/../../evil", "C:\\evil", "..\\evil", "\\\\host\\evil"])
def test_a_zip_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "a.zip", ("good.txt", b""), (name, b""))
    with pytest.raises(InputError, match="outside its own folder"):
        check_archive(path)
    with pytest.raises(InputError), unpacked(path):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(InputError, match="outside its own folder"):
        check_archive(tmp_path / "a.zip")


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = {"archive_most_mb": 1.0, "archive_most_files": 3.0}
    monkeypatch.setattr("spatial.sources.archives.parameter", small.__getitem__)
    with pytest.raises(InputError, match="more than 1 MB"):
        check_archive(zipped(tmp_path / "a.zip", ("a", b"0" * 2**21)))
    with pytest.raises(InputError, match="too many files: 4"):
        check_archive(zipped(tmp_path / "b.zip", *((str(n), b"") for n in range(4))))


def test_a_zip_that_lies_about_its_size_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spatial.sources.archives.parameter", {"archive_most_mb": 1.0, "archive_most_files": 9.0}.get)
    raw = bytearray(zipped(tmp_path / "a.zip", ("a", b"0" * 2**21)).read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    (tmp_path / "a.zip").write_bytes(raw)
    with pytest.raises(InputError), unpacked(tmp_path / "a.zip"):
        pass


def test_chinese_names_in_a_zip_of_windows(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("AAAA.txt", b"1")
    (tmp_path / "a.zip").write_bytes(raw.getvalue().replace(b"AAAA", "规划".encode("gbk")))
    (tmp_path / "b.zip").write_bytes(raw.getvalue().replace(b"AAAA", "规".encode() + b"A"))
    with unpacked(tmp_path / "b.zip") as folder:
        assert [path.name for path in folder.iterdir()] == ["规A.txt"]
    with unpacked(tmp_path / "a.zip") as folder:
        assert [path.name for path in folder.iterdir()] == ["规划.txt"]
    assert not folder.exists()


def test_a_mark_at_the_head_is_enough() -> None:
    assert decoded("名".encode("utf-16"), HERE, ledger=Ledger(), layer="x") == "名"
