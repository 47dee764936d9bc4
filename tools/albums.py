"""The pages to be photographed, person by person, and the house of which they tell."""

from __future__ import annotations

import asyncio
import base64
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from tests.flows.site import PASSWORD, Sat, Site, until
from tests.support import documents as made
from tests.support.cfdis import a_zip

from acuse.accounts import Identity, RecoveryService, totp
from acuse.accounts.model import Role, User
from acuse.accounts.service import SecondFactorService
from acuse.accounts.store import RecoveryStore
from acuse.ar.certificates.lookalike import VALIDITY, AfipLookalikeCa
from acuse.ar.controladores import ControladorId
from acuse.ar.crs.service import CatalogueService, DownloadService
from acuse.ar.emision.service import CredentialService, IssuingService
from acuse.ar.resumenes.model import Month
from acuse.ar.resumenes.service import ClosingService
from acuse.cli.demo.controladores import fill_catalogue
from acuse.kernel.audit import SYSTEM
from acuse.mx.archivo import ArchivoService, Efecto
from acuse.mx.archivo.schemas import CfdiQuery
from acuse.mx.cfdi.errors import PaqueteTooLarge
from acuse.mx.contribuyentes import ContribuyentesService
from acuse.mx.descarga.model.periodo import months
from acuse.mx.descarga.service import MissingService, SendingService
from acuse.mx.estatus.service import LoteService
from acuse.mx.exportaciones import ExportEnded, ExportService, Formato
from acuse.mx.importaciones import ImportService
from acuse.mx.listas import ListasService
from acuse.mx.outside.sat_descarga.codes import EstadoSolicitud, Familia, Sentido
from acuse.mx.outside.sat_descarga.errors import SatTrouble

_KIND = "5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B1"
_ASKED_OF_ARCA = {"hecho": "SESHIA0000009001", "rechazado": "SESHIA0000009002", "espera": "SESHRA0000009003"}


@dataclass(frozen=True)
class Shot:
    """One page as one person sees it; `status` is what it answers."""

    name: str
    path: str
    status: int = 200


@dataclass(frozen=True)
class Album:
    """The pages of one person; without a user, of a visitor."""

    name: str
    user: User | None
    shots: Sequence[Shot]


