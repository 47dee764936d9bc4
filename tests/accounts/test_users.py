from __future__ import annotations

import asyncio
from typing import Any

import pytest

from acuse.accounts.errors import (
    AdministratorExists,
    LastAdministrator,
    PasswordPolicyUnmet,
    TaxIdInvalid,
    TaxIdTaken,
    UserNotFound,
)
from acuse.accounts.model import Role, UserStatus
from acuse.accounts.service import LoginService
from acuse.kernel.errors import InvalidInput
from tests.accounts.conftest import ALICE, BOB, PASSWORD, ROOT, Build, Place


class TestCreate:
    async def test_a_user_is_kept_found_and_audited_without_the_password(self, place: Place) -> None:
        user = await place.create(role=Role.MAYORISTA)
        assert await place.accounts.get(user.id) == user
        assert await place.accounts.find("20-12345678-9") == user
        (row,) = await place.rows("SELECT * FROM auditoria")
        assert (row["accion"], row["objetivo_tipo"], row["objetivo_id"]) == ("CREATE_USER", "users", str(user.id))
        assert row["despues"] == {
            "nombre": "Alicia Gómez",
            "cuit": "20123456789",
            "mail": "alicia@example.com",
            "id_rol": 2,
            "limite_descargas": 5,
        }

    async def test_the_hash_is_argon2id(self, place: Place) -> None:
        await place.create()
        (row,) = await place.rows("SELECT password_hash FROM users")
        assert row["password_hash"].startswith("$argon2id$v=19$m=1024,t=1,p=1$")

    async def test_a_tax_id_belongs_to_one_user(self, place: Place) -> None:
        await place.create()
        with pytest.raises(TaxIdTaken):
            await place.create(tax_id="20-12345678-9", name="Otra")
        assert await place.audited() == ["CREATE_USER"]

    async def test_the_policy_holds_unless_passed_by(self, place: Place) -> None:
        with pytest.raises(PasswordPolicyUnmet):
            await place.create(password="contraseña123")
        user = await place.create(password="contraseña123", past_policy=True)
        assert not user.must_change_password

    async def test_what_is_not_a_tax_id_is_refused(self, place: Place) -> None:
        for text in ("123", "<script>", ""):
            with pytest.raises(TaxIdInvalid):
                await place.create(tax_id=text)

    async def test_a_lenient_setting_takes_an_odd_tax_id(self, build: Build) -> None:
        place = build(TAX_ID_CHECK="warn")
        assert (await place.create(tax_id="abc-123")).tax_id == "ABC123"
        with pytest.raises(TaxIdInvalid):
            await place.create(tax_id="<script>")

    async def test_a_country_may_judge_further(self, place: Place) -> None:
        place.accounts.add_tax_id_check(lambda tax_id, country: f"{tax_id} no es de {country}")
        with pytest.raises(TaxIdInvalid) as told:
            await place.create(country="ar")
        assert told.value.fields == {"cuit": "20123456789 no es de ar"}

    @pytest.mark.parametrize("wrong", [{"name": "  "}, {"name": "x" * 201}, {"mail": "sin arroba"}])
    async def test_name_and_mail_are_checked(self, place: Place, wrong: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            await place.create(**wrong)


class TestFirstAdministrator:
    async def test_is_made_once_with_a_temporary_password_that_opens(self, place: Place) -> None:
        first = await place.accounts.ensure_first_admin()
        assert first is not None
        assert first.user.role is Role.ADMINISTRADOR
        assert first.user.must_change_password
        assert first.password not in repr(first)
        assert await place.accounts.ensure_first_admin() is None
        user = await place.services[LoginService].check(first.cuit.lower(), first.password, ip="127.0.0.1")
        assert user.id == first.user.id

    async def test_several_processes_starting_at_once_make_one(self, place: Place) -> None:
        made = await asyncio.gather(*(place.accounts.ensure_first_admin() for _ in range(4)))
        assert len([first for first in made if first]) == 1

    async def test_is_refused_when_somebody_is_there(self, place: Place) -> None:
        await place.create()
        with pytest.raises(AdministratorExists):
            await place.accounts.first_admin()


class TestStatus:
    async def test_the_last_administrator_stays(self, place: Place) -> None:
        admin = await place.create(role=Role.ADMINISTRADOR)
        with pytest.raises(LastAdministrator):
            await place.set_status(admin, UserStatus.INACTIVE)
        other = await place.create(role=Role.ADMINISTRADOR, **BOB)
        await place.set_status(admin, UserStatus.INACTIVE)
        with pytest.raises(LastAdministrator):
            await place.set_status(other, UserStatus.INACTIVE)

    async def test_two_at_once_cannot_disable_each_other(self, place: Place) -> None:
        one = await place.create(role=Role.ADMINISTRADOR)
        two = await place.create(role=Role.ADMINISTRADOR, **BOB)
        done = await asyncio.gather(
            *(place.set_status(u, UserStatus.INACTIVE) for u in (one, two)),
            return_exceptions=True,
        )
        assert sorted(type(result).__name__ for result in done) == ["LastAdministrator", "NoneType"]

    async def test_a_change_is_audited_with_both_sides(self, place: Place) -> None:
        user = await place.create()
        await place.set_status(user, UserStatus.INACTIVE)
        (row,) = await place.rows("SELECT antes, despues FROM auditoria WHERE accion = 'UPDATE_USER'")
        assert row == {"antes": {"status": "activo"}, "despues": {"status": "inactivo"}}


class TestReset:
    async def test_gives_a_temporary_password_that_runs_out(self, place: Place) -> None:
        user = await place.create()
        await place.accounts.reset_password(user.id, "Temporal-Segura.9!", actor=ROOT)
        login = place.services[LoginService]
        assert (await login.check(user.tax_id, "Temporal-Segura.9!", ip=None)).must_change_password
        place.clock.move(hours=73)
        with pytest.raises(Exception, match="CREDENTIALS_INVALID"):
            await login.check(user.tax_id, "Temporal-Segura.9!", ip=None)

    async def test_the_old_password_is_gone(self, place: Place) -> None:
        user = await place.create()
        await place.accounts.reset_password(user.id, "Temporal-Segura.9!", actor=ROOT)
        with pytest.raises(Exception, match="CREDENTIALS_INVALID"):
            await place.services[LoginService].check(user.tax_id, PASSWORD, ip=None)


async def test_nobody_is_not_found(place: Place) -> None:
    with pytest.raises(UserNotFound):
        await place.accounts.get(9)
    with pytest.raises(UserNotFound):
        await place.accounts.find("20123456789")


async def test_users_are_listed_in_order_and_by_role(place: Place) -> None:
    alice, bob = await place.create(), await place.create(role=Role.MAYORISTA, **BOB)
    assert [u.id for u in await place.accounts.list_users()] == [alice.id, bob.id]
    assert [u.id for u in await place.accounts.list_users(role=Role.MAYORISTA)] == [bob.id]
    assert [u.id for u in await place.accounts.list_users(above=alice.id)] == [bob.id]


async def test_models_and_migration_agree(place: Place) -> None:
    differences = await place.house.database.check()
    mine = ("users", "user_sessions", "refresh_tokens", "api_tokens", "login_counters")
    assert [d for d in differences if any(f"'{table}'" in d or f" {table}" in d for table in mine)] == []


async def test_the_chain_of_audit_holds(place: Place) -> None:
    await place.create(**ALICE)
    assert (await place.house.audit.verify()).is_intact
