"""The wheel holds all it needs: built here, unpacked elsewhere, it runs the demo from an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from spatial.outputs import check_finished

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run_from(folder: Path, site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONUTF8": "1", "PYTHONWARNINGS": "error"}
    command = [sys.executable, "-m", "spatial", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_data_are_in_the_wheel_once(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    data = [path.relative_to(ROOT) for path in (ROOT / "data").rglob("*") if path.is_file()]
    bundled = sorted(path.as_posix() for path in data if path.parts[1] != "sample_generator")
    assert sorted(name.removeprefix("spatial/") for name in names if name.startswith("spatial/data/")) == bundled


def test_the_metadata_name_the_licences_of_code_and_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("METADATA")]
        text = archive.read(name).decode()
    (line,) = [line for line in text.splitlines() if line.startswith("License-Expression:")]
    assert all(licence in line for licence in ("BSD-3-Clause", "ODbL-1.0", "CC-BY-4.0", "ISC"))


@pytest.mark.slow
def test_the_demo_runs_from_an_empty_folder(unpacked: Path, tmp_path: Path) -> None:
    ran = run_from(tmp_path, unpacked, "demo", "--json")
    assert ran.returncode == 0, ran.stderr
    out = tmp_path / "spatial-demo"
    known = check_finished(out)
    assert {"map.html", "report.html", "results.parquet", "zones.gpkg"} <= set(known["outputs"])
    assert {source["path"].split(":")[0] for source in known["sources"]} == {"bundled"}
    assert json.loads(ran.stdout)
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.slow
def test_a_new_study_runs_as_it_is(unpacked: Path, tmp_path: Path) -> None:
    assert run_from(tmp_path, unpacked, "init", "mine").returncode == 0
    checked = run_from(tmp_path, unpacked, "check", "mine/study.toml")
    assert checked.returncode == 0, checked.stderr
    assert "Add growth" in checked.stdout
    assert list((tmp_path / "mine").iterdir()) == [tmp_path / "mine" / "study.toml"]
