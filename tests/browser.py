"""Finds the browser that tests open pages in, and starts it with the network counted and refused."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PLACES = (
    "/usr/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)
ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


def find_browser() -> str:
    """The path of a Chromium; without one the test is skipped, or fails where SPATIAL_REQUIRE_BROWSER=1."""
    declared = os.environ.get("SPATIAL_BROWSER")
    candidates = [declared] if declared else [*PLACES, *(shutil.which(name) for name in NAMES)]
    for candidate in candidates:
        if candidate and Path(candidate).is_file():
            return candidate
    message = f"no browser found{f' at {declared}' if declared else ''}; set SPATIAL_BROWSER to a Chromium or Chrome"
    if os.environ.get("SPATIAL_REQUIRE_BROWSER") == "1":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def browser() -> Iterator[Any]:
    """A running headless browser (playwright)."""
    executable = find_browser()
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if os.environ.get("SPATIAL_REQUIRE_BROWSER") == "1":
            pytest.fail("playwright is not installed")
        pytest.skip("playwright is not installed")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            yield started
        finally:
            started.close()


@contextmanager
def opened(started: Any, file: Path, *, width: int = 1280, height: int = 800) -> Iterator[tuple[Any, list[str]]]:
    """A page opened from disk, and a list that fills with console errors and with every request but the file's own."""
    context = started.new_context(viewport={"width": width, "height": height}, offline=True)
    page = context.new_page()
    trouble: list[str] = []
    address = file.resolve().as_uri()
    page.on("request", lambda r: None if r.url == address or r.url.startswith("data:") else trouble.append(r.url))
    page.on("console", lambda m: trouble.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(address)
    try:
        yield page, trouble
    finally:
        context.close()
