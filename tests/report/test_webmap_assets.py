"""The vendored files are the ones of the manifest, and what is missing or changed is refused."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from spatial.errors import InputError
from spatial.report.webmap import assets
from spatial.report.webmap.vendor import HERE, PINS, Pin, unpack


def test_the_manifest_names_every_file_with_its_hash() -> None:
    entries = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    files = {p.relative_to(HERE).as_posix() for p in HERE.rglob("*") if p.is_file()}
    assert files == {e["path"] for e in entries} | {"manifest.json", ".gitattributes"}
    for entry in entries:
        content = (HERE / entry["path"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == entry["sha256"]
        assert len(content) == entry["bytes"]
        assert (entry["name"], entry["version"], entry["licence"]) == ("leaflet", "1.9.4", "BSD-2-Clause")


def test_the_pin_and_the_manifest_agree() -> None:
    assert {f"{pin.name}/{pin.version}/{name}" for pin in PINS for _, name in pin.files} == set(assets.manifest())


def test_scripts_and_styles_ask_for_nothing() -> None:
    assert "sourceMappingURL" not in assets.script("leaflet/1.9.4/leaflet.js")
    style = assets.style("leaflet/1.9.4/leaflet.css")
    assert style.count("url(") == style.count("url(data:image/png;base64,") == 3


def test_a_file_that_is_not_vendored_is_refused() -> None:
    with pytest.raises(InputError, match="jquery"):
        assets.asset("jquery/3.7.1/jquery.js")


def test_a_changed_or_missing_file_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assets.asset.cache_clear()
    original = assets._bytes
    changed = "leaflet/1.9.4/leaflet.js"
    monkeypatch.setattr(assets, "_bytes", lambda path: b"alert(1)" if path == changed else original(path))
    with pytest.raises(InputError, match="was changed"):
        assets.asset(changed)
    assert assets.asset("leaflet/1.9.4/LICENSE").startswith(b"BSD 2-Clause")
    assets.asset.cache_clear()
    with pytest.raises(InputError, match="not part of this installation"):
        original("leaflet/1.9.4/lost.js")


def test_a_tarball_with_another_checksum_is_refused(tmp_path: Path) -> None:
    tarball = tmp_path / "p.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        member = tarfile.TarInfo("package/a.js")
        member.size = 2
        archive.addfile(member, io.BytesIO(b"ok"))
    pin = Pin("p", "1.0", "sha512-other", "MIT", (("package/a.js", "a.js"),))
    with pytest.raises(SystemExit, match="expected sha512-other"):
        unpack(pin, tarball, tmp_path / "out")
    assert not (tmp_path / "out").exists()
