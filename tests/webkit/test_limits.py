"""Body limits, declared and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request
from starlette.testclient import TestClient

from acuse.webkit.install import install
from acuse.webkit.limits import takes
from acuse.webkit.pages import Pages
from acuse.webkit.routes import EnvelopeRoute

LIMIT = 1_000


def an_app() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter(route_class=EnvelopeRoute)

    @router.post("/small")
    async def small(body: dict[str, str]) -> int:
        return len(body)

    @router.post("/large")
    @takes(10 * LIMIT)
    async def large(request: Request) -> int:
        return len(await request.body())

    app.include_router(router)
    install(app, pages=Pages(), body_limit_bytes=LIMIT)
    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(an_app())


def test_a_declared_length_past_the_limit_is_413_in_the_envelope(client: TestClient) -> None:
    answer = client.post("/small", content=b"x" * (LIMIT + 1))
    assert (answer.status_code, answer.json()["error"]) == (413, "TOO_LARGE")
    assert "1 kB" in answer.json()["message"]
    assert answer.headers["Connection"] == "close"


def test_an_undeclared_body_past_the_limit_is_413_too(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x" * LIMIT
        yield b"x"

    answer = client.post("/small", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (413, "TOO_LARGE")


async def test_reading_stops_at_the_limit() -> None:
    asked = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal asked
        asked += 1
        return {"type": "http.request", "body": b"x" * 400, "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/small", "raw_path": b"/small", "query_string": b"",
        "root_path": "", "scheme": "http", "server": ("acuse.test", 80),
        "headers": [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")],
    }  # fmt: skip
    await an_app()(scope, receive, send)
    assert (sent[0]["status"], asked) == (413, 3)


def test_an_endpoint_may_take_more_and_has_its_own_limit(client: TestClient) -> None:
    assert client.post("/large", content=b"x" * (10 * LIMIT)).json() == 10 * LIMIT
    assert client.post("/large", content=b"x" * (10 * LIMIT + 1)).status_code == 413


def test_a_body_of_the_limit_passes(client: TestClient) -> None:
    content = b'{"a": "' + b"x" * (LIMIT - 9) + b'"}'
    assert len(content) == LIMIT
    assert client.post("/small", content=content, headers={"Content-Type": "application/json"}).json() == 1
