"""The queries over taxpayers, accesses and e.firmas. Every method runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, exists, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from acuse.accounts.model import UserStatus, normal_tax_id
from acuse.accounts.tables import UserRow
from acuse.kernel.database import Transaction, violated_constraint
from acuse.mx.contribuyentes.errors import ContribuyenteLeaving, UserUnknown
from acuse.mx.contribuyentes.model import Acceso, AccessLevel, Contribuyente, EfirmaStatus, Ending
from acuse.mx.contribuyentes.tables import AccesoRow, ContribuyenteRow, EfirmaRow, RemovalRow
from acuse.mx.rfc import Rfc


async def rfcs_of(tx: Transaction, ids: Collection[Any]) -> Mapping[Any, str]:
    """Answer the RFCs of taxpayers by their ids."""
    known = [each for each in ids if isinstance(each, int)]
    found = select(ContribuyenteRow.id, ContribuyenteRow.rfc).where(ContribuyenteRow.id.in_(known))
    return {row.id: row.rfc for row in await tx.execute(found)}


def _visible(user_id: int | None) -> Select[Any]:
    """Taxpayers with their active e.firma and the user's own level; without a user, all of them as their owner."""
    joined = select(ContribuyenteRow, EfirmaRow).outerjoin(
        EfirmaRow, (EfirmaRow.contribuyente_id == ContribuyenteRow.id) & EfirmaRow.active
    )
    if user_id is None:
        return joined.add_columns(null().label("level"))
    return joined.add_columns(AccesoRow.level.label("level")).join(
        AccesoRow, (AccesoRow.contribuyente_id == ContribuyenteRow.id) & (AccesoRow.user_id == user_id)
    )


def _contribuyente(row: Row[*tuple[Any, ...]], now: datetime) -> Contribuyente:
    found, efirma, level = row
    return Contribuyente(
        id=found.id,
        rfc=Rfc(found.rfc),
        name=found.name,
        level=AccessLevel(level or AccessLevel.DUENO),
        created_at=found.created_at,
        efirma=None if efirma is None else efirma_status(efirma, now),
        daily_download=found.daily_download,
        daily_retenciones=found.daily_retenciones,
    )


def efirma_status(row: EfirmaRow, now: datetime) -> EfirmaStatus:
    """Answer what may be shown of an e.firma."""
    return EfirmaStatus(
        number=row.number,
        holder_name=row.holder_name,
        representative_rfc=row.representative_rfc,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        uploaded_at=row.uploaded_at,
        as_of=now,
    )


