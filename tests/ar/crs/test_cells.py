"""The cells of downloads: what each holds, and that nobody's name gets markup onto a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import pytest
from hypothesis import example, given
from markupsafe import Markup

from acuse.ar.crs.model import ZONE, Descarga, EstadoDescarga
from acuse.ar.crs.pages import cells
from acuse.webkit.formats import Viewing, viewing
from tests.support.rows import HOSTILE_NAMES, Seen

FOUND: Final = Descarga(
    id=UUID("5c2b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11"),
    id_usuario=7,
    usuario_nombre="MUÑOZ & PEÑA",
    id_certificado=UUID(int=1),
    controlador_id="SESHIA0000001371",
    certificado_nombre="Caja <1>",
    fecha=datetime(2026, 3, 4, 2, 5, 9, tzinfo=UTC),
    estado=EstadoDescarga.PENDIENTE,
    checksum="",
    size_bytes=1,
    ip_origen=None,
    deliveries=0,
    precio=None,
    updated_at=datetime(2026, 3, 4, tzinfo=UTC),
)
PATH: Final = "/app/crs/descargas/5c2b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11"


def seen(line: Callable[[Descarga], Markup], row: Descarga) -> Seen:
    with viewing(Viewing(zone=ZONE, now=datetime(2026, 3, 5, tzinfo=UTC))):
        return Seen(line(row))


def test_one_to_bill_tells_when_who_which_and_its_state_and_can_be_chosen() -> None:
    row = seen(cells.to_bill, FOUND)
    assert row.texts == [
        "Elegir la de SESHIA0000001371",
        "3 mar 2026, 23:05",
        "MUÑOZ & PEÑA",
        "SESHIA0000001371",
        "Pendiente de Facturar",
    ]
    assert row.links == [PATH]
    assert f'name="ids" value="{FOUND.id}"' in cells.to_bill(FOUND)


def test_ones_own_leads_to_its_page_and_its_file() -> None:
    row = seen(cells.own, replace(FOUND, estado=EstadoDescarga.FACTURADO))
    assert row.texts == ["3 mar 2026, 23:05", "SESHIA0000001371", "Caja <1>", "Facturado", "Bajar"]
    assert row.links == [PATH, f"{PATH}/archivo"]


@pytest.mark.parametrize("line", [cells.to_bill, cells.own])
@given(HOSTILE_NAMES)
@example('"><img src=x onerror=alert(1)>')
def test_a_name_is_read_as_written_and_adds_no_element(line: Callable[[Descarga], Markup], name: str) -> None:
    row = seen(line, replace(FOUND, usuario_nombre=name, certificado_nombre=name, controlador_id=name))
    assert row.elements == seen(line, FOUND).elements
    assert row.texts.count(name) == 2
