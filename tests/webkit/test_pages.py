"""Pages: templates by feature, notes over a redirect, the theme, addresses with other query fields."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import pytest
from fastapi import APIRouter, FastAPI, Form, Request
from jinja2 import UndefinedError
from starlette.responses import Response
from starlette.testclient import TestClient

from acuse.kernel.feature import MenuEntry
from acuse.webkit.formats import Viewing, viewing
from acuse.webkit.frame import Frame, Theme, build_menu
from acuse.webkit.install import install
from acuse.webkit.pages import NOTE_COOKIE, THEME_COOKIE, Pages, fragment, here, redirect, render, safe_return
from acuse.webkit.preferences import theme_switch
from acuse.webkit.routes import PageRoute, open_to_all


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    (tmp_path / "hello.html").write_text('{% extends "webkit/page.html" %}{% set title = word %}')
    (tmp_path / "panel.html").write_text("<p>{{ word }}</p>")
    (tmp_path / "forgot.html").write_text("{{ nobody_gave_this }}")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    router = APIRouter(route_class=PageRoute)

    @router.get("/app/hello")
    async def hello(request: Request, word: str = "Hola") -> Response:
        return render(request, "sample/hello.html", word=word)

    @router.get("/app/panel")
    async def panel(request: Request, word: str) -> Response:
        return render(request, "sample/hello.html", word=fragment(request, "sample/panel.html", word=word))

    @router.post("/app/act")
    async def act(request: Request, note: Annotated[str, Form()] = "Hecho.") -> Response:
        return redirect(request, "/app/hello", note=note)

    app.state.remembered = []

    async def remember(request: Request, theme: Theme) -> None:
        app.state.remembered.append(theme)

    theme_switch(router, open_to_all("a test"), remember=remember)
    app.include_router(router)
    install(app, pages=Pages({"sample": tmp_path}))
    return TestClient(app, headers={"Sec-Fetch-Site": "same-origin"}, follow_redirects=False)


def test_what_people_write_is_escaped(client: TestClient) -> None:
    text = client.get("/app/hello", params={"word": '<script>alert("x")</script>'}).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_a_fragment_stands_in_another_page_with_its_words_escaped(client: TestClient) -> None:
    assert "<p>&lt;b&gt;</p>" in client.get("/app/panel", params={"word": "<b>"}).text


def test_the_frame_is_made_once_a_request_and_anew_for_the_next(client: TestClient) -> None:
    made = []

    def frame(request: Request) -> Frame:
        made.append(request.url.query)
        return Frame(user_name=f"Visita {len(made)}")

    cast("FastAPI", client.app).state.frame = frame
    first, second = (client.get("/app/panel", params={"word": word}).text for word in ("a", "b"))
    assert made == ["word=a", "word=b"]
    assert "Visita 1" in first
    assert "Visita 2" in second


def test_a_forgotten_value_is_a_fault_not_a_blank(tmp_path: Path) -> None:
    (tmp_path / "forgot.html").write_text("{{ nobody_gave_this }}")
    with pytest.raises(UndefinedError):
        Pages({"sample": tmp_path}).draw("sample/forgot.html", Frame(), Viewing())


def test_a_note_is_shown_once_after_the_redirect(client: TestClient) -> None:
    moved = client.post("/app/act", data={"note": "Se guardó <todo>, ñ incluida."})
    assert (moved.status_code, moved.headers["Location"]) == (303, "/app/hello")
    assert "httponly" in moved.headers["Set-Cookie"].lower()
    assert "Se guardó &lt;todo&gt;, ñ incluida." in client.get("/app/hello").text
    assert "Se guardó" not in client.get("/app/hello").text


@pytest.mark.parametrize("junk", ["%%%", "bm90IGpzb24=", "WzFd"])
def test_a_broken_note_is_no_note(client: TestClient, junk: str) -> None:
    client.cookies.set(NOTE_COOKIE, junk)
    assert client.get("/app/hello").status_code == 200


def test_htmx_is_told_to_move_the_whole_page(client: TestClient) -> None:
    answer = client.post("/app/act", data={"note": "x"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/app/hello")


def test_the_theme_is_remembered_and_only_three_are_known(client: TestClient) -> None:
    assert 'data-theme="system"' in client.get("/app/hello").text
    moved = client.post("/app/apariencia", data={"tema": "dark", "volver": "/app/hello"})
    assert (moved.status_code, moved.headers["Location"]) == (303, "/app/hello")
    assert 'data-theme="dark"' in client.get("/app/hello").text
    assert client.post("/app/apariencia", data={"tema": '"><b>'}).status_code == 400
    assert client.app.state.remembered == ["dark"]  # type: ignore[attr-defined]
    client.cookies.set(THEME_COOKIE, "neon")
    assert 'data-theme="neon"' not in client.get("/app/hello").text


@pytest.mark.parametrize(
    ("path", "safe"),
    [
        ("/app/cfdi?q=1", True),
        ("https://evil.example", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("/app\\x", False),
        ("/app\nSet-Cookie: x", False),
        ("", False),
    ],
)
def test_one_comes_back_only_within_the_site(path: str, safe: bool) -> None:
    assert (safe_return(path, "/app") == path) is safe


def test_an_address_keeps_its_query_but_for_what_changes() -> None:
    with viewing(Viewing(path="/app/cfdi", query=(("q", "Ñ & más"), ("sort", "fecha"), ("cursor", "x")))):
        assert here(sort="-fecha", cursor=None) == "/app/cfdi?q=%C3%91+%26+m%C3%A1s&sort=-fecha"
        assert here(q=None, sort=None, cursor=None) == "/app/cfdi"


def test_pages_are_packed_for_browsers_that_unpack(client: TestClient) -> None:
    assert client.get("/app/hello").headers["Content-Encoding"] == "gzip"
    plain = client.get("/app/hello", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert plain.text == client.get("/app/hello").text


class TestMenu:
    def test_only_what_the_caller_may_see_is_shown_and_the_longest_match_is_current(self) -> None:
        def entry(section: str, path: str, right: str, order: int) -> MenuEntry:
            return MenuEntry(section=section, label=path, path=path, icon="dot", right=right, order=order)

        entries = [
            entry("México", "/app/descarga", "sat", 20),
            entry("", "/app", "all", 1),
            entry("Administración", "/app/usuarios", "users", 90),
        ]
        menu = build_menu(entries, may={"sat", "all"}.__contains__, path="/app/descarga/14")
        assert [section.label for section in menu] == ["", "México"]
        assert [item.current for section in menu for item in section.items] == [False, True]
        at_home = build_menu(entries, may=lambda _: True, path="/app")
        assert [item.path for section in at_home for item in section.items if item.current] == ["/app"]
        beside = build_menu(entries, may=lambda _: True, path="/app/descargas")
        assert [item.path for section in beside for item in section.items if item.current] == []
