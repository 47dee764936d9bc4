"""Components: drawn whole, escaped, tied to their labels; every icon they name exists."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import acuse.webkit
from acuse.webkit.formats import Viewing
from acuse.webkit.frame import Frame
from acuse.webkit.pages import Pages
from tests.webkit.gallery import gallery_app

HERE = Path(acuse.webkit.__file__).parent
VOID = {"meta", "link", "input", "br", "hr", "img"}


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(gallery_app())


class Checker(HTMLParser):
    """Notes unbalanced tags, doubled ids, labels without a field, and what the page's policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if "style" in given or any(name.startswith(("on", "hx-on")) for name in given) or tag == "style":
            self.faults.append(f"<{tag}> breaks the policy")
        if given.get("id"):
            self.ids.append(str(given["id"]))
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget", "commandfor"):
            self.references += (given.get(name) or "").split()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")

    def verdict(self) -> list[str]:
        doubled = {it for it in self.ids if self.ids.count(it) > 1}
        return [*self.faults, *self.open, *doubled, *(it for it in self.references if it not in self.ids)]


@pytest.mark.parametrize("path", ["/app/gallery", "/app", "/app/login", "/app/login?mal=1", "/app/nada", "/docs"])
def test_pages_are_whole(client: TestClient, path: str) -> None:
    checker = Checker()
    checker.feed(client.get(path).text)
    assert checker.verdict() == []


def drawn(source: str, **context: object) -> str:
    pages = Pages()
    template = pages.environment.from_string(source)
    return template.render(frame=Frame(), view=Viewing(), **context)


@pytest.mark.parametrize(
    "source",
    [
        '{{ ui.tile(x, x, href="/", change=x, state="done", unit=x) }}',
        '{{ ui.pill("done", x) }}',
        "{{ ui.progress(1, 2, x, word=x, detail=x) }}",
        '{{ ui.cell(x, x, href="/") }}',
        "{{ ui.empty(x, x, action=x, href='/') }}",
        '{{ ui.field("a", x, value=x, help=x, error=x, placeholder=x) }}',
        '{{ ui.select("a", x, [(x, x)], value=x) }}',
        '{{ ui.radios("a", x, [(x, x, x)], value=x) }}',
        '{{ ui.checkbox("a", x, value=x) }}',
        '{{ ui.upload("a", x, help=x, error=x) }}',
        '{{ ui.confirm("a", x, x, x, "/", x, fields={"b": x}) }}',
        '{{ ui.toast(x) }}{{ ui.banner(x, title=x, action=x, href="/") }}',
        "{{ ui.mono(x, short=true) }}{{ ui.code(x, x, x) }}{{ ui.facts([(x, x)]) }}",
        "{{ ui.search('/', x, x) }}{{ ui.crumbs([(x, '/')]) }}{{ ui.button(x, name='a', value=x) }}",
    ],
)
def test_no_component_lets_markup_through(source: str) -> None:
    nasty = '"><img src=x onerror=alert(1)>'
    text = drawn(source, x=nasty)
    assert "<img" not in text
    assert nasty not in text
    assert "&gt;&lt;img" in text


def test_a_wrong_field_is_tied_to_its_problem_and_its_help() -> None:
    text = drawn('{{ ui.field("rfc", "RFC", error="No existe.", help="Sin guiones.") }}')
    assert 'aria-invalid="true"' in text
    assert 'aria-describedby="ayuda-campo-rfc error-campo-rfc"' in text
    assert 'id="error-campo-rfc"' in text


def test_a_password_is_never_filled_in() -> None:
    assert "value=" not in drawn('{{ ui.password("clave", "Contraseña") }}')


def test_a_progress_without_an_address_asks_for_nothing() -> None:
    assert "hx-get" not in drawn('{{ ui.progress(14, 14, "Listo", state="done") }}')
    assert 'hx-get="/p"' in drawn('{{ ui.progress(1, 14, "En curso", poll="/p") }}')


def test_polling_ends_with_286(client: TestClient) -> None:
    answers = [client.get("/app/gallery/progress") for _ in range(3)]
    assert answers[-1].status_code == 286
    assert "hx-get" not in answers[1].text


def test_an_empty_table_says_the_next_step(client: TestClient) -> None:
    assert "Pide un año completo" in client.get("/app/gallery").text


def test_headings_sort_both_ways_and_forget_the_cursor(client: TestClient) -> None:
    text = client.get("/app/gallery?cursor=abc&q=x").text
    assert 'aria-sort="descending"' in text
    assert "/app/gallery?q=x&amp;sort=fecha" in text
    assert "Primera página" in text


def test_every_icon_named_anywhere_is_drawn() -> None:
    known = set(re.findall(r'symbol id="([^"]+)"', (HERE / "static" / "icons.svg").read_text()))
    named = set()
    for template in [*HERE.rglob("*.html"), *HERE.parent.rglob("templates/*.html")]:
        named |= set(re.findall(r'\bicon(?:_name)?\(\s*"([^"~]+)"\s*[,)]', template.read_text()))
        named |= set(re.findall(r'\bicon="([^"]+)"', template.read_text()))
    assert {name for name in named if not name.endswith("-")} <= known


def test_every_macro_of_the_readme_exists_and_every_macro_is_in_the_readme() -> None:
    told = set(re.findall(r"`(\w+)\(", "".join((HERE / "README.md").read_text().split("## Macros")[1:])))
    exported = set(Pages().environment.get_template("webkit/ui.html").module.__dict__) - {"__name__"}
    exported = {name for name in exported if not name.startswith("_")}
    assert told - {"col"} == exported


def test_no_template_carries_an_inline_style() -> None:
    for template in HERE.rglob("*.html"):
        assert "style=" not in template.read_text(), template.name
