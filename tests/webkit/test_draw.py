"""What is drawn many times on a page: the same as a template would draw it, whatever it is given."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from acuse.webkit import draw
from acuse.webkit.assets import asset
from acuse.webkit.blocks import Column
from acuse.webkit.pages import Pages

TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "drawn"), autoescape=True, undefined=StrictUndefined
)
TEMPLATES.globals.update(asset=asset, icon=draw.icon)
HOSTILE: Final = """<script>alert('1')</script> & "ñ" &amp; Ñandú's"""
texts: Final = st.text(st.sampled_from("<>&\"'/=ñÑ a1\n") | st.characters(), max_size=40)


def drawn(name: str, /, **values: object) -> str:
    return TEMPLATES.get_template(f"{name}.html").render(values)


@given(texts, texts, texts, texts)
@example(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
@example("a", "", "", "")
def test_they_are_what_a_template_would_draw(a: str, b: str, c: str, d: str) -> None:
    assert draw.icon(a, b, c) == drawn("icon", name=a, label=b, size=c)
    assert draw.pill(a, b) == drawn("pill", state=a, word=b)
    assert draw.cell(a, b, c, d) == drawn("cell", label=a, value=b, kind=c, href=d)
    assert draw.link_button(a, b, c, d) == drawn("link_button", label=a, href=b, kind=c, glyph=d, download=False)
    assert draw.button(a, b, name=c, value=d) == drawn(
        "button", label=a, kind=b, glyph="", name=c, value=d, form="", disabled=False
    )


@given(texts, st.booleans(), st.booleans())
@example(HOSTILE, True, True)
@example("'12345678", True, True)
@example("123456789<", True, True)
def test_a_code_is_shown_whole_or_by_its_beginning(text: str, copy: bool, short: bool) -> None:
    assert draw.mono(text, copy=copy, short=short) == drawn("mono", text=text, copy=copy, short=short)


def test_a_button_says_all_it_was_given() -> None:
    assert draw.button("Enviar", "danger", "send", form="f", disabled=True) == drawn(
        "button", label="Enviar", kind="danger", glyph="send", name="", value="", form="f", disabled=True
    )
    assert draw.link_button("CSV", "/csv", icon="download", download=True) == drawn(
        "link_button", label="CSV", href="/csv", kind="secondary", glyph="download", download=True
    )


@given(texts)
@example("<i>")
def test_what_is_kept_for_a_drawn_text_is_never_given_for_a_plain_one(word: str) -> None:
    assert f">{word}</span>" in draw.pill("done", Markup(word))
    assert draw.pill("done", word) == drawn("pill", state="done", word=word)


@given(st.lists(st.tuples(texts, texts), max_size=4))
@example([(HOSTILE, HOSTILE), ("100 %s", "100 %s")])
def test_the_cells_of_a_row_are_cells_one_below_the_other(pairs: list[tuple[str, str]]) -> None:
    columns = [Column(label, kind="money") for label, _ in pairs]
    together = draw.row(columns)(*(value for _, value in pairs))
    assert together == "\n".join(
        drawn("cell", label=label, value=value, kind="money", href="") for label, value in pairs
    )


def test_a_row_with_too_few_cells_is_a_bug() -> None:
    with pytest.raises(TypeError, match="not enough"):
        draw.row([Column("A"), Column("B")])("sólo una")


@given(texts, texts)
@example(HOSTILE, HOSTILE)
def test_a_link_escapes_both_its_ends(text: str, href: str) -> None:
    href = href or "/"
    assert draw.cell("a", draw.link(text, href)) == drawn("cell", label="a", value=text, kind="text", href=href)


def test_an_amount_escapes_its_currency() -> None:
    assert draw.money(Decimal(1), "<b>") == '<span class="amount">$1.00 &lt;b&gt;</span>'
    assert draw.money(None) == '<span class="amount">—</span>'


def test_pages_have_them_among_the_other_components() -> None:
    ui = Pages().environment.globals["ui"]
    for name in ("icon", "pill", "button", "link_button", "cell", "link", "mono", "money", "when"):
        assert getattr(ui, name) is getattr(draw, name)


def test_commands_in_a_sentence_are_shown_as_such() -> None:
    told = draw.prose("Usa `acuse db backup --to <RUTA>` & listo.")
    assert told == "Usa <code>acuse db backup --to &lt;RUTA&gt;</code> &amp; listo."
    assert draw.prose("Nada") == "Nada"
