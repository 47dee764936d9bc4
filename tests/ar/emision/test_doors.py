"""Issuing over API, pages and a real worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.accounts.model import Role
from acuse.ar.certificates.lookalike import device_key
from acuse.ar.emision.model import EstadoEmision
from acuse.kernel.clock import MovableClock
from acuse.kernel.jobs import JobSettings, Worker
from tests.ar.emision.conftest import Office
from tests.support.arca import CUIT, a_company, a_request
from tests.support.controladores import DEVICE, a_bundle
from tests.support.crs import open_site
from tests.support.jobs import until


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """Keep a worker running for a block."""
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        await worker.stop()
        await task


ASKED = {"controlador_id": "seshia-1371"}


async def test_from_the_api_through_a_worker_to_the_file(office: Office) -> None:
    body = ASKED | {"request": a_request().hex()}
    assert (await office.bob.api.post("/api/v1/crs/emisiones", json=body)).json()["message"].startswith("La solicitud")
    office.arca.enrol(DEVICE, device_key().public_key)
    answer = await office.bob.api.post("/api/v1/crs/emisiones", json=ASKED)
    assert (answer.status_code, answer.json()["estado"]) == (202, "en_espera")
    emision = answer.json()["id_emision"]
    jobs = [job for mounted in office.site.services.mounted.values() for job in mounted.jobs]
    house = office.site.house
    worker = Worker(
        database=house.database, clock=house.clock, events=house.events, jobs=jobs, schedules=(), settings=JobSettings()
    )
    async with running(worker):

        async def ended() -> bool:
            told = (await office.bob.api.get(f"/api/v1/crs/emisiones/{emision}")).json()
            return told["terminada"] is not None

        await until(ended, within_s=60)
    told = (await office.bob.api.get(f"/api/v1/crs/emisiones/{emision}")).json()
    assert (told["estado"], told["intentos"]) == ("concluida", 1)
    file = await office.bob.api.get(f"/downloads/{told['id_descarga']}/file")
    assert file.headers["content-disposition"].startswith(f'attachment; filename="{DEVICE}-')
    listed = (await office.bob.api.get("/api/v1/crs/emisiones")).json()
    assert [one["id_emision"] for one in listed["emisiones"]] == [emision]


class TestApi:
    async def test_administrator_sees_the_standing_and_changes_the_credential(self, office: Office) -> None:
        ana = await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        told = (await ana.api.get("/api/v1/crs/emisiones/arca")).json()
        assert (told["encendida"], told["ambiente"], told["credencial"]["cuit"]) == (True, "pruebas", CUIT)
        assert (await ana.api.delete("/api/v1/crs/emisiones/credencial")).status_code == 200
        assert (
            (await office.bob.api.post("/api/v1/crs/emisiones", json=ASKED))
            .json()["message"]
            .startswith("Falta la credencial")
        )
        pair = a_company()
        files = {"certificate": pair.certificate.pem.encode(), "key": pair.private_key.to_encrypted_pem("x").encode()}
        put = await ana.api.put("/api/v1/crs/emisiones/credencial", files=files, data={"password": "x"})
        assert (put.status_code, put.json()["cuit"]) == (200, CUIT)
        wrong = await ana.api.put("/api/v1/crs/emisiones/credencial", files=files | {"certificate": a_bundle()})
        assert wrong.status_code == 400
        assert [row.accion for row in await office.site.audited("UPLOAD_CREDENTIAL", "DELETE_CREDENTIAL")] == [
            "UPLOAD_CREDENTIAL",
            "DELETE_CREDENTIAL",
            "UPLOAD_CREDENTIAL",
        ]

    async def test_baja_is_for_administrators(self, office: Office) -> None:
        assert (await office.bob.api.post("/api/v1/crs/emisiones/baja", json=ASKED)).status_code == 403

    async def test_a_path_that_is_only_posted_to_is_nobodys_id(self, office: Office) -> None:
        for path in ("emisiones/baja", "resumenes/cierre"):
            answer = await office.bob.api.get(f"/api/v1/crs/{path}")
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")

    async def test_cancelled_over_the_api(self, office: Office) -> None:
        emision = (await office.bob.api.post("/api/v1/crs/emisiones", json=ASKED)).json()["id_emision"]
        assert (await office.bob.api.post(f"/api/v1/crs/emisiones/{emision}/cancelar")).json()["estado"] == "rechazada"
        assert (await office.bob.api.post(f"/api/v1/crs/emisiones/{emision}/cancelar")).status_code == 409


class TestPages:
    async def test_asked_on_the_page_and_watched(self, office: Office) -> None:
        office.arca.enrol(DEVICE, device_key().public_key)
        sent = await office.bob.browser.post("/app/crs/emisiones/nuevo", data={"controlador": "SESHIA 1371"})
        assert sent.status_code == 303
        place = sent.headers["location"]
        page = await office.bob.browser.get(place)
        assert "En espera" in page.text
        assert "Cancelar el pedido" in page.text
        (row,) = await office.rows("select id_emision from crs_emisiones")
        assert (await office.bob.browser.get(f"{place}/avance")).status_code == 200
        done = await office.carry(await office.issuing.get(office.bob.identity, row["id_emision"]))
        assert done.estado is EstadoEmision.CONCLUIDA
        ended = await office.bob.browser.get(f"{place}/avance")
        assert ended.status_code == 286
        assert "Certificado emitido" in ended.text
        assert DEVICE in (await office.bob.browser.get("/app/crs/emisiones")).text

    @pytest.mark.parametrize(("typed", "said"), [("x", "no identifica"), (DEVICE, "vigente hasta")])
    async def test_what_cannot_be_asked_is_said_on_the_form(self, office: Office, typed: str, said: str) -> None:
        await office.site.certificate(DEVICE)
        answer = await office.bob.browser.post("/app/crs/emisiones/nuevo", data={"controlador": typed})
        assert answer.status_code in {400, 409}
        assert said in answer.text

    async def test_credential_page_takes_a_pair_and_refuses_another(self, office: Office) -> None:
        ana = await office.site.person("Ana", "27301112225", Role.ADMINISTRADOR)
        pair = a_company()
        good = {"certificado": pair.certificate.der, "llave": pair.private_key.to_der()}
        assert (await ana.browser.post("/app/crs/emisiones/credencial", files=good)).status_code == 303
        bad = await ana.browser.post("/app/crs/emisiones/credencial", files=good | {"llave": device_key().to_der()})
        assert (bad.status_code, "KEY_DOES_NOT_MATCH" in bad.text) == (400, True)
        assert CUIT in (await ana.browser.get("/app/crs/emisiones/credencial")).text


async def test_switched_off_the_doors_say_so_and_the_catalogue_works(
    database_url: URL, tmp_path: Path, clock: MovableClock
) -> None:
    async with open_site(database_url, tmp_path, clock) as site:
        bob = await site.person("Bob", "20123456786", limit=2)
        refused = await bob.api.post("/api/v1/crs/emisiones", json=ASKED)
        assert refused.status_code == 409
        assert "ARCA_ISSUANCE" in refused.json()["message"]
        certificate = await site.certificate()
        assert (await bob.api.post("/downloads/start", json={"certificateId": str(certificate)})).status_code == 200
        page = await bob.browser.get("/app/crs/emisiones")
        assert "La emisión por ARCA está apagada" in page.text
        assert "Pedidos a ARCA" not in (await bob.browser.get("/app/crs")).text
        assert not await site.audited("REQUEST_ISSUANCE")
