"""A part imports only from rows above it; siblings never import each other."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "spatial"
# Row of each part; a part may import itself and any part of a smaller row.
ROWS = {
    "text": 0, "kernels": 0, "parameters": 0,
    "errors": 1,
    "model": 2, "schemes": 2,
    "sources": 3, "operations": 3,
    "indicators": 4,
    "scenarios": 5, "emissions": 5, "scorecards": 5,
    "report": 6,
    "outputs": 7, "config": 7,
    "assemble": 8, "study": 9, "batch": 10, "cli": 11, "__main__": 12,
}  # fmt: skip
ONLY_IN = {"folium": {"report"}, "matplotlib": {"report"}, "dask": {"batch"}, "typer": {"cli"}, "jinja2": {"report"}}
FORBIDDEN = {"pandana", "cityseer", "pylandstats", "momepy", "neatnet", "gtfs_kit", "exactextract", "urbanaccess"}
FILES = sorted(PACKAGE.rglob("*.py"))


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Every dotted name a file imports, lazy imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative import in line {node.lineno}"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_only_from_rows_above(path: Path) -> None:
    part = part_of(path)
    wrong = []
    for name in imports(path):
        root, _, rest = name.partition(".")
        if root in FORBIDDEN:
            wrong.append(f"{name}: an oracle of the tests, never imported by the package")
        if root in ONLY_IN and part not in ONLY_IN[root]:
            wrong.append(f"{name}: only {sorted(ONLY_IN[root])} may import it")
        if root == "spatial" and rest and part != "__init__":
            other = rest.split(".")[0]
            if other in ROWS and other != part and ROWS[other] >= ROWS[part]:
                wrong.append(f"{name}: row {ROWS[other]} is not above row {ROWS[part]}")
    assert not wrong


def test_every_part_has_a_row() -> None:
    parts = {part_of(path) for path in FILES} - {"__init__"}
    assert parts <= set(ROWS)


def test_no_room_without_a_purpose() -> None:
    vague = [p.name for p in FILES if p.stem in {"utils", "util", "helpers", "common", "misc"}]
    assert not vague


def test_the_test_sees_a_forbidden_import(tmp_path: Path) -> None:
    file = tmp_path / "lazy.py"
    file.write_text("def f():\n    from spatial.report import maps\n", encoding="utf-8")
    assert "spatial.report.maps" in imports(file)
