"""Writes the e-mails: subject, text and HTML from the templates; what people typed is escaped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from acuse.notices.model import Template, one_line
from acuse.webkit.formats import count_words, number

TEMPLATES: Final = Path(__file__).resolve().parents[1] / "templates"


@dataclass(frozen=True)
class Letter:
    """A written e-mail without its envelope."""

    subject: str
    text: str
    html: str


class Letters:
    """Fills the templates. Each e-mail is two files: `name.txt`, whose first line is the subject, and `name.html`."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(enabled_extensions=("html",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(number=number, count=count_words)

    def write(self, template: Template, context: Mapping[str, Any]) -> Letter:
        """Answer the e-mail; raises KeyError naming what the context lacks."""
        missing = [name for name in template.needs if name not in context]
        if missing:
            raise KeyError(f"the e-mail {template} needs {', '.join(missing)}")
        plain = self._environment.get_template(f"{template}.txt").render(context)
        subject, _, text = plain.partition("\n")
        subject = one_line(subject)
        html = self._environment.get_template(f"{template}.html").render(context, subject=subject)
        return Letter(subject, text.strip() + "\n", html)
