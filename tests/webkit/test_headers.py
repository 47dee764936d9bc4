"""Security headers, request numbers, CORS, static files."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from acuse.webkit.assets import asset
from acuse.webkit.install import install
from acuse.webkit.pages import Pages


def an_app(cors_origins: tuple[str, ...] = ()) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    # Not one of our route classes: the last resort must dress and tell its faults.
    @app.get("/bare/bug")
    async def bug() -> None:
        raise RuntimeError("hunter2")

    @app.get("/bare/fine")
    async def fine() -> str:
        return "fine"

    install(app, pages=Pages(), cors_origins=cors_origins)
    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(an_app())


@pytest.mark.parametrize("path", ["/bare/fine", "/bare/bug", "/nothing", asset("acuse.js"), "/favicon.ico"])
def test_every_answer_wears_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    assert "'unsafe" not in headers["Content-Security-Policy"]
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Request-ID"]


def test_a_bug_outside_our_routes_is_told_without_its_inside(client: TestClient) -> None:
    answer = client.get("/bare/bug")
    assert (answer.status_code, answer.json()["error"]) == (500, "INTERNAL_ERROR")
    assert "hunter2" not in answer.text


def test_answers_are_not_stored_and_hashed_files_are_kept_for_ever(client: TestClient) -> None:
    assert client.get("/bare/fine").headers["Cache-Control"] == "no-store"
    answer = client.get(asset("tokens.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"


def test_an_unchanged_file_is_not_sent_again(client: TestClient) -> None:
    first = client.get(asset("tokens.css"))
    again = client.get(asset("tokens.css"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_stale_address_gets_the_present_file_for_a_short_time(client: TestClient) -> None:
    answer = client.get("/static/000000000000/tokens.css")
    assert answer.status_code == 200
    assert "immutable" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/static/x/nothing.css", "/static/x/..%2facuse.js", "/static/x/__init__.py"])
def test_other_files_are_not_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_script_comes_from_its_wheel(client: TestClient) -> None:
    answer = client.get(asset("htmx.min.js"))
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "htmx" in answer.text


def test_strict_transport_is_asked_for_on_https_only() -> None:
    assert "Strict-Transport-Security" not in TestClient(an_app()).get("/bare/fine").headers
    secure = TestClient(an_app(), base_url="https://acuse.example")
    assert "max-age" in secure.get("/bare/fine").headers["Strict-Transport-Security"]


def test_a_well_formed_request_number_is_kept_and_another_is_replaced(client: TestClient) -> None:
    assert client.get("/bare/fine", headers={"X-Request-ID": "abc-12345"}).headers["X-Request-ID"] == "abc-12345"
    assert client.get("/bare/fine", headers={"X-Request-ID": "a b\tc"}).headers["X-Request-ID"] != "a b\tc"


def test_other_origins_are_let_in_only_when_configured(client: TestClient) -> None:
    origin = {"Origin": "https://panel.example"}
    assert "Access-Control-Allow-Origin" not in client.get("/bare/fine", headers=origin).headers
    open_client = TestClient(an_app(("https://panel.example",)))
    for path in ("/bare/fine", "/bare/bug", "/nothing"):
        headers = open_client.get(path, headers=origin).headers
        assert headers.get("Access-Control-Allow-Origin") in {"https://panel.example", None}
    assert (
        open_client.get("/bare/fine", headers=origin).headers["Access-Control-Allow-Origin"] == "https://panel.example"
    )
    assert (
        "Access-Control-Allow-Origin"
        not in open_client.get("/bare/fine", headers={"Origin": "https://evil.example"}).headers
    )
