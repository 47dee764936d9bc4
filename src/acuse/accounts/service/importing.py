"""People from another program, with the hashes of their passwords."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from acuse.accounts.errors import ImportedHashUnknown
from acuse.accounts.model import Role, UserStatus, normal_tax_id
from acuse.accounts.passwords import Hasher, is_known_hash
from acuse.accounts.service.users import AccountsService, checked_limit, checked_mail, checked_name
from acuse.accounts.store import UserStore
from acuse.kernel.audit import Actor, Audit, AuditAction
from acuse.kernel.clock import Clock
from acuse.kernel.database import Transaction


@dataclass(frozen=True, kw_only=True)
class ImportedUser:
    """A user as the other program knew them; without a hash they ask for a new password."""

    tax_id: str
    name: str
    mail: str
    role: Role
    limite_descargas: int
    password_hash: str = field(repr=False)
    status: UserStatus
    must_change_password: bool
    created_at: datetime | None
    last_login_at: datetime | None


class PeopleImport:
    """Takes people over. Nobody gets a mail: for them nothing changes, they log in as before."""

    def __init__(
        self, *, users: UserStore, accounts: AccountsService, hasher: Hasher, audit: Audit, clock: Clock
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._hasher = hasher
        self._audit = audit
        self._clock = clock

    async def take(self, tx: Transaction, person: ImportedUser, *, actor: Actor | None) -> bool:
        """Add a user in the caller's transaction; False when the tax id is known, which stays as it is.

        Audited as CREATE_USER; without an actor it is not, for a look that is undone.
        Raises TaxIdInvalid, ImportedHashUnknown, InvalidInput.
        """
        tax_id = self._accounts.checked_tax_id(person.tax_id, "ar")
        name, mail = checked_name(person.name), checked_mail(person.mail)
        limit = checked_limit(person.limite_descargas)
        if person.password_hash and not is_known_hash(person.password_hash):
            raise ImportedHashUnknown(fields={"password_hash": ImportedHashUnknown.message})
        if await self._users.by_tax_id(tx, tax_id) is not None:
            return False
        now = self._clock.now()
        user = await self._users.insert(
            tx,
            tax_id=tax_id,
            name=name,
            mail=mail,
            role=int(person.role),
            country="ar",
            status=person.status,
            password_hash=person.password_hash or self._hasher.nobodys(),
            must_change_password=person.must_change_password,
            created_at=min(person.created_at or now, now),
            created_by=actor.id if actor else None,
            last_login_at=person.last_login_at,
            limite_descargas=limit,
        )
        await self._accounts.follow_limit(tx, user.id, limit)
        if actor is None:
            return True
        await self._audit.record(
            tx,
            AuditAction.CREATE_USER,
            actor=actor,
            target_type="users",
            target_id=str(user.id),
            after={
                "nombre": name,
                "cuit": tax_id,
                "mail": mail,
                "id_rol": int(person.role),
                "limite_descargas": limit,
                "status": person.status,
                "importado": True,
            },
        )
        return True

    async def id_of(self, tx: Transaction, tax_id: str) -> int | None:
        """Answer the number of the user with this tax id, however it is written."""
        found = await self._users.by_tax_id(tx, normal_tax_id(tax_id))
        return found[0].id if found else None
