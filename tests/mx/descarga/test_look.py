"""Every page of descarga masiva, looked at in Chromium: light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path

import pytest

from acuse.accounts.cookies import SessionCookie
from acuse.accounts.service import AccountsService, BrowserService
from acuse.app import create_app
from acuse.mx.descarga.model.estado import Estado
from acuse.mx.outside.sat_descarga.codes import Sentido
from acuse.mx.outside.sat_descarga.simulator import Fault
from tests.mx.descarga.conftest import RFC, YEAR, Office, parametros
from tests.support.browser import chromium, look_at, needs_chromium, served

pytestmark = [pytest.mark.browser, needs_chromium]


async def test_pages_are_sound(office: Office, tmp_path: Path) -> None:
    plan = await office.sending.send_year(office.alice, RFC, YEAR, Sentido.EMITIDOS)
    await office.settle()
    await office.sending.send_year(office.alice, RFC, YEAR + 1, Sentido.EMITIDOS)
    office.sat.switches.fail(Fault(operation="emitidos", code=301, message="XML Mal Formado:Fecha final invalida"))
    failed = await office.sending.send(office.alice, RFC, parametros("2025-01-05", "2025-01-09"))
    done = next(row for row in (await office.reading.solicitudes(office.alice)).items if row.estado is Estado.COMPLETA)
    user = await office.services[AccountsService].get(office.alice.id or 0)
    secret = await office.services[BrowserService].open(user, ip=None, agent="prueba")
    cookie = {"name": office.services[SessionCookie].name, "value": secret}
    paths = [
        "/app/sat",
        "/app/sat/nueva",
        f"/app/sat/planes/{plan.plan.id}",
        f"/app/sat/solicitudes/{done.id}",
        f"/app/sat/solicitudes/{failed.id}",
    ]
    async with served(create_app(office.house, office.services)) as address, chromium() as browser:
        assert await look_at(browser, address, paths, tmp_path, cookies=[cookie]) == []
