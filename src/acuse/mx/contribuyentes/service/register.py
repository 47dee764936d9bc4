"""Taxpayers written down before their e.firma is here, and what may be changed about them."""

from __future__ import annotations

from typing import Any

from acuse.kernel.audit import AuditAction
from acuse.mx.contribuyentes.errors import (
    ContribuyenteExists,
    ContribuyenteOwned,
    ContribuyenteUnproven,
    NameTooLong,
    RfcGeneric,
)
from acuse.mx.contribuyentes.model import NAME_LIMIT, AccessLevel, Caller, Contribuyente, actor_of
from acuse.mx.contribuyentes.service.access import Access
from acuse.mx.rfc import Rfc


class Register(Access):
    """The taxpayers as an office writes them down."""

    async def add(
        self,
        caller: Caller,
        rfc: str | Rfc,
        *,
        name: str = "",
        daily_download: bool = False,
        daily_retenciones: bool = False,
        owner_id: int | None = None,
    ) -> Contribuyente:
        """Write a taxpayer down before its e.firma is here; the caller owns it until an e.firma says otherwise.

        Raises InvalidRfc, RfcGeneric, ContribuyenteExists, ContribuyenteOwned, ContribuyenteUnproven.
        """
        parsed, name = Rfc.parse(str(rfc)), _checked_name(name)
        if parsed.is_generic:
            raise RfcGeneric(rfc=str(parsed), fields={"rfc": "Es un RFC genérico."})
        actor = actor_of(caller)
        owner = actor.id if actor.id is not None else owner_id
        async with self._database.transaction() as tx:
            now = self._clock.now()
            row, is_new = await self._store.add_or_lock(tx, parsed, name, now)
            if not is_new:
                if await self._store.find(tx, actor.id, parsed, now) is not None:
                    raise ContribuyenteExists(rfc=str(parsed))
                if await self._store.had_efirma(tx, row.id):
                    raise ContribuyenteOwned(rfc=str(parsed))
                raise ContribuyenteUnproven(rfc=str(parsed))
            switches = {"daily_download": daily_download, "daily_retenciones": daily_retenciones}
            await self._store.change(tx, row.id, **switches)
            if owner is not None:
                owner = await self._store.user_id(tx, user_id=owner)
                await self._store.grant(tx, row.id, owner, AccessLevel.DUENO, now)
            after = {"nombre": name, **{_WIRE[field]: value for field, value in switches.items()}}
            told = await self._store.find(tx, actor.id, parsed, now)
            await self._record(tx, AuditAction.CREATE_TAXPAYER, actor, "contribuyente", parsed, after=after)
        assert told is not None
        return told

    async def change(
        self,
        caller: Caller,
        rfc: str | Rfc,
        *,
        name: str | None = None,
        daily_download: bool | None = None,
        daily_retenciones: bool | None = None,
    ) -> Contribuyente:
        """Change the name the office uses, or the switches of the daily download; None leaves a thing as it is.

        Needs `operacion`. An empty name takes the one of the e.firma.
        """
        actor = actor_of(caller)
        async with self._database.transaction() as tx:
            found = await self.require(tx, caller, rfc, AccessLevel.OPERACION)
            wanted: dict[str, Any] = {}
            if name is not None:
                wanted["name"] = _checked_name(name) or (found.efirma.holder_name if found.efirma else "")
            switches = {"daily_download": daily_download, "daily_retenciones": daily_retenciones}
            wanted |= {field: value for field, value in switches.items() if value is not None}
            changes = {field: value for field, value in wanted.items() if getattr(found, field) != value}
            if not changes:
                return found
            await self._store.change(tx, found.id, **changes)
            told = await self._store.find(tx, actor.id, found.rfc, self._clock.now())
            await self._record(
                tx,
                AuditAction.UPDATE_TAXPAYER,
                actor,
                "contribuyente",
                found.rfc,
                before={_WIRE[field]: getattr(found, field) for field in changes},
                after={_WIRE[field]: value for field, value in changes.items()},
            )
        assert told is not None
        return told


_WIRE = {"name": "nombre", "daily_download": "descarga_diaria", "daily_retenciones": "retenciones_diarias"}


def _checked_name(name: str) -> str:
    name = " ".join(name.split())
    if len(name) > NAME_LIMIT:
        raise NameTooLong(limit=NAME_LIMIT, fields={"nombre": f"Tiene más de {NAME_LIMIT} caracteres."})
    return name
