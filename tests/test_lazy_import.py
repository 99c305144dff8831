"""`import spatial` and `spatial --help` load no heavy package; the notebook's names are all there."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import spatial

HEAVY = (
    "numpy", "pandas", "geopandas", "shapely", "pyproj", "numba", "scipy", "folium", "matplotlib", "osmnx", "osmium",
    "rasterio", "networkx", "pyarrow", "pyogrio", "h3", "jinja2",
)  # fmt: skip


def loaded(code: str) -> set[str]:
    """The heavy packages that a fresh interpreter has loaded after some code."""
    tail = "\nimport sys\nprint(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code + tail], capture_output=True, text=True, check=True)
    return set(HEAVY) & set(done.stderr.split())


def test_import_is_light() -> None:
    assert loaded("import spatial; dir(spatial)") == set()


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["run", "--help"], ["demo", "--help"]])
def test_help_is_light(words: list[str]) -> None:
    assert loaded(f"from spatial.cli import app\napp({words!r}, standalone_mode=False)") == set()


def test_the_test_sees_what_is_loaded() -> None:
    assert "shapely" in loaded("import spatial; spatial.StudyArea")


def test_help_runs_as_a_module() -> None:
    done = subprocess.run([sys.executable, "-m", "spatial", "--help"], capture_output=True, text=True, check=True)
    for command in ("init", "check", "indicators", "run", "map", "demo"):
        assert f"  {command} " in done.stdout


@pytest.mark.parametrize("name", spatial.__all__)
def test_every_name_of_the_surface_is_there(name: str) -> None:
    assert getattr(spatial, name) is not None
    assert name in dir(spatial)


def test_the_surface_is_all_that_is_shown() -> None:
    assert dir(spatial) == sorted(spatial.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        importlib.import_module("spatial").nothing  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert spatial.__version__ == project["project"]["version"]
