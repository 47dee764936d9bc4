"""What the bell of the frame says about the CRS: limits reached, devices about to lose their certificate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from acuse.accounts.rights import Identity, Right
from acuse.ar.crs.model import ZONE, Level, Quota
from acuse.ar.crs.service.quotas import QuotaService
from acuse.ar.crs.service.radar import Radar
from acuse.kernel.feature import Alert

PLACE: Final = "/app/crs"
_DAYS: Final = 30
_NAMED: Final = 3


class Bell:
    """Looks for one person: administrators hear of everybody, a reseller of their own."""

    def __init__(self, *, quotas: QuotaService, radar: Radar) -> None:
        self._quotas = quotas
        self._radar = radar

    async def waiting(self, identity: Identity) -> list[Alert]:
        """Answer what needs this person, the worst first."""
        manages = identity.may(Right.CRS_MANAGE)
        found = await self._users() if manages else _own(await self._quotas.of(identity.user_id))
        ending = await self._radar.ending(None if manages else identity.user_id, _DAYS)
        if ending:
            first = ending[0]
            day = first.not_after.astimezone(ZONE).strftime("%d/%m/%Y")
            number = "Un certificado vence" if len(ending) == 1 else f"{len(ending)} certificados vencen"
            text = f"{number} en los próximos {_DAYS} días: {first.controlador_id}, el {day}."
            found.append(Alert(text=text, path=f"{PLACE}/por-vencer"))
        return found

    async def _users(self) -> list[Alert]:
        near = await self._quotas.near_limit(1000)
        full = [name for name, quota in near if quota.level is Level.FULL]
        warned = [name for name, quota in near if quota.level is Level.WARNED]
        path = f"{PLACE}/metricas"
        found = []
        if full:
            text = f"Sin lugar para descargar: {_names(full)}. Factura sus descargas o aumenta su límite."
            found.append(Alert(text=text, path=path, state="failed"))
        if warned:
            found.append(Alert(text=f"Pasan del 80 % de su límite de descargas: {_names(warned)}.", path=path))
        return found


def _own(quota: Quota) -> list[Alert]:
    path = f"{PLACE}/mis-descargas"
    if quota.level is Level.NONE:
        return []
    if not quota.can_download:
        text = "Alcanzaste tu límite de descargas. Pide a un administrador que facture las pendientes o lo aumente."
        return [Alert(text=text, path=path, state="failed")]
    left = quota.limite - quota.pending - quota.reserved
    told = "Te queda una descarga" if left == 1 else f"Te quedan {left} descargas"
    return [Alert(text=f"{told} antes de tu límite.", path=path)]


def _names(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" y {more} más" if more > 0 else "")
