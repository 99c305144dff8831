"""Fetch the pinned web assets with npm, check them and write the manifest: `python -m spatial.report.webmap.vendor`."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "_assets"


@dataclass(frozen=True)
class Pin:
    """One npm package: the exact version, the tarball's published sha512, and the files that are kept."""

    name: str
    version: str
    integrity: str
    licence: str
    files: tuple[tuple[str, str], ...]


PINS = (
    Pin(
        name="leaflet",
        version="1.9.4",
        integrity="sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
        licence="BSD-2-Clause",
        files=(
            ("package/dist/leaflet.js", "leaflet.js"),
            ("package/dist/leaflet.css", "leaflet.css"),
            ("package/LICENSE", "LICENSE"),
            ("package/dist/images/layers.png", "images/layers.png"),
            ("package/dist/images/layers-2x.png", "images/layers-2x.png"),
            ("package/dist/images/marker-icon.png", "images/marker-icon.png"),
            ("package/dist/images/marker-icon-2x.png", "images/marker-icon-2x.png"),
            ("package/dist/images/marker-shadow.png", "images/marker-shadow.png"),
        ),
    ),
)


def vendor(target: Path) -> list[dict[str, Any]]:
    """Fetch every pinned package into `target` and return the manifest that was written beside them."""
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("npm is needed to fetch the assets anew")
    entries: list[dict[str, Any]] = []
    for pin in PINS:
        with tempfile.TemporaryDirectory() as folder:
            command = [npm, "pack", f"{pin.name}@{pin.version}", "--pack-destination", folder]
            subprocess.run(command, check=True, capture_output=True)  # noqa: S603  the command is spelt out above
            tarball = next(Path(folder).glob("*.tgz"))
            entries += unpack(pin, tarball, target)
    text = json.dumps(entries, indent=1, sort_keys=True) + "\n"
    (target / "manifest.json").write_text(text, encoding="utf-8", newline="\n")
    return entries


def unpack(pin: Pin, tarball: Path, target: Path) -> list[dict[str, Any]]:
    """Write the kept files of one tarball, once its checksum is the pinned one."""
    content = tarball.read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != pin.integrity:
        raise SystemExit(f"{pin.name} {pin.version}: the tarball is {found}, expected {pin.integrity}")
    entries = []
    with tarfile.open(tarball) as archive:
        for member, name in pin.files:
            source = archive.extractfile(member)
            if source is None:
                raise SystemExit(f"{pin.name} {pin.version} has no {member}")
            data = source.read()
            path = f"{pin.name}/{pin.version}/{name}"
            file = target / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
            entries.append(
                {
                    "name": pin.name,
                    "version": pin.version,
                    "licence": pin.licence,
                    "path": path,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "bytes": len(data),
                }
            )
    return entries


if __name__ == "__main__":
    for entry in vendor(HERE):
        sys.stdout.write(f"{entry['path']}  {entry['bytes']} bytes\n")
