"""Overpass, against a stub server on this machine: complete answers are saved, all others refused."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from osm_toy import BOX, UTM, Toy

from spatial.errors import InputError
from spatial.model.provenance import Ledger
from spatial.sources.osm import read_osm
from spatial.sources.osm.online import fetch_osm, overpass_query
from spatial.text import LANGUAGES

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<osm version="0.6">\n<meta osm_base="2024-03-01T10:00:00Z"/>\n'


@contextmanager
def server(
    body: bytes, *, code: int = 200, promised: int | None = None, wait_s: float = 0
) -> Iterator[tuple[str, list[str]]]:
    """A server that gives one answer to everything; yields its address and the questions it was asked."""
    asked: list[str] = []

    class Stub(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())["data"][0])
            time.sleep(wait_s)
            self.send_response(code)
            self.send_header("Content-Length", str(promised or len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except ConnectionError:
                return

        def log_message(self, format: str, *values: object) -> None:
            return

    stub = ThreadingHTTPServer(("127.0.0.1", 0), Stub)
    thread = threading.Thread(target=stub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{stub.server_port}/api/interpreter", asked
    finally:
        stub.shutdown()
        stub.server_close()
        thread.join()


def answer(tmp_path) -> bytes:
    toy = Toy()
    toy.way(1, (0, 0), (100, 0), highway="residential")
    written = toy.write(tmp_path / "answer.osm", date="").read_bytes()
    return HEAD + written[written.index(b"<node") :]


def refused(tmp_path, body: bytes, **how: object) -> str:
    """The key of the one message with which fetching ends; nothing is left in the folder."""
    folder = tmp_path / "saved"
    timeout_s = how.pop("timeout_s", 10.0)
    with server(body, **how) as (endpoint, _), pytest.raises(InputError) as caught:
        fetch_osm(BOX, folder, endpoint=endpoint, ledger=Ledger(), timeout_s=timeout_s)
    assert list(folder.iterdir()) == []
    for language in LANGUAGES:
        assert "127.0.0.1" in caught.value.in_language(language)
    return caught.value.messages[0].key


def test_a_complete_answer_is_saved_with_its_date_and_read_like_any_file(tmp_path):
    ledger = Ledger()
    with server(answer(tmp_path)) as (endpoint, asked):
        saved = fetch_osm(BOX, tmp_path / "saved", endpoint=endpoint, ledger=ledger)
    assert saved.name.endswith("_2024-03-01.osm")
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]
    assert asked == [overpass_query(BOX, timeout_s=180)]
    assert [entry.message.key for entry in ledger.entries] == ["osm_online.saved"]
    extract = read_osm(saved, box=BOX, crs=UTM, ledger=ledger)
    assert extract.date == "2024-03-01"
    assert len(extract.paths.edges) == 1


def test_a_newer_answer_replaces_a_file_of_the_same_day(tmp_path):
    for _ in range(2):
        with server(answer(tmp_path)) as (endpoint, _):
            saved = fetch_osm(BOX, tmp_path / "saved", endpoint=endpoint, ledger=Ledger())
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_the_question_is_south_west_north_east():
    assert "nwr(63.9800000,-22.1500000,64.3000000,-21.5500000)" in overpass_query(
        (-22.15, 63.98, -21.55, 64.30), timeout_s=60
    )
    assert overpass_query(BOX, timeout_s=60).startswith("[out:xml][timeout:60];")


def test_partial_answers_are_refused(tmp_path):
    whole = answer(tmp_path)
    remark = b'<remark> runtime error: Query timed out in "query" at line 2 after 180 seconds. </remark>\n</osm>\n'
    assert refused(tmp_path, whole.replace(b"</osm>", remark)) == "osm_online.remark"
    assert refused(tmp_path, whole[: len(whole) // 2]) == "osm_online.cut_off"
    assert refused(tmp_path, whole, promised=len(whole) + 100) == "osm_online.cut_off"


def test_answers_that_are_no_map_are_refused(tmp_path):
    assert refused(tmp_path, b"<html><body>Please wait</body></html>") == "osm_online.not_osm"
    assert refused(tmp_path, b'{"elements": []}') == "osm_online.not_osm"


@pytest.mark.parametrize(
    ("code", "key"), [(429, "osm_online.busy"), (504, "osm_online.busy"), (400, "osm_online.refused")]
)
def test_http_errors_are_said(tmp_path, code, key):
    assert refused(tmp_path, b"no", code=code) == key


def test_a_server_that_is_too_slow(tmp_path):
    assert refused(tmp_path, b"late", wait_s=1.0, timeout_s=0.2) == "osm_online.timeout"


def test_a_server_that_is_not_there(tmp_path):
    with server(b"") as (endpoint, _):
        pass
    with pytest.raises(InputError) as caught:
        fetch_osm(BOX, tmp_path / "saved", endpoint=endpoint, ledger=Ledger(), timeout_s=2)
    assert caught.value.messages[0].key == "osm_online.unreachable"


@pytest.mark.parametrize("endpoint", ["file:///etc/hostname", "overpass.example/api", ""])
def test_only_web_addresses_are_asked(tmp_path, endpoint):
    with pytest.raises(InputError) as caught:
        fetch_osm(BOX, tmp_path / "saved", endpoint=endpoint, ledger=Ledger())
    assert caught.value.messages[0].key == "osm_online.endpoint"
    assert not (tmp_path / "saved").exists()
