"""Every notebook runs from top to bottom."""

import json
from pathlib import Path

import pytest

SAID = {"01_first_look": "2019-05-09, the date in its header", "05_sample_district": "以名称为准"}
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, capsys) -> None:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    for number, cell in enumerate(cell for cell in cells if cell["cell_type"] == "code"):
        exec(compile("".join(cell["source"]), f"{path.name}[{number}]", "exec"), names)
    results = names["results"]
    assert len(results) > 0
    assert SAID[path.stem] in capsys.readouterr().out
