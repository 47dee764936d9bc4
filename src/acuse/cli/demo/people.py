"""The users of a demonstration: one of each role, and the sample user of the CRS documentation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from acuse.accounts import AccountsService, Role
from acuse.accounts.errors import UserNotFound
from acuse.accounts.model import Country
from acuse.kernel.audit import SYSTEM


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user to be; logins and passwords are published, as nothing here is worth anything."""

    tax_id: str
    name: str
    role: Role
    password: str
    country: Country = "mx"


@dataclass(frozen=True)
class Login:
    """A user that exists, and how to log in."""

    user_id: int
    person: Person

    def as_dict(self) -> dict[str, object]:
        """Answer it as demo.json shows it."""
        return {
            "id_rol": int(self.person.role),
            "id_usuario": self.user_id,
            "cuit": self.person.tax_id,
            "password": self.person.password,
        }


def people(owner_rfc: str, owner_name: str) -> Sequence[Person]:
    """Answer whom the demonstration needs; the Contribuyente logs in with its RFC."""
    return [
        Person(tax_id="27301112225", name="Ana Administradora", role=Role.ADMINISTRADOR, password=_PASSWORD.format(1)),
        Person(
            tax_id="30710000014",
            name="Mario Mayorista",
            role=Role.MAYORISTA,
            password=_PASSWORD.format(2),
            country="ar",
        ),
        Person(
            tax_id="30710000251",
            name="Delia Distribuidora",
            role=Role.DISTRIBUIDOR,
            password=_PASSWORD.format(3),
            country="ar",
        ),
        Person(tax_id=owner_rfc, name=owner_name, role=Role.CONTRIBUYENTE, password=_PASSWORD.format(4)),
        Person(
            tax_id="20123456789",
            name="Usuario de la documentación",
            role=Role.ADMINISTRADOR,
            password="contraseña123",  # noqa: S106 - the sample of the CRS documentation, to be tried as it stands
            country="ar",
        ),
    ]


async def ensure_people(accounts: AccountsService, wanted: Sequence[Person]) -> list[Login]:
    """Make the users that are not there yet, past the password policy and without a forced change."""
    return [Login(await _ensure(accounts, person), person) for person in wanted]


async def _ensure(accounts: AccountsService, person: Person) -> int:
    try:
        return (await accounts.find(person.tax_id)).id
    except UserNotFound:
        user = await accounts.create_user(
            actor=SYSTEM,
            tax_id=person.tax_id,
            name=person.name,
            mail=f"{person.role.name.lower()}.{person.tax_id.lower()}@demo.invalid",
            role=person.role,
            password=person.password,
            country=person.country,
            must_change_password=False,
            past_policy=True,
        )
        return user.id


_PASSWORD: Final = "Acuse.Demo.{}"  # noqa: S105 - printed and published: see Person
