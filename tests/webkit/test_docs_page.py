"""The API page and the description behind it."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, File, Form, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.testclient import TestClient

from acuse.webkit.api_reading import read_groups
from acuse.webkit.docs_page import description, docs_page
from acuse.webkit.install import install
from acuse.webkit.pages import Pages
from acuse.webkit.routes import EnvelopeRoute, PageRoute, open_to_all


class Pedido(BaseModel):
    rfc: str = Field(description="A quién pertenece.", examples=["CÑH010203AB1"])
    desde: date
    tipo: str | None = None
    hijos: list[Pedido] = []


def an_app() -> FastAPI:
    app = FastAPI(title="Acuse", version="9.9", docs_url=None, redoc_url=None, openapi_url=None)
    api = APIRouter(prefix="/api/v1", route_class=EnvelopeRoute, tags=["Descarga"])

    @api.post("/solicitudes", status_code=201, summary="Pedir CFDI")
    async def create(pedido: Pedido) -> Pedido:
        """Envía una solicitud <al SAT>."""
        return pedido

    @api.get("/paquetes", summary="Listar paquetes")
    async def packages(rfc: Annotated[str, Query(description="El contribuyente.")], limite: int = 50) -> list[str]:
        return [rfc] * limite

    @api.put("/efirma", summary="Subir e.firma")
    async def upload(cer: Annotated[UploadFile, File()], password: Annotated[str, Form()]) -> None: ...

    @api.get("/salud", summary="Salud")
    @open_to_all("a test")
    async def health() -> dict[str, str]:
        return {}

    pages = APIRouter(route_class=PageRoute)
    docs_page(pages, open_to_all("a test"))
    description(pages, open_to_all("a test"))
    pages.add_api_route("/app/hidden", packages)
    app.include_router(api)
    app.include_router(pages)
    install(app, pages=Pages())
    return app


@pytest.fixture
def client() -> TestClient:
    return TestClient(an_app(), base_url="https://acuse.example")


def test_the_description_tells_our_errors_and_not_the_frameworks_and_no_pages(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    answers = [op["responses"] for item in schema["paths"].values() for op in item.values()]
    assert any("404" in one for one in answers)
    assert "HTTPValidationError" not in str(answers)
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    assert "/app/hidden" not in schema["paths"]


def test_each_call_is_shown_with_its_parameters_examples_and_curl(client: TestClient) -> None:
    text = client.get("/docs").text
    for piece in ("Pedir CFDI", "/api/v1/solicitudes", "Envía una solicitud &lt;al SAT&gt;.", "A quién pertenece.",
                  "CÑH010203AB1", "obligatorio", "-F cer=@archivo", "El contribuyente.", "versión 9.9"):  # fmt: skip
        assert piece in text
    assert "https://acuse.example/api/v1/paquetes" in text


@pytest.mark.parametrize(
    ("query", "captions"),
    [
        ("solicitud", ["Pedir CFDI"]),
        ("SUBIR É.firma", ["Subir e.firma"]),
        ("get paquetes", ["Listar paquetes"]),
        ("zzz", []),
    ],
)
def test_one_finds_a_call_by_words_without_accents_or_case(query: str, captions: list[str]) -> None:
    groups = read_groups(an_app().openapi(), server="http://x", query=query)
    assert [op.caption for group in groups for op in group.operations] == captions


def test_a_search_without_a_hit_says_what_to_do(client: TestClient) -> None:
    assert "Busca por ruta, verbo o tema" in client.get("/docs?q=zzz").text


def test_a_shape_that_holds_itself_ends(client: TestClient) -> None:
    assert client.get("/docs").status_code == 200


def test_calls_need_a_token_but_for_the_open_ones() -> None:
    groups = read_groups(an_app().openapi(), server="http://x")
    protected = {op.caption: op.protected for group in groups for op in group.operations if op.path != "/openapi.json"}
    assert protected == {"Pedir CFDI": True, "Listar paquetes": True, "Subir e.firma": True, "Salud": False}
