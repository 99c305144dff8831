"""An output folder is whole or as it was before, and only one run writes into it at a time."""

import importlib
import json
import os
import subprocess
import sys
import textwrap
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

import spatial
from spatial.config import load_study
from spatial.errors import InputError
from spatial.model.provenance import Source
from spatial.outputs import PROVENANCE, check_finished, output_folder, provenance, write_provenance

STUDY = (
    '[study]\nname = "Toy"\n[context]\nkind = "city"\n[area]\nbox = [0, 0, 1, 1]\n[zones]\nkind = "grid"\nsize_m = 9\n'
)


PACKAGE = Path(spatial.__file__).parent
FOLDERS = sorted(path.parent for path in PACKAGE.rglob("__init__.py"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_name_that_a_package_offers_is_there(folder: Path) -> None:
    package = importlib.import_module(".".join(folder.relative_to(PACKAGE.parent).parts))
    assert [name for name in getattr(package, "__all__", ()) if not hasattr(package, name)] == []


def run(out: Path, **files: str) -> None:
    """A whole run that writes these files; double underscores stand for folders."""
    with output_folder(out) as staged:
        for name, text in files.items():
            path = staged / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        write_provenance(staged, {"study": {"name": "Toy"}})


def contents(out: Path) -> dict[str, str]:
    return {p.relative_to(out).as_posix(): p.read_text(encoding="utf-8") for p in out.rglob("*") if p.is_file()}


def test_a_run_is_finished_and_lists_every_output(tmp_path: Path) -> None:
    run(tmp_path / "a" / "b", map="one", figures__x="two")
    found = check_finished(tmp_path / "a" / "b")
    assert found["outputs"] == {"figures/x": sha256(b"two").hexdigest(), "map": sha256(b"one").hexdigest()}
    assert set(contents(tmp_path / "a" / "b")) == {"map", "figures/x", PROVENANCE}


def test_a_second_run_replaces_the_first_and_leaves_no_stale_file(tmp_path: Path) -> None:
    run(tmp_path, map="one", old="gone")
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    run(tmp_path, map="two")
    assert contents(tmp_path).keys() == {"map", "notes.txt", PROVENANCE}
    assert check_finished(tmp_path)["outputs"].keys() == {"map"}
    assert (tmp_path / "map").read_text(encoding="utf-8") == "two"


def fail(out: Path) -> None:
    with output_folder(out) as staged:
        (staged / "map").write_text("half", encoding="utf-8")
        raise ZeroDivisionError


def test_a_failure_leaves_the_results_of_before(tmp_path: Path) -> None:
    run(tmp_path, map="one")
    before = contents(tmp_path)
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path)
    assert contents(tmp_path) == before
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []
    assert check_finished(tmp_path)


def test_a_failure_leaves_no_folder_that_was_not_there(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        fail(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


KILLED = """
    import os, sys
    from pathlib import Path
    from spatial.outputs import output_folder
    with output_folder(Path(sys.argv[1])) as staged:
        (staged / "map").write_text("half")
        os._exit(9)
"""


def test_a_killed_run_leaves_the_results_of_before_and_the_next_one_clears_up(tmp_path: Path) -> None:
    run(tmp_path, map="one")
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)], check=False)
    assert killed.returncode == 9
    assert any(p.name.startswith(".partial-") for p in tmp_path.iterdir())
    assert check_finished(tmp_path)
    assert (tmp_path / "map").read_text(encoding="utf-8") == "one"
    run(tmp_path, map="two")
    assert contents(tmp_path).keys() == {"map", PROVENANCE}


def test_a_crash_while_moving_is_an_unfinished_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, a="one", b="one")
    original = Path.replace

    def full_disk(self: Path, target: Path) -> Path:
        if target.name == "b":
            raise PermissionError(13, "Permission denied")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(InputError, match=r"b cannot be replaced: Permission denied"):
        run(tmp_path, a="two", b="two")
    monkeypatch.undo()
    with pytest.raises(InputError, match="no finished run"):
        check_finished(tmp_path)
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    run(tmp_path, a="three", b="three")
    assert check_finished(tmp_path)