async def albums_of(site: Site, sat: Sat) -> list[Album]:
    """Fill the house with what its pages tell of, and answer who is shown which of them."""
    told = sat.told
    owner = await site.person(told.rfc)
    admin = await site.person("XIQB891116QE4", role=Role.ADMINISTRADOR)
    mayorista = await site.person("COSC8001137NA", role=Role.MAYORISTA)
    novice = await site.person("KAHO641101B39")
    temporary = await site.person("Ñ&O120726RX3", must_change=True)
    plan = await _a_year(site, sat, owner)
    await _some_exports(site, owner)
    await _other_kinds(site, told.rfc)
    imported = await _an_import(site, owner)
    asked = await site.services[LoteService].create(Identity.of(owner), CfdiQuery(rfc=told.rfc, efecto=Efecto.PAGO))
    await site.services[ListasService].fetch()
    rows = {
        "vencida": str(await _one(site, "select id from solicitudes where estado = 'vencida'")),
        "completa": str(await _one(site, "select id from solicitudes where estado = 'completa' order by fecha_inicio")),
        "dividida": str(await _one(site, "select parent_id from solicitudes where parent_id is not null")),
    }
    documents = {
        name: str(await _one(site, f"select uuid from cfdi where {which} order by fecha desc"))
        for name, which in (
            ("vigente", "estado = 'vigente' and efecto = 'I'"),
            ("pago", "efecto = 'P'"),
            ("cancelado", "estado = 'cancelado'"),
            ("nomina", f"uuid = '{_KIND}1'"),
            ("carta-porte", f"uuid = '{_KIND}2'"),
            ("retenciones", f"uuid = '{_KIND}3'"),
            ("antiguo", f"uuid = '{_KIND}4'"),
            ("dolares", f"uuid = '{_KIND}5'"),
        )
    }
    taxpayer = f"/app/contribuyentes/{told.rfc}"
    enrolling = await site.person("MISC491214B86", role=Role.ADMINISTRADOR)
    enrolled = await site.person("FUNK671228PH6", role=Role.ADMINISTRADOR)
    await _second_factor(site, enrolling, confirmed=False)
    await _second_factor(site, enrolled, confirmed=True)
    everybody = [
        Shot("inicio", "/app"),
        Shot("cuenta", "/app/cuenta"),
        Shot("contrasena", "/app/cuenta/contrasena"),
        Shot("segundo-paso", "/app/cuenta/segundo-paso"),
        Shot("avisos", "/app/avisos"),
        Shot("api", "/docs"),
        Shot("no-existe", "/app/no-existe", 404),
    ]
    code = await _recovery_code(site, owner)
    certificates, download = await _some_downloads(site, mayorista)
    past = await _past_certificates(site)
    issued = await _some_issuances(site, mayorista)
    await _some_failures(site)
    stated = await _a_statement(site)
    return [
        Album(
            "visitante",
            None,
            [
                Shot("entrada", "/app/login"),
                Shot("olvide", "/app/olvide"),
                Shot("enlace-vencido", "/app/recuperar?codigo=vencido", 400),
                Shot("recuperar", f"/app/recuperar?codigo={code}"),
            ],
        ),
        Album("temporal", temporary, [Shot("cambiar-contrasena", "/app/cambiar-contrasena")]),
        Album(
            "nuevo",
            novice,
            [
                Shot("inicio", "/app"),
                Shot("contribuyentes", "/app/contribuyentes"),
                Shot("descarga", "/app/sat"),
                Shot("cfdi", "/app/cfdi"),
                Shot("exportaciones", "/app/exportaciones"),
                Shot("completitud", "/app/completitud"),
                Shot("resumen", "/app/resumen"),
                Shot("estatus", "/app/estatus"),
                Shot("lista-69b", "/app/listas"),
                Shot("ajeno", taxpayer, 404),
            ],
        ),
        Album(
            "contribuyente",
            owner,
            [
                *everybody,
                Shot("contribuyentes", "/app/contribuyentes"),
                Shot("contribuyente", taxpayer),
                Shot("nueva-efirma", "/app/contribuyentes/nueva-efirma"),
                Shot("muchas-efirmas", "/app/contribuyentes/lote"),
                Shot("contribuyente-nuevo", "/app/contribuyentes/nuevo"),
                Shot("exportar-pem", f"{taxpayer}/efirma/pem"),
                Shot("descarga", "/app/sat"),
                Shot("descarga-excedidas", "/app/sat?estado=excedida"),
                Shot("solicitud-nueva", "/app/sat/nueva"),
                Shot("un-folio", "/app/sat/folio"),
                Shot("las-14-de-varios", f"/app/sat/varios?rfc={told.rfc}"),
                Shot("plan", f"/app/sat/planes/{plan}"),
                Shot("solicitud-completa", f"/app/sat/solicitudes/{rows['completa']}"),
                Shot("solicitud-dividida", f"/app/sat/solicitudes/{rows['dividida']}"),
                Shot("solicitud-vencida", f"/app/sat/solicitudes/{rows['vencida']}"),
                Shot("repetir", f"/app/sat/solicitudes/{rows['vencida']}/repetir"),
                Shot("cfdi", "/app/cfdi"),
                Shot("cfdi-nada", "/app/cfdi?texto=nadie+se+llama+así"),
                Shot("cfdi-mal", "/app/cfdi?uuid=no-es&importe_min=mucho", 400),
                Shot("cancelados", "/app/cfdi/cancelados"),
                Shot("exportaciones", "/app/exportaciones"),
                Shot("resumen", f"/app/resumen?year={told.year}"),
                Shot("completitud", f"/app/completitud?year={told.year}"),
                Shot("completitud-cliente", f"/app/completitud/{told.rfc}/{told.year}"),
                Shot("completitud-cliente-sin-pedir", f"/app/completitud/{told.rfc}/{told.year - 1}"),
                Shot("importaciones", "/app/importaciones"),
                Shot("importacion", f"/app/importaciones/{imported}"),
                *(Shot(f"cfdi-{name}", f"/app/cfdi/{told.rfc}/{uuid}") for name, uuid in documents.items()),
                Shot("estatus", "/app/estatus"),
                Shot("estatus-lote", f"/app/estatus/lotes/{asked.id}"),
                Shot("lista-69b", "/app/listas"),
                Shot("sin-permiso", "/app/trabajos", 403),
            ],
        ),
        Album(
            "administrador",
            admin,
            [
                *everybody,
                Shot("trabajos", "/app/trabajos"),
                Shot("trabajos-hechos", "/app/trabajos?estado=done"),
                Shot("trabajos-fallidos", "/app/trabajos?estado=failed"),
                Shot("salud", "/app/salud"),
                Shot("descarga", "/app/sat"),
                Shot("contribuyentes", "/app/contribuyentes"),
                Shot("usuarios", "/app/usuarios"),
                Shot("usuario-nuevo", "/app/usuarios/nuevo"),
                Shot("usuario", f"/app/usuarios/{mayorista.id}"),
                Shot("auditoria", "/app/auditoria"),
                Shot(
                    "auditoria-asiento",
                    f"/app/auditoria/{await _one(site, 'select id_auditoria from auditoria order by seq desc')}",
                ),
                Shot("por-facturar", "/app/crs/descargas"),
                Shot("metricas", "/app/crs/metricas"),
                Shot("subir-certificados", "/app/crs/subir"),
            ],
        ),
        Album("administrador-en-alta", enrolling, [Shot("segundo-paso", "/app/cuenta/segundo-paso")]),
        Album(
            "administrador-protegido",
            enrolled,
            [Shot("segundo-paso", "/app/cuenta/segundo-paso"), Shot("cuenta", "/app/cuenta")],
        ),
        Album(
            "mayorista",
            mayorista,
            [
                Shot("inicio", "/app"),
                Shot("catalogo", "/app/crs"),
                Shot("catalogo-busqueda", "/app/crs?buscar=seshia-1371"),
                Shot("certificado", f"/app/crs/certificados/{certificates[1]}"),
                *(Shot(f"certificado-{name}", f"/app/crs/certificados/{one}") for name, one in past.items()),
                Shot("mis-descargas", "/app/crs/mis-descargas"),
                Shot("crs-descarga", f"/app/crs/descargas/{download}"),
                Shot("por-vencer", "/app/crs/por-vencer"),
                Shot("pedidos-arca", "/app/crs/emisiones"),
                Shot("pedir-arca", "/app/crs/emisiones/nuevo?controlador=SESHIA0000009004"),
                *(Shot(f"pedido-{name}", f"/app/crs/emisiones/{one}") for name, one in issued.items()),
                Shot("resumenes", "/app/crs/resumenes"),
                Shot("resumen", f"/app/crs/resumenes/{stated}"),
                Shot("comprobar-resumen", "/app/crs/resumenes/comprobar"),
            ],
        ),
        Album(
            "administrador-crs",
            admin,
            [
                Shot("pedidos-arca", "/app/crs/emisiones"),
                Shot("credencial-arca", "/app/crs/emisiones/credencial"),
                Shot("resumenes", "/app/crs/resumenes"),
            ],
        ),
    ]


