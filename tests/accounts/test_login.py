from __future__ import annotations

import asyncio

import pytest

from acuse.accounts.errors import CredentialsInvalid, LoginThrottled, TooManyRequestsFromAddress
from acuse.accounts.model import UserStatus
from acuse.accounts.service import LoginService
from tests.accounts.conftest import BOB, PASSWORD, ROOT, Build, Place

HOME, AWAY = "198.51.100.7", "203.0.113.66"


async def fail(place: Place, account: str, ip: str = HOME) -> None:
    with pytest.raises(CredentialsInvalid):
        await place.services[LoginService].check(account, "equivocada", ip=ip)


async def wait_told(place: Place, account: str, ip: str = HOME, password: str = PASSWORD) -> float:
    with pytest.raises(LoginThrottled) as told:
        await place.services[LoginService].check(account, password, ip=ip)
    assert told.value.retry_after_s is not None
    return told.value.retry_after_s


class TestPair:
    async def test_the_right_password_opens(self, place: Place) -> None:
        user = await place.create()
        assert await place.services[LoginService].check(" 20-12345678-9 ", PASSWORD, ip=HOME) == user

    async def test_unknown_wrong_and_inactive_are_told_alike(self, place: Place) -> None:
        user = await place.create()
        other = await place.create(**BOB)
        await place.set_status(other, UserStatus.INACTIVE)
        login = place.services[LoginService]
        tries = [(user.tax_id, "equivocada"), ("27999999990", PASSWORD), (other.tax_id, PASSWORD), ("\x00", PASSWORD)]
        for account, password in tries:
            with pytest.raises(CredentialsInvalid, match="Credenciales inválidas"):
                await login.check(account, password, ip=HOME)
        rows = await place.rows("SELECT objetivo_id, actor_id, ip FROM auditoria WHERE accion = 'LOGIN_FAILED'")
        assert {row["objetivo_id"] for row in rows} == {str(user.id), str(other.id), ""}
        assert {(row["actor_id"], row["ip"]) for row in rows} == {(None, HOME)}

    async def test_a_hash_of_older_parameters_is_renewed(self, build: Build) -> None:
        user = await build().create()
        place = build(PASSWORD_HASH_MEMORY_KIB="2048")
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)
        (row,) = await place.rows("SELECT password_hash FROM users")
        assert "m=2048," in row["password_hash"]
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)


class TestWaits:
    async def test_the_sixth_try_waits_thirty_seconds_then_twice_as_long_up_to_a_quarter_hour(
        self, place: Place
    ) -> None:
        user = await place.create()
        for _ in range(5):
            await fail(place, user.tax_id)
        for expected in (30, 60, 120, 240, 480, 900, 900):
            assert await wait_told(place, user.tax_id) == pytest.approx(expected, abs=1)
            place.clock.move(seconds=expected)
            await fail(place, user.tax_id)

    async def test_after_the_wait_the_right_password_opens_and_clears(self, place: Place) -> None:
        user = await place.create()
        for _ in range(5):
            await fail(place, user.tax_id)
        place.clock.move(seconds=31)
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)
        for _ in range(4):
            await fail(place, user.tax_id)
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)

    async def test_tries_made_at_the_same_time_are_all_counted(self, place: Place) -> None:
        user = await place.create()
        login = place.services[LoginService]
        done = await asyncio.gather(
            *(login.check(user.tax_id, "equivocada", ip=HOME) for _ in range(12)), return_exceptions=True
        )
        assert sorted(type(fault).__name__ for fault in done) == ["CredentialsInvalid"] * 5 + ["LoginThrottled"] * 7

    async def test_unknown_accounts_wait_just_alike(self, place: Place) -> None:
        for _ in range(5):
            await fail(place, "27999999990")
        assert await wait_told(place, "27999999990") == pytest.approx(30, abs=1)

    async def test_failures_elsewhere_do_not_hold_up_the_owner(self, place: Place) -> None:
        user = await place.create()
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)
        for n in range(30):
            with pytest.raises((CredentialsInvalid, LoginThrottled)):
                await place.services[LoginService].check(user.tax_id, "equivocada", ip=f"203.0.113.{n}")
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)

    async def test_many_addresses_make_the_whole_account_wait(self, place: Place) -> None:
        user = await place.create()
        for n in range(20):
            await fail(place, user.tax_id, ip=f"203.0.113.{n}")
        assert await wait_told(place, user.tax_id, ip=AWAY) == pytest.approx(30, abs=1)
        locked = await place.rows("SELECT despues FROM auditoria WHERE accion = 'ACCOUNT_LOCKED'")
        assert locked == [{"despues": {"cuit": user.tax_id, "alcance": "cuenta"}}]

    async def test_the_wait_of_one_address_is_audited_once(self, place: Place) -> None:
        user = await place.create()
        for _ in range(5):
            await fail(place, user.tax_id)
        for _ in range(5):
            await wait_told(place, user.tax_id)
        assert (await place.audited()).count("ACCOUNT_LOCKED") == 1
        assert (await place.audited()).count("LOGIN_FAILED") == 5

    async def test_failures_are_forgotten_after_half_a_day(self, place: Place) -> None:
        user = await place.create()
        for _ in range(5):
            await fail(place, user.tax_id)
        place.clock.move(hours=12, seconds=1)
        for _ in range(4):
            await fail(place, user.tax_id)
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip=HOME)

    async def test_an_administrator_lifts_every_wait(self, place: Place) -> None:
        user = await place.create()
        for n in range(20):
            await fail(place, user.tax_id, ip=f"203.0.113.{n % 5}")
        await place.accounts.unlock(user.id, actor=ROOT)
        await place.services[LoginService].check(user.tax_id, PASSWORD, ip="203.0.113.1")


class TestAddress:
    async def test_ten_a_minute_and_no_more(self, build: Build) -> None:
        place = build(LOGIN_LIMIT_PER_MINUTE="10")
        for n in range(10):
            await fail(place, f"2712345678{n}")
        with pytest.raises(TooManyRequestsFromAddress) as told:
            await place.services[LoginService].check("27123456780", PASSWORD, ip=HOME)
        assert told.value.retry_after_s == pytest.approx(60, abs=1)
        await fail(place, "27123456780", ip=AWAY)
        place.clock.move(seconds=61)
        await fail(place, "27123456790")


async def test_the_sweep_removes_counters_that_ran_out(place: Place) -> None:
    await fail(place, "27123456780")
    assert await place.rows("SELECT * FROM login_counters")
    place.clock.move(hours=13)
    (schedule,) = place.services.mounted["accounts"].schedules
    await schedule.run()
    assert await place.rows("SELECT * FROM login_counters") == []
