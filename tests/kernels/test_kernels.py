"""The house decorator: one signature a kernel, kept on disk by the hash of all sources, or not kept and said so."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from spatial import kernels
from spatial.kernels import Kernel, cache_note, kernel, shortest_paths, sources_hash
from spatial.text import Message, render

TRY = """
import numpy as np
from spatial.kernels import cache_note
from spatial.kernels.shortest_paths import nearest_mm
i = lambda *a: np.array(a, np.int32)
print(nearest_mm(i(0, 1, 2), i(1, 0), i(5, 5), i(0), i(3), 100).tolist())
print(cache_note() is None, sum(nearest_mm.dispatcher.stats.cache_hits.values()))
"""


@pytest.fixture
def fresh_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(kernels._numba_config, "CACHE_DIR", str(tmp_path))
    kernels._cache_folder.cache_clear()
    yield tmp_path
    kernels._cache_folder.cache_clear()


def run(cache: Path) -> list[str]:
    there = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    made = subprocess.run([sys.executable, "-c", TRY], env=there, capture_output=True, text=True, check=True)
    return made.stdout.split("\n")[:2]


def all_kernels() -> list[Kernel]:
    return [value for value in vars(shortest_paths).values() if isinstance(value, Kernel)]


def test_a_kernel_has_one_signature_for_fresh_and_frozen_arrays() -> None:
    first, head, length = (np.array(a, np.int32) for a in ([0, 1, 2], [1, 0], [5, 5]))
    for _ in range(2):
        found = shortest_paths.nearest_mm(first, head, length, np.array([0], np.int32), np.array([3], np.int32), 100)
        assert found.tolist() == [3, 8]
        for array in (first, head, length):
            array.setflags(write=False)
    assert len(all_kernels()) == 3
    for one in all_kernels():
        assert len(one.dispatcher.signatures) <= 1, one.__name__
    assert len(shortest_paths.nearest_mm.dispatcher.signatures) == 1


def test_other_types_are_refused_and_not_compiled_for() -> None:
    wide = np.array([0, 1, 2], np.int64)
    narrow = np.array([1, 0], np.int32)
    with pytest.raises(TypeError, match="No matching definition"):
        shortest_paths.nearest_mm(wide, narrow, narrow, narrow, narrow, 10)


def test_the_second_process_reads_what_the_first_compiled(tmp_path: Path) -> None:
    assert run(tmp_path) == ["[3, 8]", "True 0"]
    assert run(tmp_path) == ["[3, 8]", "True 1"]
    assert [path.name for path in (tmp_path / "spatial-kernels").iterdir()] == [sources_hash()]


def test_the_hash_covers_every_source_and_numbas_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = sources_hash()
    read = Path.read_bytes
    for name in ("__init__.py", "shortest_paths.py"):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "read_bytes", lambda path, n=name: read(path) + (b"#" if path.name == n else b""))
            assert sources_hash() != before
    monkeypatch.setattr(kernels.numba, "__version__", "0.0")
    assert sources_hash() != before


def test_where_nothing_is_writable_kernels_run_and_say_so(fresh_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (fresh_folder / "spatial-kernels").write_text("a file where a folder should be", encoding="utf-8")

    @kernel("int64(int64)")
    def twice(x: int) -> int:
        return 2 * x

    assert twice(21) == 42
    note = cache_note()
    assert note is not None
    assert str(fresh_folder) in render(Message(*note), "en")
    assert "编译" in render(Message(*note), "zh")


def test_the_users_own_setting_is_put_back(fresh_folder: Path) -> None:
    @kernel("int64(int64)")
    def thrice(x: int) -> int:
        return 3 * x

    assert thrice(14) == 42
    assert str(fresh_folder) == kernels._numba_config.CACHE_DIR
    assert cache_note() is None
    assert list((fresh_folder / "spatial-kernels" / sources_hash()).rglob("*.nbi"))


@pytest.mark.parametrize(("platform", "variable"), [("win32", "LOCALAPPDATA"), ("linux", "XDG_CACHE_HOME")])
def test_each_system_has_its_own_cache_folder(
    platform: str, variable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kernels._numba_config, "CACHE_DIR", "")
    monkeypatch.setattr(kernels.sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert kernels._cache_root() == tmp_path / "compact-spatial" / "kernels"
    monkeypatch.delenv(variable)
    assert Path.home() in kernels._cache_root().parents


def test_importing_the_package_does_not_load_numba() -> None:
    ask = "import sys, spatial; print('numba' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "False"
