"""The app can be installed, and keeps nothing of anybody."""

import json
import re

import pytest
from flask.testing import FlaskClient

from tests.conftest import ROOT


def test_the_manifest_names_a_start_and_icons_that_exist(client):
    answer = client.get("/app/manifeste")
    manifest = json.loads(answer.text)

    assert answer.mimetype == "application/manifest+json"
    assert status(client, manifest["start_url"]) == 200
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    assert {status(client, icon["src"]) for icon in manifest["icons"]} == {200}


def test_the_worker_may_serve_the_first_screen_and_keeps_the_offline_page_alone(client):
    answer = client.get("/app/service-worker.js")

    assert answer.mimetype == "text/javascript"
    assert answer.headers["Service-Worker-Allowed"] == "/app"
    assert kept(answer.text)[0] == "/app/hors-connexion"
    assert {path.split("/")[1] for path in kept(answer.text)[1:]} == {"static"}
    assert {status(client, path) for path in kept(answer.text)} == {200}


def test_what_is_kept_has_no_form_and_gives_no_cookie(client):
    answer = client.get("/app/hors-connexion")

    assert "<form" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_the_worker_is_the_same_for_everybody(app):
    first, second = (app.test_client().get("/app/service-worker.js").text for _ in range(2))

    assert first == second


@pytest.mark.parametrize("path", ["/app", "/app/preparation", "/app/conditions", "/app/connexion"])
def test_a_screen_names_the_manifest_and_is_stored_nowhere(client, path):
    answer = client.get(path)

    assert '<link rel="manifest" href="/app/manifeste">' in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert "<script>" not in answer.text


def test_the_pages_of_the_site_do_not_install_it():
    pages = [p for p in (ROOT / "templates").rglob("*.html") if p.parent.name != "mobile"]

    assert [page for page in pages if "mobile.js" in page.read_text()] == []


def kept(worker: str) -> list[str]:
    found = re.findall(r"^const KEPT = (.*);$", worker, re.MULTILINE)
    paths: list[str] = json.loads(found[0])
    return paths


def status(client: FlaskClient, path: str) -> int:
    with client.get(path) as answer:
        return answer.status_code
