"""The files of the phone pages: which there are, with what promises, and what they may load."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import PurePosixPath

import httpx
import pytest
from fastapi import FastAPI

from api.static_files import FOLDER, SERVICE_WORKER, VENDOR, static_files
from tests.house.source import require_none

LOCK = FOLDER / VENDOR / "lock.json"
IMPORT = re.compile(r'^import .*?"([^"]+)";$', re.MULTILINE | re.DOTALL)
WORDS = re.compile(r"^  (\w+): \[", re.MULTILINE)
SCANS = ("pickup", "handover", "return", "relays/{relay_id}/scan")
OF_PROGRAMS = re.compile(
    r"idempotency_key_\w+|body_\w+|token_\w+|fields_invalid|origin_refused|request_\w+|scope_missing"
    r"|unsupported_media_type|staff_powers_withheld|second_factor_enrolment_required|\w+_changed"
)
"""Refusals that only a fault in the pages, or other credentials than theirs, can lead to."""


def own_scripts() -> dict[str, str]:
    return {
        name: file.content.decode()
        for name, file in static_files().items()
        if name.endswith(".js") and not name.startswith(VENDOR)
    }


def test_the_libraries_are_those_of_the_lock() -> None:
    locked = {
        path: digest
        for library in json.loads(LOCK.read_text())["libraries"]
        for path, digest in library["files"].items()
    }
    found = {
        path.relative_to(LOCK.parent).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in LOCK.parent.rglob("*")
        if path.is_file() and path != LOCK
    }
    assert found == locked, "Take the released files as they are, and note them in the lock."


def test_every_library_comes_with_its_licence() -> None:
    for library in json.loads(LOCK.read_text())["libraries"]:
        assert any("LICENSE" in path for path in library["files"]), library["name"]


def test_scripts_import_what_is_there() -> None:
    require_none(
        (
            f"{name}: {target}"
            for name, text in own_scripts().items()
            for target in IMPORT.findall(text)
            if str(PurePosixPath(target.removeprefix("./"))) not in static_files()
        ),
        "Correct these imports: no such file is served.",
    )


def test_no_page_has_a_script_or_style_in_itself() -> None:
    for name in ("scan.html", "show.html"):
        page = static_files()[name].content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page), name


def test_the_service_worker_changes_with_any_file_and_keeps_them_all() -> None:
    first_line = static_files()[SERVICE_WORKER].content.partition(b"\n")[0]
    shell = json.loads(first_line.removeprefix(b"self.SHELL = ").removesuffix(b";"))
    kept = {name.removeprefix("/pages/") for name in shell["files"]}
    assert kept == {
        name for name in static_files() if not name.endswith(".html") and name != SERVICE_WORKER
    }
    assert shell["pages"] == ["/scan", "/show"]
    assert re.fullmatch(r"[0-9a-f]{16}", shell["version"])


def test_every_refusal_of_a_scan_has_words(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    known = set(WORDS.findall((FOLDER / "words.js").read_text()))
    possible = {
        code
        for scan in SCANS
        for answer in paths[f"/v1/deliveries/{{delivery_id}}/{scan}"]["post"]["responses"].values()
        for code in answer["content"].get("application/problem+json", {}).get("examples", ())
    }
    require_none(
        (code for code in possible - known if not OF_PROGRAMS.fullmatch(code)),
        "Say in api/pages/words.js what each of these means and what to do next.",
    )


@pytest.mark.parametrize(
    ("path", "feature"), [("/scan", "camera=(self)"), ("/show", "geolocation=(self)")]
)
async def test_a_page_may_use_what_it_needs_and_load_nothing_from_elsewhere(
    http: httpx.AsyncClient, path: str, feature: str
) -> None:
    answer = await http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy
    assert feature in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-cache"


async def test_what_a_browser_has_is_not_sent_again(http: httpx.AsyncClient) -> None:
    first = await http.get("/pages/scan.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    again = await http.get("/pages/scan.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_a_library_is_kept_for_good_and_sent_small(http: httpx.AsyncClient) -> None:
    path = next(name for name in static_files() if name.endswith(".wasm"))
    answer = await http.get(f"/pages/{path}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-type"] == "application/wasm"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == static_files()[path].content
    assert int(answer.headers["content-length"]) < len(answer.content) / 2


@pytest.mark.parametrize(
    "name",
    ["vendor/lock.json", "vendor/idb-8.0.4/LICENSE", "../main.py", "%2e%2e/main.py", "no.js"],
)
async def test_nothing_else_of_the_machine_is_served(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/pages/{name}")
    assert answer.status_code == 404


async def test_other_answers_still_allow_no_camera(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz")
    assert answer.headers["permissions-policy"] == "geolocation=(), camera=(), microphone=()"
