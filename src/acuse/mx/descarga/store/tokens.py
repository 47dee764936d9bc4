"""The SAT's tokens, sealed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from acuse.kernel.database import Transaction
from acuse.mx.descarga.tables import TokenRow
from acuse.mx.outside.sat_descarga.codes import Familia


class TokenStore:
    """Reads and writes tokens; what is inside is the vault's."""

    async def get(self, tx: Transaction, contribuyente_id: int, familia: Familia) -> TokenRow | None:
        """Answer the stored token of a taxpayer and family."""
        found = select(TokenRow).where(TokenRow.contribuyente_id == contribuyente_id, TokenRow.familia == familia)
        return (await tx.execute(found)).scalar_one_or_none()

    async def row_id(self, tx: Transaction, contribuyente_id: int, familia: Familia) -> UUID:
        """Answer the id of the row a token of this taxpayer and family has or will have."""
        found = select(TokenRow.id).where(TokenRow.contribuyente_id == contribuyente_id, TokenRow.familia == familia)
        return (await tx.execute(found)).scalar_one_or_none() or uuid4()

    async def put(
        self,
        tx: Transaction,
        *,
        row_id: UUID,
        contribuyente_id: int,
        familia: Familia,
        sealed_token: bytes,
        efirma_number: str,
        obtained_at: datetime,
        created_at: datetime,
        expires_at: datetime,
        renew_at: datetime,
    ) -> bool:
        """Write a token over the one before; answer False when another process put its first one just now."""
        values = {
            "sealed_token": sealed_token,
            "efirma_number": efirma_number,
            "obtained_at": obtained_at,
            "created_at": created_at,
            "expires_at": expires_at,
            "renew_at": renew_at,
        }
        statement = insert(TokenRow).values(id=row_id, contribuyente_id=contribuyente_id, familia=familia, **values)
        kept = statement.on_conflict_do_update(
            constraint="uq_sat_tokens_contribuyente_id_familia", set_=values, where=TokenRow.id == row_id
        ).returning(TokenRow.id)
        return (await tx.execute(kept)).scalar_one_or_none() is not None

    async def forget(self, tx: Transaction, contribuyente_id: int, familia: Familia) -> None:
        """Drop a token the SAT no longer takes."""
        await tx.execute(
            delete(TokenRow).where(TokenRow.contribuyente_id == contribuyente_id, TokenRow.familia == familia)
        )
