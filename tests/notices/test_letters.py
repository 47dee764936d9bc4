"""The e-mails' texts: all of them, whole, escaped."""

from __future__ import annotations

import re

import pytest

from acuse.notices import Template
from acuse.notices.model import clean_address, delay_after, message_id_of, one_line
from acuse.notices.service import Letters
from acuse.notices.service.letters import TEMPLATES

CONTEXT = {
    "name": "Doña Íñigo & <b>Hijos</b>",
    "tax_id": "ÑAN800101AB1",
    "url": "https://acuse.prueba.mx",
    "cancelled": [{"uuid": "AB", "fecha": "01/02/2025", "contraparte": "Uno & <b>Dos</b>", "total": "$1.00 MXN"}],
    "listed": [
        {
            "rfc": "AAA010101AAA",
            "nombre": "Uno & <b>Dos</b>",
            "situacion": "Definitivo",
            "publicado": "15/01/2025",
            "recibidos": 2,
            "cfdis": 3,
            "monto": "$1.00 MXN",
        }
    ],
    "list_date": "31/07/2026",
    "jobs": [{"id": 7, "caption": "Verificar", "reason": "El SAT dijo <no>", "code": "REFUSED"}],
    "kind": "100",
    "month": "marzo de 2026",
    "downloads": 12,
    "corrections": 1,
    "id": "0b7e4d0e-6f0f-4d0a-9d0f-0c5f3c1b2a10",
    "cuit": "20123456786",
    "limit": 10,
    "attempts": 3,
    "count": 2,
    "devices": [{"controlador": "SESHIA0000001371", "until": "15/01/2029", "days": 15}],
    "more": 1,
    "enabled": True,
    "secret": "un-código-del-correo",
    "minutes": 30,
    "temporary": "abcde.fghij.klmno.K3a",
    "seq": 1000,
    "document": '{"hash":"00","seq":1000}',
    "rfc": "A&B010101AB1",
    "day": "02/03/2026",
    "period": "2025",
    "clients": [
        {
            "rfc": "A&B010101AB1",
            "name": "ÑANDÚ & <b>OTOÑO</b>",
            "cfdis": 5000,
            "retenciones": 2,
            "cancelled": 2,
            "status": "Terminó.",
            "attention": False,
        }
    ],
    "attention": 0,
    "pending": 0,
    "cfdis": 5000,
    "retenciones": 2,
    "cancelled_count": 2,
    "holder": "ÑANDÚ & <b>OTOÑO</b>",
    "days": "en 15 días",
    "number": "30001000000500003416",
    "valid_until": "15/01/2029",
    "path": "/app/contribuyentes/A%26B010101AB1",
}


@pytest.mark.parametrize("template", list(Template))
class TestEveryTemplate:
    def test_has_subject_text_and_html(self, template: Template) -> None:
        letter = Letters().write(template, CONTEXT)
        assert letter.subject
        assert "\n" not in letter.subject
        assert letter.text.endswith("No hace falta responderlo.\n")
        assert letter.html.startswith("<!doctype html>")
        assert "https://acuse.prueba.mx" in letter.text
        assert 'href="https://acuse.prueba.mx' in letter.html

    def test_escapes_what_people_typed_in_html_only(self, template: Template) -> None:
        letter = Letters().write(template, CONTEXT)
        assert "<b>" not in letter.html
        assert "<no>" not in letter.html
        assert "&amp;" not in letter.text

    def test_gives_no_link_without_an_address(self, template: Template) -> None:
        letter = Letters().write(template, CONTEXT | {"url": ""})
        assert "http" not in letter.text
        assert "href" not in letter.html

    def test_fetches_nothing_from_anywhere(self, template: Template) -> None:
        html = Letters().write(template, CONTEXT).html
        assert not re.search(r"<script|<img|src=|@import|url\(", html)


def test_no_template_file_is_without_its_name_in_the_list() -> None:
    names = {path.stem for path in TEMPLATES.iterdir()} - {"base"}
    assert names == {template.value for template in Template}


class TestModel:
    def test_six_tries_then_the_end(self) -> None:
        assert [delay_after(tries) is None for tries in range(1, 8)] == [False] * 5 + [True] * 2

    def test_addresses_keep_their_letters(self) -> None:
        assert clean_address(" peña+sat@correo.mx ") == "peña+sat@correo.mx"

    def test_one_line_is_one_line(self) -> None:
        assert one_line("a\r\n b\u2028c\x00d") == "a b c d"

    def test_the_message_id_is_the_same_for_the_same_mail_only(self) -> None:
        first = message_id_of("k", "a@b.mx", "x@acuse.mx")
        assert first == message_id_of("k", "a@b.mx", "x@acuse.mx")
        assert first != message_id_of("k", "c@b.mx", "x@acuse.mx")