HOLDS = """
    import sys
    from pathlib import Path
    from spatial.outputs import output_folder
    with output_folder(Path(sys.argv[1])):
        print("held", flush=True)
        sys.stdin.read()
        raise SystemExit(0)
"""


def test_two_runs_at_once_are_one_clear_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDS), str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(InputError) as caught:
            run(tmp_path, map="mine")
        assert len(caught.value.messages) == 1
        assert f"process {other.pid}" in str(caught.value)
        assert "另一次运行" in caught.value.in_language("zh")
        with pytest.raises(InputError):
            run(tmp_path, map="mine")
        other.communicate("")
    run(tmp_path, map="mine")
    assert check_finished(tmp_path)


def test_two_runs_of_one_process_are_kept_apart(tmp_path: Path) -> None:
    with output_folder(tmp_path) as staged:
        with pytest.raises(InputError, match=f"process {os.getpid()}"):
            run(tmp_path, map="other")
        (staged / "map").write_text("mine", encoding="utf-8")
        write_provenance(staged, {})
    assert (tmp_path / "map").read_text(encoding="utf-8") == "mine"


def test_the_lock_goes_away(tmp_path: Path) -> None:
    run(tmp_path, map="one")
    assert not (tmp_path / ".lock").exists()


def test_an_update_replaces_one_file_and_its_fingerprint(tmp_path: Path) -> None:
    run(tmp_path, map="one", table="two")
    with output_folder(tmp_path, update=True) as staged:
        (staged / "map").write_text("three", encoding="utf-8")
    found = check_finished(tmp_path)
    assert found["study"] == {"name": "Toy"}
    assert found["outputs"]["map"] == sha256(b"three").hexdigest()
    assert (tmp_path / "table").read_text(encoding="utf-8") == "two"


def test_an_update_of_an_unfinished_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no finished run"), output_folder(tmp_path / "none", update=True):
        pass
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"outputs": 3}'])
def test_a_damaged_provenance_is_unfinished(tmp_path: Path, broken: str) -> None:
    run(tmp_path, map="one")
    (tmp_path / PROVENANCE).write_text(broken, encoding="utf-8")
    with pytest.raises(InputError, match="no finished run"):
        check_finished(tmp_path)


def test_changed_and_missing_outputs_are_named_at_once(tmp_path: Path) -> None:
    run(tmp_path, a="one", b="two", c="three")
    (tmp_path / "a").write_text("changed", encoding="utf-8")
    (tmp_path / "c").unlink()
    with pytest.raises(InputError, match="a, c"):
        check_finished(tmp_path)


def test_a_file_in_the_way_is_said(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    for out in (tmp_path / "out", tmp_path / "out" / "inner"):
        with pytest.raises(InputError, match="a file is in the way"), output_folder(out):
            pass


def test_provenance_must_come_last(tmp_path: Path) -> None:
    def late() -> None:
        with output_folder(tmp_path) as staged:
            write_provenance(staged, {})
            (staged / "late").touch()

    with pytest.raises(RuntimeError, match="write_provenance"):
        late()
    with pytest.raises(RuntimeError, match="write_provenance"), output_folder(tmp_path):
        pass


def test_old_names_that_leave_the_folder_are_not_followed(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "precious"
    outside.touch()
    run(out, map="one")
    found: dict[str, Any] = json.loads((out / PROVENANCE).read_text(encoding="utf-8"))
    found["outputs"]["../precious"] = ""
    (out / PROVENANCE).write_text(json.dumps(found), encoding="utf-8")
    run(out, map="two")
    assert outside.exists()


def test_provenance_says_what_the_run_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(STUDY, encoding="utf-8")
    source = Source("osm", "Extract", "x.osm.pbf", "2019-05-09", "ODbL 1.0", "© OpenStreetMap contributors", "ab12")
    made = provenance(load_study(tmp_path / "study.toml"), [source], language="zh", seconds={"read": 1.2345})
    assert made["study"] == {
        "name": "Toy",
        "file": "study.toml",
        "sha256": sha256(STUDY.encode()).hexdigest(),
        "text": STUDY,
    }
    assert made["sources"][0]["sha256"] == "ab12"
    assert made["seconds"] == {"read": 1.23}
    assert made["libraries"]["numpy"]
    assert str(tmp_path) not in json.dumps(made)
