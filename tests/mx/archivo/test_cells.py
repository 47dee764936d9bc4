"""The cells of CFDIs: what each holds, and that nobody's name gets markup onto a page."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

import pytest
from hypothesis import example, given

from acuse.mx.archivo import Direction, Efecto, EstadoCfdi, StoredCfdi
from acuse.mx.archivo.pages import cells
from tests.support.rows import HOSTILE_NAMES, Seen

FOUND: Final = StoredCfdi(
    contribuyente_id=1,
    rfc="Ñ&O120726RX3",
    uuid=UUID("5c2b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11"),
    direction=Direction.RECIBIDO,
    fecha=datetime(2025, 3, 4, 0, 5, 9),  # noqa: DTZ001 - dates of documents are local to where they were issued
    fecha_timbrado=datetime(2025, 3, 4, 0, 6),  # noqa: DTZ001 - as above
    efecto=Efecto.INGRESO,
    estado=EstadoCfdi.VIGENTE,
    fecha_cancelacion=None,
    emisor_rfc="M&P850101AB1",
    emisor_nombre="MUÑOZ & PEÑA",
    receptor_rfc="Ñ&O120726RX3",
    receptor_nombre="NOSOTROS",
    rfc_pac=None,
    total=Decimal(11600),
    moneda=None,
    serie=None,
    folio=None,
    metodo_pago=None,
    pagado_mxn=None,
    has_xml=False,
)


def test_a_row_tells_when_who_what_state_how_much_and_which() -> None:
    seen = Seen(cells.line(FOUND))
    assert seen.texts == [
        "4 mar 2025, 00:05",
        "MUÑOZ & PEÑA",
        "Ingreso\N{NO-BREAK SPACE}recibido",
        "Vigente",
        "$11,600.00 MXN",
        "5C2B6A0E…",
    ]
    assert seen.links == ["/app/cfdi/%C3%91%26O120726RX3/5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"]


@given(HOSTILE_NAMES)
@example("<script>alert(1)</script>")
@example('"><img src=x onerror=alert(1)>')
@example('&amp; Ñandú\'s "casa"')
def test_a_name_is_read_as_written_and_adds_no_element(name: str) -> None:
    plain, hostile = Seen(cells.line(FOUND)), Seen(cells.line(replace(FOUND, emisor_nombre=name)))
    assert hostile.elements == plain.elements
    assert hostile.texts[1] == name


def test_without_a_name_the_rfc_stands_for_it() -> None:
    assert Seen(cells.line(replace(FOUND, emisor_nombre=None))).texts[1] == "M&P850101AB1"


@pytest.mark.parametrize(
    ("efecto", "direction", "phrase"),
    [
        (Efecto.EGRESO, Direction.EMITIDO, "Egreso emitido"),
        (Efecto.NOMINA, Direction.EMITIDO, "Nómina emitida"),
        (Efecto.NOMINA, Direction.RECIBIDO, "Nómina recibida"),
        (Efecto.RETENCION, Direction.RECIBIDO, "Retenciones recibidas"),
    ],
)
def test_the_phrase_agrees_with_its_noun(efecto: Efecto, direction: Direction, phrase: str) -> None:
    assert cells.kind(replace(FOUND, efecto=efecto, direction=direction)) == phrase.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("estado", "word"),
    [(EstadoCfdi.VIGENTE, "Vigente"), (EstadoCfdi.CANCELADO, "Cancelado"), (None, "Sin dato")],
)
def test_every_state_has_its_word(estado: EstadoCfdi | None, word: str) -> None:
    assert cells.estado(estado).endswith(f"</svg>{word}</span>")


def test_a_payment_shows_what_was_paid_and_others_their_own_currency() -> None:
    paid = replace(FOUND, efecto=Efecto.PAGO, total=Decimal(0), pagado_mxn=Decimal("5.5"), moneda="XXX")
    assert "$5.50 MXN" in cells.total(paid)
    assert "$11,600.00 USD" in cells.total(replace(FOUND, moneda="USD"))


def test_a_date_that_is_not_there_is_a_dash() -> None:
    assert cells.moment(None) == "—"
