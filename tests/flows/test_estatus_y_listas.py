"""The state of CFDIs and the list of article 69-B, through the application, its worker and the simulated SAT."""

from __future__ import annotations

from typing import Any

import httpx2

from acuse.accounts import Role
from tests.flows.site import Site, until
from tests.flows.test_main_job_by_api import logged_in

ADMINISTRATOR = "27301112225"


async def bring_a_month(site: Site, client: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Load the e.firma, bring the metadata of what was received in November, and answer what is stored."""
    told = site.sat.told
    cer, key, password = site.sat.efirma()
    await client.put(
        f"/api/v1/sat/contribuyentes/{told.rfc}/efirma",
        files={"cer": ("uno.cer", cer), "key": ("uno.key", key)},
        data={"password": password},
    )
    asked = {
        "rfc": told.rfc,
        "familia": "CFDI",
        "tipo_solicitud": "Metadata",
        "tipo_comprobante": "R",
        "fecha_inicio": f"{told.year}-11-01",
        "fecha_fin": f"{told.year}-11-30",
    }
    sent = await client.post("/api/v1/sat/solicitudes", json=asked)
    assert sent.status_code == 201, sent.text

    async def look() -> str:
        row = await client.get(f"/api/v1/sat/solicitudes/{sent.json()['id']}")
        return str(row.json()["estado"])

    assert await until(look, lambda estado: estado in {"completa", "rechazada", "error", "excedida"}) == "completa"
    found: list[dict[str, Any]] = (await client.get("/api/v1/sat/cfdis", params={"limite": 500})).json()["cfdis"]
    return found


async def letters(site: Site) -> list[dict[str, Any]]:
    """What lies in the simulated mailbox."""
    async with httpx2.AsyncClient() as http:
        answer: list[dict[str, Any]] = (await http.get(f"{site.sat.told.mailbox}mensajes.json")).json()
    return answer


async def test_a_filtered_set_is_asked_and_what_was_cancelled_since_is_found(site: Site) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    async with logged_in(site, told.rfc) as client:
        stored = await bring_a_month(site, client)
        before = {row["uuid"] for row in stored if row["estado"] == "cancelado"}
        alive = [row["uuid"] for row in stored if (row["estado"], row["efecto"]) == ("vigente", "I")]
        other = next(row["uuid"] for row in stored if row["estado"] == "vigente" and row["uuid"] not in alive)
        cancelled = alive[0]
        site.sat.ask("POST", "cancel", {"uuids": [cancelled, other]})

        wanted = {"rfc": told.rfc, "estado": "vigente", "efecto": "I"}
        lote = (await client.post("/api/v1/sat/estatus/lotes", json=wanted)).json()
        assert 1 < lote["total"] == len(alive) < len(stored)

        async def look() -> dict[str, Any]:
            row: dict[str, Any] = (await client.get(f"/api/v1/sat/estatus/lotes/{lote['id']}")).json()
            return row

        ended = await until(look, lambda row: row["terminado"] is not None)
        assert (ended["consultados"], ended["no_encontrados"]) == (len(alive), 0)
        assert (ended["cancelados"], ended["cancelaciones_descubiertas"]) == (1, 1)

        rows = (await client.get("/api/v1/sat/cfdis", params={"limite": 500})).json()["cfdis"]
        assert {row["uuid"] for row in rows if row["estado"] == "cancelado"} == {*before, cancelled}
        told_so = (await client.get(f"/api/v1/sat/cfdis/{cancelled}/estatus")).json()
        assert told_so["consultas"][0]["estado"] == "Cancelado"


async def test_the_list_fetched_at_a_request_names_the_suppliers_in_it(site: Site) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    await site.person(ADMINISTRATOR, role=Role.ADMINISTRADOR)
    async with logged_in(site, told.rfc) as client, logged_in(site, ADMINISTRATOR) as administrator:
        stored = await bring_a_month(site, client)
        supplier = stored[0]["rfc_emisor"]
        row = {"rfc": supplier, "nombre": stored[0]["nombre_emisor"], "situacion": "Definitivo"}
        async with httpx2.AsyncClient(base_url=f"{told.control}/listas") as control:
            assert (await control.post("/row", json=row)).status_code == 200

        assert (await client.post("/api/v1/sat/listas/69b/descargar")).status_code == 403
        assert (await administrator.post("/api/v1/sat/listas/69b/descargar")).status_code == 202

        async def listed() -> list[dict[str, Any]]:
            rows: list[dict[str, Any]] = (await client.get("/api/v1/sat/listas/69b")).json()["contrapartes"]
            return rows

        found = {each["rfc"]: each for each in await until(listed)}
        assert found[supplier]["situacion"] == "Definitivo"
        assert found[supplier]["cfdis"] == sum(row["rfc_emisor"] == supplier for row in stored)

        async def written() -> bool:
            return any(supplier in str(letter) for letter in await letters(site))

        await until(written)
