"""A program's whole errand over HTTP: a year of CFDIs, from the e.firma to the XML, with a bearer token."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from tests.flows.site import PASSWORD, Site, until


@asynccontextmanager
async def logged_in(site: Site, tax_id: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=site.url) as client:
        answer = await client.post("/auth/login", json={"cuit": tax_id, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        yield client


async def finished(client: httpx2.AsyncClient, plan: str) -> list[dict[str, Any]]:
    """Wait until nothing of the plan moves any more; answer its fourteen."""

    async def look() -> list[dict[str, Any]]:
        answer = await client.get("/api/v1/sat/solicitudes", params={"plan": plan, "limit": 100})
        rows: list[dict[str, Any]] = answer.json()["solicitudes"]
        return rows

    ended = {"completa", "sin_cfdi", "rechazada", "error", "vencida", "excedida"}
    return await until(look, lambda rows: all(row["estado"] in ended for row in rows))


async def test_a_year_of_cfdis_comes_down(site: Site) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    taxpayer = f"/api/v1/sat/contribuyentes/{told.rfc}"
    async with logged_in(site, told.rfc) as client:
        cer, key, password = site.sat.efirma()
        loaded = await client.put(
            f"{taxpayer}/efirma", files={"cer": ("uno.cer", cer), "key": ("uno.key", key)}, data={"password": password}
        )
        assert loaded.status_code == 200, loaded.text
        assert loaded.json()["efirma"]["estado"] == "vigente"

        year = {"rfc": told.rfc, "year": told.year, "tipo_comprobante": "E"}
        sent = await client.post("/api/v1/sat/solicitudes/anual", json=year)
        assert sent.status_code == 201, sent.text
        assert sent.json()["creadas"] == len(sent.json()["solicitudes"]) == 14

        rows = await finished(client, sent.json()["plan"])
        assert {row["estado"] for row in rows} <= {"completa", "sin_cfdi"}
        announced = sum(row["numero_cfdis"] or 0 for row in rows if row["tipo_solicitud"] == "CFDI")
        assert announced > 50

        paquetes = (await client.get("/api/v1/sat/paquetes", params={"limit": 100})).json()["paquetes"]
        assert all(paquete["guardado"] and paquete["indexado"] for paquete in paquetes)
        assert {paquete["descargas"] for paquete in paquetes} == {1}
        assert set(site.sat.downloads().values()) == {1}

        found = (await client.get("/api/v1/sat/cfdis", params={"limite": 500, "con_xml": True})).json()["cfdis"]
        assert len(found) == len({row["uuid"] for row in found}) == announced
        one = found[0]
        by_name = await client.get("/api/v1/sat/cfdis", params={"texto": one["nombre_receptor"], "limite": 500})
        assert one["uuid"] in {row["uuid"] for row in by_name.json()["cfdis"]}

        xml = await client.get(f"/api/v1/sat/cfdis/{one['uuid']}/xml")
        assert xml.headers["content-type"].startswith("application/xml")
        assert one["uuid"].lower() in xml.text.lower()

        paquete = next(each for each in paquetes if each["comprobantes"] and each["bytes"])
        archive = await client.get(f"/api/v1/sat/paquetes/{paquete['id']}/archivo")
        assert hashlib.sha256(archive.content).hexdigest() == paquete["sha256"]
        assert zipfile.ZipFile(io.BytesIO(archive.content)).testzip() is None

        again = await client.post("/api/v1/sat/solicitudes/anual", json=year)
        assert again.json()["creadas"] == 0
        assert again.json()["plan"] == sent.json()["plan"]


async def test_a_stranger_sees_nothing_of_it(site: Site) -> None:
    told = site.sat.told
    await site.person(told.rfc)
    await site.person("COSC8001137NA")
    async with logged_in(site, told.rfc) as owner, logged_in(site, "COSC8001137NA") as stranger:
        cer, key, password = site.sat.efirma()
        taxpayer = f"/api/v1/sat/contribuyentes/{told.rfc}"
        files = {"cer": ("uno.cer", cer), "key": ("uno.key", key)}
        await owner.put(f"{taxpayer}/efirma", files=files, data={"password": password})
        year = {"rfc": told.rfc, "year": told.year, "tipo_comprobante": "E"}
        sent = (await owner.post("/api/v1/sat/solicitudes/anual", json=year)).json()
        await finished(owner, sent["plan"])
        paquete = (await owner.get("/api/v1/sat/paquetes")).json()["paquetes"][0]
        cfdi = (await owner.get("/api/v1/sat/cfdis")).json()["cfdis"][0]

        for path in (
            taxpayer,
            f"{taxpayer}/efirma",
            f"{taxpayer}/accesos",
            f"/api/v1/sat/solicitudes/{sent['solicitudes'][0]['id']}",
            f"/api/v1/sat/paquetes/{paquete['id']}/archivo",
            f"/api/v1/sat/cfdis/{cfdi['uuid']}/xml",
        ):
            assert (await stranger.get(path)).status_code == 404, path
        for path, name in (("paquetes", "paquetes"), ("cfdis", "cfdis"), ("solicitudes", "solicitudes")):
            assert (await stranger.get(f"/api/v1/sat/{path}")).json()[name] == []
        assert (await stranger.post("/api/v1/sat/solicitudes/anual", json=year)).status_code == 404
