"""The list of features. A feature is taken out by deleting its folder and its line here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.emision.feature import FEATURE as EMISION
from acuse.ar.resumenes.feature import FEATURE as RESUMENES
from acuse.kernel.audit import AuditKeys
from acuse.kernel.backups import BackupSettings
from acuse.kernel.feature import Feature, Services
from acuse.kernel.house import House
from acuse.kernel.jobs import JobSettings
from acuse.kernel.settings import CoreSettings, Settings
from acuse.kernel.vault import VaultKeys
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.mx.cancelaciones.feature import FEATURE as CANCELACIONES
from acuse.mx.completitud.feature import FEATURE as COMPLETITUD
from acuse.mx.contribuyentes.feature import FEATURE as CONTRIBUYENTES
from acuse.mx.descarga.feature import FEATURE as DESCARGA
from acuse.mx.estatus.feature import FEATURE as ESTATUS
from acuse.mx.exportaciones.feature import FEATURE as EXPORTACIONES
from acuse.mx.importaciones.feature import FEATURE as IMPORTACIONES
from acuse.mx.listas.feature import FEATURE as LISTAS
from acuse.mx.resumen.feature import FEATURE as RESUMEN
from acuse.notices.feature import FEATURE as NOTICES
from acuse.operations.feature import FEATURE as OPERATIONS

# Each may use those before it; operations looks at all of them.
FEATURES: Final[tuple[Feature, ...]] = (
    ACCOUNTS,
    NOTICES,
    CONTRIBUYENTES,
    ARCHIVO,
    CANCELACIONES,
    DESCARGA,
    COMPLETITUD,
    CRS,
    EMISION,
    RESUMENES,
    ESTATUS,
    LISTAS,
    EXPORTACIONES,
    RESUMEN,
    IMPORTACIONES,
    OPERATIONS,
)

SETTINGS: Final[tuple[type[Settings], ...]] = (
    CoreSettings,
    VaultKeys,
    AuditKeys,
    JobSettings,
    BackupSettings,
    *(group for feature in FEATURES for group in feature.settings),
)


@asynccontextmanager
async def open_features(house: House) -> AsyncIterator[Services]:
    """Build the features of the active countries over an open house, tell the events who follows, close at the end."""
    services = Services()
    async with AsyncExitStack() as opened:
        for feature in FEATURES:
            if feature.country and feature.country not in house.settings.core.countries:
                continue
            mounted = feature.build(house, services)
            services.mount(feature.name, mounted)
            house.events.subscribe(mounted.jobs)
            for close in mounted.close:
                opened.push_async_callback(close)
        yield services
