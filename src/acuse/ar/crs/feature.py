"""Builds the CRS from the house and declares what it adds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from acuse.accounts import AccountsService
from acuse.accounts.rights import Right
from acuse.accounts.service import PeopleImport, PeopleService
from acuse.ar.crs import api, pages
from acuse.ar.crs.cli import commands
from acuse.ar.crs.jobs import jobs, schedules
from acuse.ar.crs.service import (
    Alerts,
    Bell,
    BillingService,
    CatalogueService,
    DownloadService,
    Importer,
    Places,
    QuotaService,
    Radar,
    ReportService,
)
from acuse.ar.crs.store import start_keys
from acuse.ar.crs.store.quotas import pending_of_user
from acuse.ar.cuit import tax_id_problem
from acuse.kernel.csv import CsvExporter
from acuse.kernel.database import Transaction
from acuse.kernel.errors import Misconfigured
from acuse.kernel.feature import AlertSource, Check, Feature, Finding, HomePanel, MenuEntry, Mounted, Services
from acuse.kernel.house import House
from acuse.kernel.settings import Settings
from acuse.notices.model import Template
from acuse.notices.service import Outbox
from acuse.pki.certificate import Certificate
from acuse.pki.errors import NotACertificate
from acuse.webkit.formats import plural

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_CMS = re.compile(rb"-----BEGIN CMS-----.+?-----END CMS-----", re.DOTALL)


class CrsSettings(Settings):
    """Certificados de controladores fiscales (CRS)."""

    crs_blocked_mail_every_s: int = Field(
        3600,
        ge=0,
        description="Espera mínima entre avisos de que un mismo usuario intenta descargar bloqueado; 0 avisa siempre.",
        json_schema_extra={"unit": "s"},
    )
    arca_ca_file: Path | None = Field(
        None,
        description="Certificados raíz de ARCA (PEM, uno o varios). Si se indica, el intermedio de cada controlador "
        "debe ser de uno de ellos; si no, sólo se comprueba la cadena del archivo.",
    )
    crs_firmware_root_file: Path | None = Field(
        None,
        description="Bloque CMS con la raíz, como lo firma el fabricante (PEM). Se antepone a los certificados que no "
        "lo traen.",
    )


def _read(path: Path, setting: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Misconfigured(problem=f"{setting}: no se pudo leer {path}.") from error


def read_roots(path: Path | None) -> Sequence[Certificate]:
    """Read the authorities to trust from a PEM bundle or one DER certificate. Raises Misconfigured."""
    if path is None:
        return ()
    data = _read(path, "ARCA_CA_FILE")
    try:
        return [Certificate.load(text) for text in _PEM.findall(data)] or [Certificate.load(data)]
    except NotACertificate as error:
        raise Misconfigured(problem=f"ARCA_CA_FILE: {path} no contiene un certificado.") from error


def read_firmware_root(path: Path | None) -> bytes | None:
    """Read the CMS block of the firmware maker. Raises Misconfigured."""
    if path is None:
        return None
    found = _CMS.search(_read(path, "CRS_FIRMWARE_ROOT_FILE"))
    if found is None:
        raise Misconfigured(problem=f"CRS_FIRMWARE_ROOT_FILE: {path} no contiene un bloque CMS.")
    return found[0].replace(b"\r\n", b"\n") + b"\n"


def build(house: House, services: Services) -> Mounted:
    """Put the feature together."""
    settings, core = house.settings.read(CrsSettings), house.settings.core
    accounts, outbox = services[AccountsService], services[Outbox]
    accounts.add_tax_id_check(tax_id_problem)
    database, audit, clock = house.database, house.audit, house.clock

    async def post_alert(tx: Transaction, *, key: str, to: str, context: Mapping[str, Any]) -> None:
        await outbox.enqueue(tx, key=key, to=to, template=Template.CRS_ALERT, context=context)

    async def post_radar(tx: Transaction, *, key: str, to: str, context: Mapping[str, Any]) -> None:
        await outbox.enqueue(tx, key=key, to=to, template=Template.CRS_RADAR, context=context)

    alerts = Alerts(
        database=database,
        events=house.events,
        clock=clock,
        post=post_alert,
        public_url=core.acuse_public_url,
        blocked_every_s=settings.crs_blocked_mail_every_s,
    )
    people = services[PeopleService]
    quotas = QuotaService(database=database, accounts=accounts, people=people, alerts=alerts)
    accounts.add_limit_follower(quotas.follow)
    people.count_pending_with(pending_of_user())
    places = Places(alerts=alerts, audit=audit, clock=clock)
    downloads = DownloadService(
        database=database, files=house.files, alerts=alerts, places=places, audit=audit, clock=clock
    )
    catalogue = CatalogueService(
        database=database,
        files=house.files,
        audit=audit,
        clock=clock,
        roots=read_roots(settings.arca_ca_file),
        firmware_root=read_firmware_root(settings.crs_firmware_root_file),
    )
    radar = Radar(database=database, clock=clock, post=post_radar, public_url=core.acuse_public_url)

    async def purge() -> None:
        async with database.transaction() as tx:
            await start_keys.purge(tx, clock.now())

    async def catalogue_finding() -> Finding:
        number = plural(await catalogue.count(), "certificado", "certificados")
        return Finding("ok", f"El catálogo de controladores tiene {number}.")

    return Mounted(
        services=[
            alerts,
            quotas,
            places,
            downloads,
            catalogue,
            radar,
            Importer(
                database=database,
                people=services[PeopleImport],
                certificates=catalogue,
                alerts=alerts,
                audit=audit,
                clock=clock,
            ),
            BillingService(database=database, alerts=alerts, audit=audit, clock=clock),
            ReportService(database=database, exporter=CsvExporter(database, audit), clock=clock),
        ],
        api=api.routers,
        pages=[pages.router],
        menu=[
            MenuEntry(
                section="Certificados CRS",
                label="Catálogo",
                path=pages.HOME,
                icon="chip",
                right=Right.CRS_DOWNLOAD,
                order=50,
            ),
            MenuEntry(
                section="Certificados CRS",
                label="Mis descargas",
                path=f"{pages.HOME}/mis-descargas",
                icon="list",
                right=Right.CRS_DOWNLOAD,
                order=51,
            ),
            MenuEntry(
                section="Certificados CRS",
                label="Por vencer",
                path=f"{pages.HOME}/por-vencer",
                icon="clock",
                right=Right.CRS_DOWNLOAD,
                order=51,
            ),
            MenuEntry(
                section="Certificados CRS",
                label="Por facturar",
                path=f"{pages.HOME}/descargas",
                icon="receipt",
                right=Right.CRS_MANAGE,
                order=52,
            ),
            MenuEntry(
                section="Certificados CRS",
                label="Métricas",
                path=f"{pages.HOME}/metricas",
                icon="chart",
                right=Right.CRS_MANAGE,
                order=53,
            ),
        ],
        alerts=[AlertSource(right=Right.CRS_DOWNLOAD, find=Bell(quotas=quotas, radar=radar).waiting)],
        home=[HomePanel(right=Right.CRS_DOWNLOAD, render=pages.home_panel, order=20)],
        jobs=jobs(alerts),
        schedules=schedules(radar, quotas, downloads, purge),
        checks=[Check(caption="Catálogo CRS", run=catalogue_finding)],
        templates=Path(__file__).parent / "templates",
    )


FEATURE = Feature(
    name="crs",
    country="ar",
    caption="Certificados de controladores fiscales: catálogo, descargas y cupos.",
    build=build,
    settings=[CrsSettings],
    commands=commands,
)
