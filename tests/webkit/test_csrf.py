"""Writes by cookie come from our own pages or not at all."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from acuse.webkit.routes import PageRoute

COOKIE = {"Cookie": "acuse_sesion=1"}


@pytest.fixture
def client() -> TestClient:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter(route_class=PageRoute)

    async def write() -> str:
        return "done"

    router.add_api_route("/api/v1/write", write, methods=["POST", "GET"])
    router.add_api_route("/app/write", write, methods=["POST", "GET"])
    app.include_router(router)
    install(app, pages=Pages(), public_url="https://acuse.example")
    return TestClient(app, base_url="http://inside:8000")


@pytest.mark.parametrize(
    "headers",
    [
        COOKIE | {"Sec-Fetch-Site": "same-origin"},
        COOKIE | {"Sec-Fetch-Site": "none"},
        COOKIE | {"Origin": "http://inside:8000"},
        COOKIE | {"Origin": "https://acuse.example"},
        COOKIE | {"Sec-Fetch-Site": "cross-site", "Authorization": "Bearer x"},
        {},
    ],
)
def test_our_own_pages_and_programs_may_write(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/api/v1/write", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        COOKIE | {"Sec-Fetch-Site": "cross-site"},
        COOKIE | {"Sec-Fetch-Site": "same-site"},
        COOKIE | {"Origin": "https://evil.example"},
        COOKIE | {"Origin": "null"},
        COOKIE | {"Origin": "http://["},
        COOKIE | {"Origin": "https://inside:8000"},
        COOKIE | {"Sec-Fetch-Site": "cross-site", "Origin": "http://inside:8000"},
        COOKIE,
    ],
)
def test_another_site_may_not(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/api/v1/write", headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (403, "CROSS_SITE_REQUEST")
    assert answer.headers["X-Frame-Options"] == "DENY"


def test_reading_is_open_to_links_from_elsewhere(client: TestClient) -> None:
    assert client.get("/app/write", headers=COOKIE | {"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_another_site_cannot_log_a_browser_in_that_has_no_cookie_yet(client: TestClient) -> None:
    assert client.post("/app/write", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/app/write", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200