async def _other_kinds(site: Site, rfc: str) -> None:
    """Add a payroll, a waybill, a certificate of withholding, a CFDI 3.2 and one 3.3 in dollars, all issued."""
    emisor = (rfc, "ESCUELA KEMPER URGATE")
    payroll = made.cfdi40(f"{_KIND}1", made.NOMINA12, efecto="N", emisor=emisor, total="7369.75", moneda="MXN")
    waybill = made.cfdi40(f"{_KIND}2", made.carta_porte("3.1"), efecto="T", emisor=emisor)
    dollars = made.cfdi40(
        f"{_KIND}5", efecto="I", emisor=emisor, version="3.3", total="1250.00", moneda="USD", more='TipoCambio="19.85"'
    )
    documents = [payroll, waybill, made.retencion20(f"{_KIND}3", emisor=rfc), made.cfdi32(f"{_KIND}4"), dollars]
    await site.house.files.put("otros.zip", a_zip((f"{place}.xml", xml) for place, xml in enumerate(documents)))
    taxpayer = await _one(site, f"select id from contribuyentes where rfc = '{rfc}'")
    await site.services[ArchivoService].ingest_xml_package(taxpayer, "otros.zip", "E")


async def _a_year(site: Site, sat: Sat, owner: User) -> str:
    """Bring a year down, one of its solicitudes refused by the SAT, ask what Retenciones there are, let one expire.

    Answers the plan's id.
    """
    contribuyentes, sending = site.services[ContribuyentesService], site.services[SendingService]
    await contribuyentes.upload_efirma(SYSTEM, *sat.efirma(), owner_id=owner.id)
    sat.ask("POST", "outcomes", {"estado": 5, "codigo": 5003, "times": 1})
    plan = await sending.send_year(SYSTEM, sat.told.rfc, sat.told.year, Sentido.EMITIDOS)
    await _all_ended(site)
    year = months(sat.told.year, 1, 12)
    await site.services[MissingService].ask_metadata(
        SYSTEM, sat.told.rfc, Sentido.EMITIDOS, year, familia=Familia.RETENCIONES
    )
    await _all_ended(site)
    sat.ask("POST", "outcomes", {"estado": EstadoSolicitud.VENCIDA, "times": 1})
    await sending.send_folio(SYSTEM, sat.told.rfc, str(await _one(site, "select uuid from cfdi where efecto = 'I'")))
    await _all_ended(site)
    return str(plan.plan.id)


