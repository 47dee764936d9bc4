from __future__ import annotations

import io

import pytest

from acuse.accounts.cli import commands
from acuse.accounts.errors import AdministratorExists
from acuse.accounts.model import UserStatus
from acuse.accounts.service import LoginService
from tests.accounts.conftest import PASSWORD, Place
from tests.support.terminal import Terminal


@pytest.fixture
def terminal(place: Place) -> Terminal:
    return Terminal(place.services, commands)


async def test_a_user_is_created_with_a_password_from_standard_input(
    terminal: Terminal, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(PASSWORD + "\n"))
    options = ("--name", "Alicia Gómez", "--role", "mayorista", "--password-stdin", "--keep-password")
    await terminal.run("create", "20-12345678-9", *options)
    assert terminal.shown[0]["rol"] == "Mayorista"
    assert "password" not in terminal.shown[0]
    user = await place.services[LoginService].check("20123456789", PASSWORD, ip=None)
    assert not user.must_change_password


async def test_a_temporary_password_is_made_and_shown_once(terminal: Terminal, place: Place) -> None:
    await terminal.run("create", "20123456789", "--name", "Alicia", "--temporary")
    user = await place.services[LoginService].check("20123456789", terminal.shown[0]["password"], ip=None)
    assert user.must_change_password


async def test_the_first_administrator_is_shown_once(terminal: Terminal) -> None:
    await terminal.run("first-admin")
    assert terminal.shown[0]["cuit"] == "ADMIN"
    with pytest.raises(AdministratorExists):
        await terminal.run("first-admin")


async def test_a_user_is_disabled_enabled_unlocked_reset_and_listed(terminal: Terminal, place: Place) -> None:
    user = await place.create()
    await terminal.run("disable", "20-12345678-9")
    assert (await place.accounts.get(user.id)).status is UserStatus.INACTIVE
    await terminal.run("enable", user.tax_id)
    assert (await place.accounts.get(user.id)).status is UserStatus.ACTIVE
    await terminal.run("unlock", user.tax_id)
    await terminal.run("reset-password", user.tax_id, "--temporary")
    assert (
        await place.services[LoginService].check(user.tax_id, terminal.shown[-1]["password"], ip=None)
    ).id == user.id
    await terminal.run("list")
    assert [row["cuit"] for row in terminal.shown[-1]] == [user.tax_id]
    assert len(terminal.said) == 4
