"""Builds the taxpayers' service and declares what it adds to the house."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from acuse.accounts.rights import Identity, Right
from acuse.accounts.service import LoginService
from acuse.kernel.errors import Misconfigured
from acuse.kernel.feature import Alert, AlertSource, Check, Feature, Finding, HomePanel, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSubject
from acuse.kernel.settings import Cron, Settings
from acuse.mx.contribuyentes import api, pages
from acuse.mx.contribuyentes.cli import commands
from acuse.mx.contribuyentes.jobs import jobs, removal_jobs, schedules
from acuse.mx.contribuyentes.model import Contribuyente, EfirmaState, needs_attention
from acuse.mx.contribuyentes.service import (
    BatchLoads,
    ClientsService,
    ContribuyentesService,
    Departures,
    ExpiryLetters,
    PemExports,
)
from acuse.mx.contribuyentes.store import ContribuyentesStore, rfcs_of
from acuse.notices import Outbox
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate, Sha1Unavailable
from acuse.pki.private_key import check_sha1

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class ContribuyentesSettings(Settings):
    """Contribuyentes y e.firmas."""

    sat_ca_file: Path | None = Field(
        None,
        description="Certificados de las autoridades del SAT (PEM, uno o varios). Si se indica, sólo se aceptan "
        "e.firmas firmadas por una de ellas; si no, el emisor no se comprueba.",
    )
    taxpayer_export_life_h: int = Field(
        24,
        ge=1,
        description="Cuánto vale una exportación completa para poder eliminar a un contribuyente.",
        json_schema_extra={"unit": "h"},
    )
    schedule_efirma_notices: Cron = Field(
        "0 8 * * *",
        description="Cuándo se avisa por correo de las e.firmas que vencen en 60, 30, 15 o 7 días "
        "(cron, Ciudad de México).",
    )


def read_issuers(path: Path | None) -> Sequence[Certificate]:
    """Read the issuers to trust from a PEM bundle or one DER certificate. Raises Misconfigured."""
    if path is None:
        return ()
    try:
        data = path.read_bytes()
        return [Certificate.load(text) for text in _PEM.findall(data)] or [Certificate.load(data)]
    except (OSError, NotACertificate) as error:
        raise Misconfigured(problem=f"SAT_CA_FILE: no se pudo leer un certificado en {path}.") from error


async def _sha1() -> Finding:
    """Find out whether this machine signs as the SAT's download service demands."""
    try:
        await asyncio.to_thread(check_sha1)
    except Sha1Unavailable as error:
        return Finding("missing", error.text)
    return Finding("ok", "Esta máquina puede firmar con RSA-SHA1, como lo exige el SAT.")


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    settings, store = house.settings.read(ContribuyentesSettings), ContribuyentesStore()
    service = ContribuyentesService(
        database=house.database,
        store=store,
        vault=house.vault,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
        issuers=read_issuers(settings.sat_ca_file),
    )

    exports = PemExports(
        database=house.database, contribuyentes=service, login=services[LoginService], audit=house.audit
    )

    departures = Departures(
        database=house.database,
        store=store,
        contribuyentes=service,
        files=house.files,
        events=house.events,
        audit=house.audit,
        clock=house.clock,
        export_life_h=settings.taxpayer_export_life_h,
    )
    letters = ExpiryLetters(
        database=house.database,
        store=store,
        outbox=services[Outbox],
        clock=house.clock,
        public_url=house.settings.core.acuse_public_url,
    )

    async def waiting(identity: Identity) -> list[Alert]:
        return [_alert(item) for item in await service.visible_to(identity) if needs_attention(item)]

    return Mounted(
        services=[service, exports, letters, BatchLoads(service), ClientsService(service), departures],
        api=[api.router],
        pages=pages.routers,
        jobs=[*jobs(service), *removal_jobs(departures)],
        subjects=[JobSubject(argument="contribuyente_id", told=rfcs_of)],
        schedules=schedules(letters, cron=settings.schedule_efirma_notices),
        menu=[
            MenuEntry(
                section="Credenciales",
                label="Contribuyentes",
                path=pages.HOME,
                icon="key",
                right=Right.SAT_READ,
            )
        ],
        alerts=[AlertSource(right=Right.SAT_READ, find=waiting)],
        home=[HomePanel(right=Right.SAT_READ, render=pages.home_panel, order=5)],
        checks=[Check(caption="Firma RSA-SHA1", run=_sha1)],
        templates=Path(__file__).parent / "templates",
    )


def _alert(item: Contribuyente) -> Alert:
    """Say what is wrong with a taxpayer's e.firma, and where to load another."""
    path = f"{pages.HOME}/{item.rfc.path_segment}"
    if item.efirma is None:
        return Alert(text=f"Falta la e.firma de {item.rfc}: sin ella no se descarga nada.", path=path)
    if item.efirma.state is EfirmaState.EXPIRED:
        return Alert(text=f"La e.firma de {item.rfc} venció. Sube la nueva.", path=path, state="failed")
    return Alert(text=f"La e.firma de {item.rfc} vence {item.efirma.ends}.", path=path)


FEATURE = Feature(
    name="contribuyentes",
    country="mx",
    caption="Los RFC que se atienden, quién actúa por ellos y sus e.firmas.",
    build=build,
    settings=[ContribuyentesSettings],
    commands=commands,
)