class ContribuyentesStore:
    """Taxpayers in the database."""

    async def visible(self, tx: Transaction, user_id: int | None, now: datetime) -> list[Contribuyente]:
        """Answer the taxpayers this user has access to, by RFC; None is everybody's view."""
        rows = await tx.execute(_visible(user_id).order_by(ContribuyenteRow.rfc))
        return [_contribuyente(row, now) for row in rows]

    async def find(self, tx: Transaction, user_id: int | None, rfc: Rfc, now: datetime) -> Contribuyente | None:
        """Answer a taxpayer as this user sees it; None when it does not exist for them."""
        row = (await tx.execute(_visible(user_id).where(ContribuyenteRow.rfc == str(rfc)))).one_or_none()
        return None if row is None else _contribuyente(row, now)

    async def by_id(self, tx: Transaction, contribuyente_id: int, now: datetime) -> Contribuyente | None:
        """Answer a taxpayer by its id, seen with everybody's eyes."""
        row = (await tx.execute(_visible(None).where(ContribuyenteRow.id == contribuyente_id))).one_or_none()
        return None if row is None else _contribuyente(row, now)

    async def add_or_lock(self, tx: Transaction, rfc: Rfc, name: str, now: datetime) -> tuple[ContribuyenteRow, bool]:
        """Answer the taxpayer's row, locked until commit, and whether it was made just now.

        Raises ContribuyenteLeaving.
        """
        if await tx.get(RemovalRow, str(rfc)) is not None:
            raise ContribuyenteLeaving(rfc=str(rfc))
        added = await tx.execute(
            insert(ContribuyenteRow)
            .values(rfc=str(rfc), name=name, created_at=now)
            .on_conflict_do_nothing()
            .returning(ContribuyenteRow.id)
        )
        is_new = added.one_or_none() is not None
        locked = select(ContribuyenteRow).where(ContribuyenteRow.rfc == str(rfc)).with_for_update()
        return (await tx.execute(locked)).scalar_one(), is_new

    async def lock(self, tx: Transaction, contribuyente_id: int) -> None:
        """Hold the taxpayer's row until commit."""
        await tx.execute(select(ContribuyenteRow.id).where(ContribuyenteRow.id == contribuyente_id).with_for_update())

    async def change(self, tx: Transaction, contribuyente_id: int, **values: Any) -> None:
        """Set columns of a taxpayer."""
        await tx.execute(update(ContribuyenteRow).where(ContribuyenteRow.id == contribuyente_id).values(**values))

    async def user_id(self, tx: Transaction, *, user_id: int | None = None, tax_id: str = "") -> int:
        """Answer the id of a user in use, named by number or by tax id. Raises UserUnknown."""
        named = UserRow.tax_id == normal_tax_id(tax_id) if user_id is None else UserRow.id == user_id
        query = select(UserRow.id).where(named, UserRow.deleted_at.is_(None), UserRow.status == UserStatus.ACTIVE)
        found = (await tx.execute(query)).scalar_one_or_none()
        if found is None:
            raise UserUnknown(usuario=tax_id[:40] if user_id is None else user_id)
        return found

    async def exported_at(self, tx: Transaction, contribuyente_id: int) -> datetime | None:
        """Answer when everything of a taxpayer was last exported."""
        found = select(ContribuyenteRow.exported_at).where(ContribuyenteRow.id == contribuyente_id)
        return (await tx.execute(found)).scalar_one_or_none()

    async def forget_export(self, tx: Transaction, contribuyente_id: int, as_of: datetime) -> None:
        """Forget the export of everything held at this moment; a later one stays."""
        await tx.execute(
            update(ContribuyenteRow)
            .where(ContribuyenteRow.id == contribuyente_id, ContribuyenteRow.exported_at == as_of)
            .values(exported_at=None)
        )

    async def remove(self, tx: Transaction, contribuyente_id: int, rfc: str, now: datetime) -> None:
        """Delete a taxpayer with all rows that hang on it, and hold its RFC until `free`."""
        await tx.execute(insert(RemovalRow).values(rfc=rfc, removed_at=now))
        await tx.execute(delete(ContribuyenteRow).where(ContribuyenteRow.id == contribuyente_id))

    async def free(self, tx: Transaction, rfc: str) -> None:
        """Let a removed RFC come back."""
        await tx.execute(delete(RemovalRow).where(RemovalRow.rfc == rfc))

    async def level_of(self, tx: Transaction, contribuyente_id: int, user_id: int) -> AccessLevel | None:
        """Answer a user's access to a taxpayer."""
        found = await tx.get(AccesoRow, (contribuyente_id, user_id))
        return None if found is None else AccessLevel(found.level)

    async def has_owner(self, tx: Transaction, contribuyente_id: int, *, besides: int | None = None) -> bool:
        """Answer whether some user (other than `besides`) owns this taxpayer."""
        owner = exists().where(
            AccesoRow.contribuyente_id == contribuyente_id,
            AccesoRow.level == AccessLevel.DUENO.value,
            AccesoRow.user_id.is_distinct_from(besides),
            UserRow.id == AccesoRow.user_id,
            UserRow.deleted_at.is_(None),
        )
        return bool((await tx.execute(select(owner))).scalar_one())

    async def grant(
        self, tx: Transaction, contribuyente_id: int, user_id: int, level: AccessLevel, now: datetime
    ) -> None:
        """Give a user this access in place of any other. Raises UserUnknown."""
        statement = insert(AccesoRow).values(
            contribuyente_id=contribuyente_id, user_id=user_id, level=level.value, granted_at=now
        )
        statement = statement.on_conflict_do_update(
            index_elements=[AccesoRow.contribuyente_id, AccesoRow.user_id],
            set_={"level": statement.excluded.level, "granted_at": statement.excluded.granted_at},
        )
        try:
            async with tx.begin_nested():
                await tx.execute(statement)
        except IntegrityError as error:
            if violated_constraint(error) == "fk_accesos_user_id":
                raise UserUnknown(usuario=user_id) from error
            raise

    async def revoke(self, tx: Transaction, contribuyente_id: int, user_id: int) -> None:
        """Take a user's access away."""
        await tx.execute(
            delete(AccesoRow).where(AccesoRow.contribuyente_id == contribuyente_id, AccesoRow.user_id == user_id)
        )

    async def revoke_all(self, tx: Transaction, contribuyente_id: int) -> Sequence[int]:
        """Take everybody's access away and answer whose it was."""
        gone = delete(AccesoRow).where(AccesoRow.contribuyente_id == contribuyente_id).returning(AccesoRow.user_id)
        return sorted((await tx.execute(gone)).scalars())

    async def accesos(self, tx: Transaction, contribuyente_id: int) -> list[Acceso]:
        """Answer who has access to a taxpayer, oldest first."""
        rows = await tx.execute(
            select(AccesoRow, UserRow.name, UserRow.tax_id)
            .join(UserRow, UserRow.id == AccesoRow.user_id)
            .where(AccesoRow.contribuyente_id == contribuyente_id, UserRow.deleted_at.is_(None))
            .order_by(AccesoRow.granted_at, AccesoRow.user_id)
        )
        return [Acceso(row.user_id, AccessLevel(row.level), row.granted_at, *who) for row, *who in rows]

    async def had_efirma(self, tx: Transaction, contribuyente_id: int) -> bool:
        """Answer whether an e.firma of this taxpayer was ever here, which is what proves its owner."""
        known = exists().where(EfirmaRow.contribuyente_id == contribuyente_id)
        return bool((await tx.execute(select(known))).scalar_one())

    async def name_on_efirma(self, tx: Transaction, contribuyente_id: int) -> str | None:
        """Answer the name the newest e.firma bears: the taxpayer's own name unless the office chose another."""
        named = (
            select(EfirmaRow.holder_name)
            .where(EfirmaRow.contribuyente_id == contribuyente_id)
            .order_by(EfirmaRow.uploaded_at.desc())
            .limit(1)
        )
        return (await tx.execute(named)).scalar_one_or_none()

    async def active_efirma(self, tx: Transaction, contribuyente_id: int) -> EfirmaRow | None:
        """Answer the e.firma in use."""
        active = select(EfirmaRow).where(EfirmaRow.contribuyente_id == contribuyente_id, EfirmaRow.active)
        return (await tx.execute(active)).scalar_one_or_none()

    async def efirmas(self, tx: Transaction, contribuyente_id: int) -> Sequence[EfirmaRow]:
        """Answer every e.firma a taxpayer ever had here, newest validity first."""
        rows = await tx.execute(
            select(EfirmaRow)
            .where(EfirmaRow.contribuyente_id == contribuyente_id)
            .order_by(EfirmaRow.valid_from.desc(), EfirmaRow.id)
        )
        return rows.scalars().all()

    async def ending(self, tx: Transaction, *, after: datetime, until: datetime) -> Sequence[Ending]:
        """Answer the e.firmas in use that end in this span, once for each person who may act for their taxpayer."""
        rows = await tx.execute(
            select(EfirmaRow, ContribuyenteRow, UserRow)
            .join(ContribuyenteRow, ContribuyenteRow.id == EfirmaRow.contribuyente_id)
            .join(AccesoRow, AccesoRow.contribuyente_id == ContribuyenteRow.id)
            .join(UserRow, UserRow.id == AccesoRow.user_id)
            .where(
                EfirmaRow.active,
                EfirmaRow.valid_until > after,
                EfirmaRow.valid_until <= until,
                AccesoRow.level != AccessLevel.LECTURA.value,
                UserRow.mail != "",
                UserRow.deleted_at.is_(None),
                UserRow.status == UserStatus.ACTIVE,
            )
            .order_by(EfirmaRow.valid_until, UserRow.id)
        )
        return [
            Ending(
                efirma_id=efirma.id,
                rfc=Rfc(found.rfc),
                name=found.name,
                number=efirma.number,
                valid_until=efirma.valid_until,
                person=user.name,
                mail=user.mail,
            )
            for efirma, found, user in rows
        ]

    async def with_efirma(self, tx: Transaction) -> Sequence[int]:
        """Answer the ids of the taxpayers whose key is here."""
        return (await tx.execute(select(EfirmaRow.contribuyente_id).where(EfirmaRow.active))).scalars().all()

    async def retire_efirma(self, tx: Transaction, contribuyente_id: int, now: datetime) -> str | None:
        """Take the key off the e.firma in use, keep it as history, and answer its number."""
        retired = await tx.execute(
            update(EfirmaRow)
            .where(EfirmaRow.contribuyente_id == contribuyente_id, EfirmaRow.active)
            .values(active=False, sealed_key=None, retired_at=now)
            .returning(EfirmaRow.number)
        )
        return retired.scalar_one_or_none()

    async def efirma_id(self, tx: Transaction, contribuyente_id: int, fingerprint: str) -> UUID | None:
        """Answer the row of a certificate that was here before."""
        known = select(EfirmaRow.id).where(
            EfirmaRow.contribuyente_id == contribuyente_id, EfirmaRow.fingerprint == fingerprint
        )
        return (await tx.execute(known)).scalar_one_or_none()

    async def put_efirma(self, tx: Transaction, values: dict[str, Any]) -> None:
        """Write an e.firma whole, new or known before."""
        statement = insert(EfirmaRow).values(values)
        kept = {name: value for name, value in values.items() if name != "id"}
        await tx.execute(statement.on_conflict_do_update(index_elements=[EfirmaRow.id], set_=kept))
