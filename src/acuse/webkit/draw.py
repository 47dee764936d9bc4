"""The components drawn many times on a page: icons, states, buttons, cells and what stands in them.

They are functions, which cost a twentieth of a macro. Templates have them as `ui.…` like every other component, and the
components themselves as `draw.…`. Whatever is given is escaped, except `Markup`, as in a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from markupsafe import Markup, escape

from acuse.kernel.money import Money
from acuse.webkit import formats
from acuse.webkit.assets import asset
from acuse.webkit.blocks import Column

_KEPT: Final = 1024
_SHORT: Final = 8
_TO_ESCAPE: Final = re.compile("[&<>\"']").search

when: Final = formats.when


# `typed` keeps a Markup and the str of the same letters apart: they are equal, and only one of them is escaped.
@lru_cache(_KEPT, typed=True)
def icon(name: str, label: str = "", size: str = "") -> Markup:
    """Draw an icon of static/icons.svg. Decorative unless it has a label of its own."""
    kind = f" icon-{escape(size)}" if size else ""
    told = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return _drawn(
        f'<svg class="icon{kind}" viewBox="0 0 24 24" {told} focusable="false">'
        f'<use href="{asset("icons.svg")}#{escape(name)}"></use></svg>'
    )


@lru_cache(_KEPT, typed=True)
def pill(state: str, word: str) -> Markup:
    """Draw a state: colour, icon and word together, never colour alone."""
    return _drawn(
        f'<span class="pill pill-{escape(state)}">{icon(f"state-{state}", size="small")}{escape(word)}</span>'
    )


def button(
    label: str,
    kind: str = "primary",
    icon: str = "",
    name: str = "",
    value: str = "",
    form: str = "",
    *,
    disabled: bool = False,
) -> Markup:
    """Draw the button that sends a form, with a field of its own when `name` is given."""
    sent = f' name="{escape(name)}" value="{escape(value)}"' if name else ""
    whose = f' form="{escape(form)}"' if form else ""
    return _drawn(
        f'<button class="button button-{escape(kind)}" type="submit"{sent}{whose}{" disabled" if disabled else ""}>'
        f"{glyph(icon)}<span>{escape(label)}</span></button>"
    )


def link_button(label: str, href: str, kind: str = "secondary", icon: str = "", *, download: bool = False) -> Markup:
    """Draw a link that looks like a button."""
    return _drawn(
        f'<a class="button button-{escape(kind)}" href="{escape(href)}"{" download" if download else ""}>'
        f"{glyph(icon)}<span>{escape(label)}</span></a>"
    )


def glyph(name: str) -> Markup:
    """Draw the icon of a button, if it has one."""
    return icon(name) if name else Markup()


def cell(label: str, value: object, kind: str = "text", href: str = "") -> Markup:
    """Draw one cell of a table; its label is what a phone shows beside the value."""
    return _drawn(f"{_cell_start(label, kind)}{link(value, href) if href else escape(value)}</span></td>")


def row(columns: Iterable[Column]) -> Callable[..., Markup]:
    """Answer what draws the cells of a row from their values, one for each column: quicker than one by one."""
    starts = (_cell_start(column.label, column.kind).replace("%", "%%") for column in columns)
    whole = "\n".join(f"{start}%s</span></td>" for start in starts)

    def cells(*values: object) -> Markup:
        return _drawn(whole % tuple([value if type(value) is Markup else _text(value) for value in values]))

    return cells


def rows(found: Iterable[Any], line: Callable[[Any], Markup]) -> Markup:
    """Draw the rows of a table whose cells `line` draws."""
    return _drawn("\n".join([f'    <tr role="row">\n{line(each)}\n    </tr>' for each in found]))


def link(text: object, href: str) -> Markup:
    """Draw a link."""
    return _drawn(f'<a href="{_text(href)}">{_text(text)}</a>')


@lru_cache(_KEPT, typed=True)
def _cell_start(label: str, kind: str) -> str:
    return f'<td role="cell" class="cell-{escape(kind)}" data-label="{escape(label)}"><span class="cell-value">'


def prose(text: str) -> Markup:
    """Draw a sentence in which commands and settings stand between `backticks`, as in a terminal."""
    parts = (escape(part) for part in text.split("`"))
    return _drawn("".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)))


def mono(text: object, *, copy: bool = True, short: bool = False) -> Markup:
    """Draw a UUID, RFC, folio or clave in monospace, or its beginning; where script runs, a button copies all of it."""
    whole = shown = _text(text)
    title = ""
    if short:
        title = f' title="{whole}"'
        plain = str(text)
        shown = f"{_text(plain[:_SHORT])}…" if len(plain) > _SHORT + 1 else whole
    return _drawn(f'<span class="id"{" data-copy" if copy else ""}><code class="mono"{title}>{shown}</code></span>')


def money(amount: Money | Decimal | None, currency: str = "MXN") -> Markup:
    """Draw an amount with its currency."""
    return _drawn(f'<span class="amount">{_text(formats.money(amount, currency))}</span>')


def local_time(value: datetime) -> Markup:
    """Draw a time without a zone as it stands: a document's own, local to where it was issued."""
    return _drawn(f'<time datetime="{value.isoformat()}">{formats.local_text(value)}</time>')


def _text(value: object) -> str:
    """Escape; most texts have nothing to escape, and to see that costs a third of escaping them."""
    return value if type(value) is str and _TO_ESCAPE(value) is None else escape(value)


def _drawn(parts: str) -> Markup:
    """Mark what was put together from what was escaped or drawn; Markup's own call looks at what it gets first."""
    return str.__new__(Markup, parts)