async def _some_downloads(site: Site, reseller: User) -> tuple[Sequence[str], str]:
    """Fill the catalogue and start downloads up to three fifths of the limit; answer them and the last download."""
    certificates = await fill_catalogue(site.services[CatalogueService], site.house.clock)
    caller, service = Identity.of(reseller), site.services[DownloadService]
    begun = [await service.start(caller, UUID(one)) for one in certificates[: reseller.limite_descargas * 3 // 5]]
    return certificates, str(begun[-1].id)


async def _past_certificates(site: Site) -> dict[str, str]:
    """Add a certificate that has ended since and one that was replaced by a newer one; answer both."""
    now, catalogue = site.house.clock.now(), site.services[CatalogueService]
    authority = await asyncio.to_thread(AfipLookalikeCa.create, now)
    added = []
    for device, left in (("SESHIA0000005001", 2), ("SESHIA0000005002", 20), ("SESHIA0000005002", 700)):
        bundle = authority.bundle(device, since=now + timedelta(days=left) - VALIDITY)
        one, _ = await catalogue.add(SYSTEM, bundle, nombre="Mercería La Ñusta")
        added.append(str(one.id))
    async with site.house.database.transaction() as tx:
        ended = "update crs_certificados set not_after = not_after - interval '5 days' where id_certificado = :id"
        await tx.execute(text(ended), {"id": added[0]})
    return {"vencido": added[0], "reemplazado": added[1]}


async def _some_failures(site: Site) -> None:
    """Let the last jobs of two kinds have failed, and one be under way."""
    damaged = PaqueteTooLarge(problem="el índice anuncia 300,000 archivos")
    faults = (SatTrouble(sat_message="Tiempo de espera agotado"), damaged)
    async with site.house.database.transaction() as tx:
        last = """select max(id) from procrastinate_jobs where status = 'succeeded' and task_name like 'mx.descarga:%'
                  group by task_name order by 1 desc"""
        *failed, running = (await tx.execute(text(f"{last} limit {len(faults) + 1}"))).scalars().all()
        await tx.execute(text("update procrastinate_jobs set status = 'doing' where id = :id"), {"id": running})
        for job, fault in zip(failed, faults, strict=True):
            await tx.execute(text("update procrastinate_jobs set status = 'failed' where id = :id"), {"id": job})
            told = {"id": job, "code": fault.code, "reason": fault.text, "at": site.house.clock.now()}
            await tx.execute(text("insert into job_failures values (:id, :code, :reason, true, :at)"), told)


async def _all_ended(site: Site) -> None:
    waits = "select count(*) from solicitudes where finished_at is null"
    await until(lambda: _one(site, waits), lambda left: left == 0)


async def _second_factor(site: Site, user: User, *, confirmed: bool) -> None:
    """Bring somebody's second step as far as asked."""
    identity, factors = Identity.of(user), site.services[SecondFactorService]
    made = await factors.begin(identity, PASSWORD)
    if confirmed:
        secret = base64.b32decode(totp.typed(made.secret))
        await factors.confirm(identity, totp.code_of(secret, totp.step_at(site.house.clock.now())))


async def _recovery_code(site: Site, user: User) -> str:
    """Have a password forgotten, and answer what stands in the mail."""
    async with site.house.database.transaction() as tx:
        asked = await RecoveryStore().ask(tx, user.tax_id, None, site.house.clock.now())
        given = await site.services[RecoveryService].give_link(tx, asked)
    return "" if given is None else given[1]


async def _some_issuances(site: Site, reseller: User) -> dict[str, str]:
    """Ask the simulated ARCA for a certificate it gives, one it refuses and one it has no time for."""
    told, issuing = site.sat.told, site.services[IssuingService]
    cer = await asyncio.to_thread(Path(told.company["cer"]).read_bytes)
    key = await asyncio.to_thread(Path(told.company["key"]).read_bytes)
    await site.services[CredentialService].put(SYSTEM, cer, key)
    asked, waits = {}, "select count(*) from crs_emisiones where intentos = 0 and finished_at is null"
    for name, device in _ASKED_OF_ARCA.items():
        if name != "rechazado":
            site.sat.switch("arca/devices", {"controlador": device})
        if name == "espera":
            site.sat.switch("arca/faults", {"operation": "renovarCertificado", "fault": "ErrorInternoFault"})
        asked[name] = str((await issuing.ask(Identity.of(reseller), ControladorId.parse(device))).id)
        await until(lambda: _one(site, waits), lambda left: left == 0)
    return asked


async def _a_statement(site: Site) -> str:
    """Let what was downloaded have been so last month, and close that month; answer the statement's id."""
    last = Month.at(site.house.clock.now()).before
    async with site.house.database.transaction() as tx:
        await tx.execute(text("update crs_descargas set fecha = :fecha"), {"fecha": last.start})
    await site.services[ClosingService].close(last, SYSTEM)
    return str(await _one(site, "select id_resumen from crs_resumenes"))


async def _some_exports(site: Site, owner: User) -> None:
    """Have files made in three formats, cancel one, and let one seem to be under way."""
    exports, caller = site.services[ExportService], Identity.of(owner)
    for formato in (Formato.XLSX, Formato.ZIP, Formato.EVERYTHING):
        await exports.create(caller, formato, CfdiQuery(rfc=site.sat.told.rfc))
    given_up = await exports.create(caller, Formato.ZIP, CfdiQuery(efecto=Efecto.INGRESO))
    with suppress(ExportEnded):
        await exports.cancel(caller, given_up.id)
    await until(
        lambda: _one(site, "select count(*) from exportaciones where estado = 'en_curso'"), lambda left: left == 0
    )
    async with site.house.database.transaction() as tx:
        under_way = "update exportaciones set estado = 'en_curso', total = 4 * total where formato = 'xlsx'"
        await tx.execute(text(under_way))


async def _an_import(site: Site, owner: User) -> str:
    """Bring in a ZIP of somebody's: some of it known, some of it no CFDI; answer the import's id."""
    exports, caller, rfc = site.services[ExportService], Identity.of(owner), site.sat.told.rfc
    [ready, *_] = [each for each in await exports.list(caller) if each.formato is Formato.ZIP and each.size_bytes]
    _, pieces = await exports.open(caller, ready.id)
    held = io.BytesIO(b"".join([piece async for piece in pieces]))
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("acuse-de-cancelacion.xml", '<Acuse xmlns="http://cancelacfd.sat.gob.mx"/>')
        some = next(name for name in archive.namelist() if name.endswith(".xml"))
        archive.writestr("de-otro.xml", archive.read(some).replace(rfc.encode(), b"COSC8001137NA"))

    async def sent() -> AsyncIterator[bytes]:
        yield held.getvalue()

    made = await site.services[ImportService].create(caller, rfc, "archivo de 2019.zip", sent())
    await until(
        lambda: _one(site, "select count(*) from importaciones where estado = 'en_curso'"), lambda left: left == 0
    )
    return str(made.id)


async def _one(site: Site, sql: str) -> Any:
    async with site.house.database.transaction() as tx:
        return (await tx.execute(text(sql))).scalars().first()
