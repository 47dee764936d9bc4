"""Route classes: order of checks, and faults told in the shape of the router."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI, File, HTTPException, Request, UploadFile
from pydantic import BaseModel, Field
from starlette.testclient import TestClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from acuse.kernel.errors import Conflict, InvalidInput, NotAllowed, NotAuthenticated, Refused, TooMany, Unavailable
from acuse.webkit.envelopes import CRS_ENVELOPE, Envelope
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from acuse.webkit.routes import EnvelopeRoute, PageRoute, every_route


class Line(BaseModel):
    rfc: str = Field(min_length=12)
    amount: int


class Order(BaseModel):
    lines: list[Line]


class SeedConflict(Conflict):
    code = "SEED_CONFLICT"
    message = "Ya existe {what}."


class LockedRoute(EnvelopeRoute):
    async def authorize(self, request: Request, endpoint: Callable[..., Any]) -> None:
        if request.headers.get("authorization") != "Bearer good":
            raise NotAuthenticated
        if endpoint.__name__ == "forbidden":
            raise NotAllowed


OLD_SHAPE = Envelope(
    body=lambda error, status: {"success": False, "error": error.code, "status": status},
    statuses={Conflict: 400, SeedConflict: 418},
)


def an_app() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    ours = APIRouter(prefix="/api/v1", route_class=EnvelopeRoute)

    @ours.post("/orders")
    async def create(order: Order) -> dict[str, int]:
        return {"lines": len(order.lines)}

    @ours.get("/fault/{kind}")
    async def fault(kind: str) -> None:
        faults: dict[str, Exception] = {
            "conflict": SeedConflict(what="la solicitud"),
            "refused": Refused(codigo="5002"),
            "busy": TooMany(retry_after_s=12.4),
            "down": Unavailable(),
            "http": HTTPException(403, "internal words", headers={"X-Why": "because"}),
            "teapot": HTTPException(418, "internal words"),
            "bug": RuntimeError("password is hunter2"),
            "field": InvalidInput(fields={"rfc": "No existe."}),
        }
        raise faults[kind]

    crs = APIRouter(prefix="/crs", route_class=EnvelopeRoute.using(CRS_ENVELOPE))
    crs.add_api_route("/orders", create, methods=["POST"])
    crs.add_api_route("/fault/{kind}", fault)
    old = APIRouter(prefix="/old", route_class=EnvelopeRoute.using(OLD_SHAPE))
    old.add_api_route("/fault/{kind}", fault)

    @old.get("/plain-conflict")
    async def plain_conflict() -> None:
        raise Conflict

    locked = APIRouter(prefix="/locked", route_class=LockedRoute)
    locked.add_api_route("/orders", create, methods=["POST"])

    @locked.post("/upload")
    async def upload(file: Annotated[UploadFile, File()]) -> dict[str, str | None]:
        return {"name": file.filename}

    @locked.post("/forbidden")
    async def forbidden(order: Order) -> None: ...

    pages = APIRouter(prefix="/app", route_class=PageRoute)
    pages.add_api_route("/fault/{kind}", fault)

    for router in (ours, crs, old, locked, pages):
        app.include_router(router)
    install(app, pages=Pages())
    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(an_app(), follow_redirects=False)


class TestValidation:
    def test_wrong_fields_are_400_in_our_envelope_with_each_problem_in_spanish(self, client: TestClient) -> None:
        answer = client.post("/api/v1/orders", json={"lines": [{"rfc": "short", "amount": "x"}, {}]})
        assert answer.status_code == 400
        assert answer.json() == {
            "error": "VALIDATION_ERROR",
            "message": "Hay datos que corregir.",
            "details": {
                "fields": {
                    "lines.0.rfc": "Debe tener al menos 12 caracteres.",
                    "lines.0.amount": "Debe ser un número entero.",
                    "lines.1.rfc": "Falta este dato.",
                    "lines.1.amount": "Falta este dato.",
                }
            },
        }

    def test_the_other_router_tells_the_same_fault_in_its_own_shape(self, client: TestClient) -> None:
        answer = client.post("/crs/orders", json={})
        assert (answer.status_code, answer.json()) == (
            400,
            {
                "error": "VALIDATION_ERROR",
                "message": "Hay datos que corregir.",
                "errors": [{"campo": "lines", "problema": "Falta este dato."}],
            },
        )

    def test_broken_json_is_told_as_the_body_not_as_a_position(self, client: TestClient) -> None:
        answer = client.post("/api/v1/orders", content="{oops", headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["details"]) == (
            400,
            {"fields": {"cuerpo": "El cuerpo no es JSON válido."}},
        )

    def test_broken_multipart_is_400_in_the_envelope(self, client: TestClient) -> None:
        headers = {"Authorization": "Bearer good", "Content-Type": "multipart/form-data"}
        answer = client.post("/locked/upload", content=b"--x\r\nnonsense", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (400, "BAD_REQUEST")


class TestFaults:
    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [
            ("conflict", 409, "SEED_CONFLICT"),
            ("refused", 422, "REFUSED"),
            ("busy", 429, "TOO_MANY_REQUESTS"),
            ("down", 503, "UNAVAILABLE"),
            ("http", 403, "FORBIDDEN"),
            ("teapot", 500, "INTERNAL_ERROR"),
            ("bug", 500, "INTERNAL_ERROR"),
            ("field", 400, "VALIDATION_ERROR"),
        ],
    )
    def test_each_fault_has_the_status_of_its_nearest_class(
        self, client: TestClient, kind: str, status: int, code: str
    ) -> None:
        answer = client.get(f"/api/v1/fault/{kind}")
        assert (answer.status_code, answer.json()["error"]) == (status, code)

    def test_a_routers_table_overrides_the_tree_and_its_nearest_entry_wins(self, client: TestClient) -> None:
        assert client.get("/old/plain-conflict").json() == {"success": False, "error": "CONFLICT", "status": 400}
        assert client.get("/old/fault/conflict").status_code == 418
        assert client.get("/old/fault/down").status_code == 503

    def test_a_wait_is_told_in_whole_seconds(self, client: TestClient) -> None:
        assert client.get("/api/v1/fault/busy").headers["Retry-After"] == "12"

    def test_headers_of_an_http_exception_are_kept_and_its_words_are_not(self, client: TestClient) -> None:
        answer = client.get("/api/v1/fault/http")
        assert answer.headers["X-Why"] == "because"
        assert "internal words" not in answer.text

    def test_a_bug_answers_a_number_and_nothing_of_its_inside(self, client: TestClient) -> None:
        answer = client.get("/api/v1/fault/bug")
        assert "hunter2" not in answer.text
        assert "RuntimeError" not in answer.text
        assert answer.json()["details"]["request_id"] == answer.headers["X-Request-ID"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")

    def test_a_bug_is_logged_with_its_traceback_under_the_same_number(self, client: TestClient) -> None:
        with capture_logs(processors=[merge_contextvars]) as lines:
            number = client.get("/api/v1/fault/bug").headers["X-Request-ID"]
        failed = next(line for line in lines if line["event"] == "request_failed")
        assert failed["request_id"] == number
        assert failed["exc_info"].__traceback__ is not None
        told = next(line for line in lines if line["event"] == "request")
        assert (told["status"], told["path"], told["request_id"]) == (500, "/api/v1/fault/bug", number)

    def test_unknown_path_and_wrong_verb_outside_every_router(self, client: TestClient) -> None:
        unknown = client.get("/api/v1/nothing")
        assert (unknown.status_code, unknown.json()["error"]) == (404, "NOT_FOUND")
        wrong = client.delete("/api/v1/orders")
        assert (wrong.status_code, wrong.json()["error"]) == (405, "METHOD_NOT_ALLOWED")
        assert wrong.headers["Allow"] == "POST"


class TestAuthorization:
    def test_nobody_is_refused_before_broken_json_is_looked_at(self, client: TestClient) -> None:
        answer = client.post("/locked/orders", content="{oops", headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="acuse"'

    def test_a_missing_right_is_refused_before_the_fields_are_looked_at(self, client: TestClient) -> None:
        answer = client.post("/locked/forbidden", json={}, headers={"Authorization": "Bearer good"})
        assert (answer.status_code, answer.json()["error"]) == (403, "FORBIDDEN")

    async def test_nobody_is_refused_without_one_byte_of_the_body_read(self) -> None:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            raise AssertionError("the body was asked for")

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/locked/upload", "raw_path": b"/locked/upload",
            "query_string": b"", "root_path": "", "scheme": "http", "server": ("acuse.test", 80),
            "headers": [(b"content-type", b"multipart/form-data; boundary=x"), (b"transfer-encoding", b"chunked")],
        }  # fmt: skip
        await an_app()(scope, receive, send)
        assert sent[0]["status"] == 401


class TestPages:
    def test_a_fault_becomes_a_page_with_its_words_and_its_code(self, client: TestClient) -> None:
        answer = client.get("/app/fault/conflict")
        assert answer.status_code == 409
        assert "Ya existe la solicitud." in answer.text
        assert "SEED_CONFLICT" in answer.text

    def test_a_fault_met_by_htmx_becomes_a_toast_not_a_whole_page(self, client: TestClient) -> None:
        answer = client.get("/app/fault/conflict", headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert answer.headers["HX-Retarget"] == "#toasts"
        assert "<html" not in answer.text

    def test_a_bug_becomes_a_page_without_its_inside(self, client: TestClient) -> None:
        answer = client.get("/app/fault/bug")
        assert answer.status_code == 500
        assert "hunter2" not in answer.text
        assert answer.headers["X-Request-ID"] in answer.text

    def test_a_browser_that_is_lost_gets_a_page_and_a_program_gets_json(self, client: TestClient) -> None:
        assert "<html" in client.get("/lost", headers={"Accept": "text/html"}).text
        assert client.get("/lost", headers={"Accept": "*/*"}).json()["error"] == "NOT_FOUND"


def test_every_route_is_walked_with_its_full_path() -> None:
    paths = {route.path for route in every_route(an_app())}
    assert {"/api/v1/orders", "/locked/upload", "/app/fault/{kind}"} <= paths
