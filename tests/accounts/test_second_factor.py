"""The second step: set up by its owner, asked for at every login, each code good once."""

from __future__ import annotations

import asyncio
import base64
import re
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from acuse.accounts import totp
from acuse.accounts.model import Role, User
from tests.accounts.conftest import BOB, PASSWORD, ROOT, Build, Place, bearer

ADMIN = Role.ADMINISTRADOR


class Phone:
    """An authenticator app: it knows the secret, and reads the clock."""

    def __init__(self, place: Place, secret: str) -> None:
        self.place = place
        plain = totp.typed(secret)
        self.secret = base64.b32decode(plain + "=" * (-len(plain) % 8))

    def code(self) -> str:
        """The next code: half a minute passes, so that it is never one shown before."""
        self.place.clock.move(seconds=30)
        return totp.code_of(self.secret, totp.step_at(self.place.clock.now()))


async def enrol(place: Place, client: httpx2.AsyncClient, user: User) -> tuple[Phone, list[str], dict[str, str]]:
    """Turn the second step on; answer phone, recovery codes and the session that did it."""
    headers = bearer((await place.login(client, user))["accessToken"])
    made = await client.post("/users/me/second-factor", json={"password": PASSWORD}, headers=headers)
    assert made.status_code == 200, made.text
    phone = Phone(place, made.json()["secret"])
    confirmed = await client.post("/users/me/second-factor/confirm", json={"code": phone.code()}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return phone, confirmed.json()["codigos"], headers


async def first_step(client: httpx2.AsyncClient, user: User) -> dict[str, Any]:
    answer = await client.post("/auth/login", json={"cuit": user.tax_id, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def second_step(client: httpx2.AsyncClient, token: str, code: str) -> httpx2.Response:
    return await client.post("/auth/second-factor", json={"factorToken": token, "code": code})


class TestSetUp:
    async def test_nothing_changes_until_the_first_code_is_right(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            headers = bearer((await place.login(client, user))["accessToken"])
            await client.post("/users/me/second-factor", json={"password": PASSWORD}, headers=headers)
            wrong = await client.post("/users/me/second-factor/confirm", json={"code": "000000"}, headers=headers)
            assert wrong.status_code == 400
            assert wrong.json()["errors"][0]["campo"] == "code"
            assert "accessToken" in await first_step(client, user)

    async def test_asks_for_the_password_again(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            headers = bearer((await place.login(client, user))["accessToken"])
            refused = await client.post("/users/me/second-factor", json={"password": "no"}, headers=headers)
        assert (refused.status_code, refused.json()["errors"][0]["campo"]) == (400, "password")
        assert await place.rows("SELECT * FROM second_factors") == []

    async def test_ends_every_other_session_and_is_audited(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            other = bearer((await place.login(client, user))["accessToken"])
            _, codes, own = await enrol(place, client, user)
            assert (await client.get("/users/me", headers=other)).status_code == 401
            me = (await client.get("/users/me", headers=own)).json()
            state = (await client.get("/users/me/second-factor", headers=own)).json()
        assert (me["segundo_paso"], state["activo"], state["codigos_restantes"]) == (True, True, len(codes))
        assert (await place.audited())[-1] == "ENABLE_SECOND_FACTOR"

    async def test_the_secret_is_sealed_and_of_the_codes_only_hashes_are_kept(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, codes, _ = await enrol(place, client, user)
        [row] = await place.rows("SELECT secret FROM second_factors")
        opened = place.house.vault.open(bytes(row["secret"]), table="second_factors", column="secret", row=str(user.id))
        assert bytes(opened) == phone.secret
        assert phone.secret not in bytes(row["secret"])
        kept = str([await place.rows(f"SELECT t::text AS line FROM {t} t") for t in ("recovery_codes", "auditoria")])
        assert not [code for code in codes if code in kept or totp.typed(code) in kept]

    async def test_twice_is_a_conflict(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            _, _, headers = await enrol(place, client, user)
            again = await client.post("/users/me/second-factor", json={"password": PASSWORD}, headers=headers)
        assert (again.status_code, again.json()["message"][:26]) == (400, "El segundo paso ya está act"[:26])

    async def test_an_api_token_may_do_nothing_of_it(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            headers = bearer((await place.login(client, user))["accessToken"])
            made = await client.post("/api/v1/tokens", json={"name": "p", "scopes": ["account:self"]}, headers=headers)
            token = bearer(made.json()["token"])
            assert (await client.get("/users/me/second-factor", headers=token)).status_code == 403
            refused = await client.post(
                "/api/v1/tokens", json={"name": "p", "scopes": ["account:secure"]}, headers=headers
            )
        assert refused.status_code == 400


class TestLogin:
    async def test_of_those_without_it_stays_as_documented(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            assert set(await first_step(client, user)) == {
                "accessToken",
                "refreshToken",
                "id_rol",
                "id_usuario",
                "nombre",
            }

    async def test_asks_for_a_code_after_the_password_and_gives_no_token_before(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            body = await first_step(client, user)
            assert set(body) == {"second_factor_required", "id_usuario", "message", "factorToken"}
            assert (await client.get("/users/me", headers=bearer(body["factorToken"]))).status_code == 401
            done = await second_step(client, body["factorToken"], phone.code())
            assert set(done.json()) == {"accessToken", "refreshToken", "id_rol", "id_usuario", "nombre"}
            assert (await client.get("/users/me", headers=bearer(done.json()["accessToken"]))).status_code == 200

    async def test_a_code_opens_once_even_for_many_at_the_same_time(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            token, code = (await first_step(client, user))["factorToken"], phone.code()
            answers = await asyncio.gather(*(second_step(client, token, code) for _ in range(4)))
            assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]
            assert (await second_step(client, token, code)).status_code == 401

    async def test_an_earlier_code_than_the_last_one_taken_is_refused(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            token = (await first_step(client, user))["factorToken"]
            earlier, later = phone.code(), phone.code()
            assert (await second_step(client, token, later)).status_code == 200
            assert (await second_step(client, token, earlier)).status_code == 401

    async def test_a_recovery_code_opens_once_however_it_is_typed(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            _, codes, _ = await enrol(place, client, user)
            token = (await first_step(client, user))["factorToken"]
            typed = codes[3].lower().replace("-", " ")
            assert (await second_step(client, token, typed)).status_code == 200
            assert (await second_step(client, token, codes[3])).status_code == 401
            assert (await second_step(client, token, codes[4])).status_code == 200
        assert (await place.audited()).count("USE_RECOVERY_CODE") == 2

    async def test_five_wrong_codes_wait_and_are_audited_as_the_second_step(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            token = (await first_step(client, user))["factorToken"]
            for _ in range(5):
                assert (await second_step(client, token, "000000")).status_code == 401
            held = await second_step(client, token, totp.code_of(phone.secret, totp.step_at(place.clock.now())))
            assert held.status_code == 429
            assert int(held.headers["retry-after"]) > 0
            assert "factorToken" in await first_step(client, user), "the password has waits of its own"
            await place.accounts.unlock(user.id, actor=ROOT)
            assert (await second_step(client, token, phone.code())).status_code == 200
        told = await place.rows("SELECT despues FROM auditoria WHERE accion = 'LOGIN_FAILED'")
        assert told[0]["despues"] == {"cuit": user.tax_id, "paso": "codigo"}

    async def test_too_late_or_after_a_change_of_the_account_it_begins_again(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            late = (await first_step(client, user))["factorToken"]
            place.clock.move(minutes=5)
            assert (await second_step(client, late, phone.code())).status_code == 401
            overtaken = (await first_step(client, user))["factorToken"]
            await place.accounts.reset_password(user.id, "Otra-Temporal.99!", actor=ROOT)
            assert (await second_step(client, overtaken, phone.code())).status_code == 401

    @pytest.mark.parametrize("kind", ["accessToken", "refreshToken", "nada"])
    async def test_no_other_token_stands_for_the_password(self, place: Place, kind: str) -> None:
        user = await place.create(role=ADMIN)
        bob = await place.create(**BOB)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
            token = (await place.login(client, bob)).get(kind, "nada")
            assert (await second_step(client, token, phone.code())).status_code == 401


class TestTakingItAway:
    async def test_needs_the_password_and_a_code(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, codes, headers = await enrol(place, client, user)
            for password, code, field in (("no", phone.code(), "password"), (PASSWORD, "000000", "code")):
                refused = await client.post(
                    "/users/me/second-factor/disable", json={"password": password, "code": code}, headers=headers
                )
                assert (refused.status_code, refused.json()["errors"][0]["campo"]) == (400, field)
            done = await client.post(
                "/users/me/second-factor/disable", json={"password": PASSWORD, "code": phone.code()}, headers=headers
            )
            assert done.status_code == 200
            assert "accessToken" in await first_step(client, user)
        assert await place.rows("SELECT user_id FROM second_factors") == []
        assert await place.rows("SELECT user_id FROM recovery_codes") == []
        assert codes

    async def test_fresh_recovery_codes_take_the_place_of_the_old_ones(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, old, headers = await enrol(place, client, user)
            body = {"password": PASSWORD, "code": phone.code()}
            fresh = await client.post("/users/me/second-factor/recovery-codes", json=body, headers=headers)
            token = (await first_step(client, user))["factorToken"]
            assert (await second_step(client, token, old[0])).status_code == 401
            assert (await second_step(client, token, fresh.json()["codigos"][0])).status_code == 200

    async def test_another_administrator_takes_it_from_who_lost_everything(self, place: Place) -> None:
        alice, bob = await place.create(role=ADMIN), await place.create(**BOB, role=ADMIN)
        async with place.client() as client:
            _, _, own = await enrol(place, client, alice)
            assert (await client.delete(f"/users/{alice.id}/second-factor", headers=own)).status_code == 400
            office = bearer((await place.login(client, bob))["accessToken"])
            assert (await client.delete(f"/users/{alice.id}/second-factor", headers=office)).status_code == 200
            assert (await client.get("/users/me", headers=own)).status_code == 401
            assert (await client.delete(f"/users/{alice.id}/second-factor", headers=office)).status_code == 404
            assert "accessToken" in await first_step(client, alice)
        assert "DISABLE_SECOND_FACTOR" in await place.audited()


class TestObligation:
    async def test_an_administrator_without_it_gets_no_further_than_setting_it_up(self, build: Build) -> None:
        place = build(ADMIN_SECOND_FACTOR="required")
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            headers = bearer((await place.login(client, user))["accessToken"])
            held = await client.get("/users", headers=headers)
            assert held.status_code == 403
            assert "segundo paso" in held.json()["message"]
            assert (await client.get("/users/me", headers=headers)).status_code == 200
            _, _, headers = await enrol(place, client, user)
            assert (await client.get("/users", headers=headers)).status_code == 200

    async def test_holds_for_administrators_only_and_not_for_api_tokens(self, build: Build) -> None:
        optional, place = build(), build(ADMIN_SECOND_FACTOR="required")
        admin, bob = await place.create(role=ADMIN), await place.create(**BOB)
        async with optional.client() as client:
            headers = bearer((await optional.login(client, admin))["accessToken"])
            body = {"name": "p", "scopes": ["users:manage"]}
            token = (await client.post("/api/v1/tokens", json=body, headers=headers)).json()["token"]
        async with place.client() as client:
            assert (await client.get("/users", headers=bearer(token))).status_code == 200
            things = bearer((await place.login(client, bob))["accessToken"])
            assert (await client.get("/api/v1/cosas", headers=things)).status_code == 200

    async def test_pages_lead_there(self, build: Build) -> None:
        place = build(ADMIN_SECOND_FACTOR="required")
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            await place.enter(client, user)
            led = await client.get("/app/usuarios")
            assert (led.status_code, led.headers["location"]) == (303, "/app/cuenta/segundo-paso")
            assert "Actívalo para continuar" in (await client.get("/app/cuenta/segundo-paso")).text


class TestPages:
    async def test_the_whole_errand_without_a_script(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        path = "/app/cuenta/segundo-paso"
        async with place.client() as client:
            await place.enter(client, user)
            assert (await client.post(path, data={"password": "no"})).status_code == 400
            assert (await client.post(path, data={"password": PASSWORD})).status_code == 303
            page = (await client.get(path)).text
            assert "<svg" in page
            assert "style=" not in page
            secret = re.search(r"([A-Z2-7]{4}-){7}[A-Z2-7]{4}", page)
            assert secret is not None
            phone = Phone(place, secret[0])
            wrong = await client.post(f"{path}/confirmar", data={"code": "000000"})
            assert (wrong.status_code, "no es correcto" in wrong.text) == (400, True)
            confirmed = await client.post(f"{path}/confirmar", data={"code": phone.code()})
            codes = re.findall(r"(?:[A-Z2-9]{4}-){3}[A-Z2-9]{4}", confirmed.text)
            assert len(set(codes)) == 10
            assert codes[0] not in (await client.get(path)).text
        async with place.client() as client:
            form = await client.post("/app/login", data={"cuit": user.tax_id, "password": PASSWORD, "next": path})
            assert (form.status_code, "set-cookie" in form.headers) == (200, False)
            step = re.search(r'name="paso" value="([^"]+)"', form.text)
            assert step is not None
            sent = {"paso": step[1], "next": path}
            wrong = await client.post("/app/login/codigo", data=sent | {"codigo": "000000"})
            assert (wrong.status_code, "no es correcto" in wrong.text) == (401, True)
            entered = await client.post("/app/login/codigo", data=sent | {"codigo": phone.code()})
            assert (entered.status_code, entered.headers["location"]) == (303, path)
            renewed = await client.post(f"{path}/codigos", data={"password": PASSWORD, "code": phone.code()})
            assert "Códigos de recuperación" in renewed.text
            refused = await client.post(f"{path}/quitar", data={"password": PASSWORD, "code": "000000"})
            assert refused.status_code == 400
            removed = await client.post(f"{path}/quitar", data={"password": PASSWORD, "code": phone.code()})
            assert (removed.status_code, removed.headers["location"]) == (303, path)

    async def test_too_long_between_the_steps_leads_back_to_the_login(self, place: Place) -> None:
        async with place.client() as client:
            answer = await client.post("/app/login/codigo", data={"paso": "viejo", "codigo": "123456"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/app/login")

    async def test_a_temporary_password_opens_no_session_before_the_code(self, place: Place) -> None:
        user = await place.create(role=ADMIN)
        async with place.client() as client:
            phone, _, _ = await enrol(place, client, user)
        await place.accounts.reset_password(user.id, "Otra-Temporal.99!", actor=ROOT)
        async with place.client() as client:
            form = await client.post("/app/login", data={"cuit": user.tax_id, "password": "Otra-Temporal.99!"})
            assert (form.status_code, "set-cookie" in form.headers) == (200, False)
            step = re.search(r'name="paso" value="([^"]+)"', form.text)
            assert step is not None
            entered = await client.post("/app/login/codigo", data={"paso": step[1], "codigo": phone.code()})
        assert entered.headers["location"] == "/app/cambiar-contrasena"

    async def test_an_administrator_takes_it_away_on_the_users_page(self, place: Place) -> None:
        alice, bob = await place.create(role=ADMIN), await place.create(**BOB, role=ADMIN)
        async with place.client() as client:
            await enrol(place, client, alice)
        async with place.client() as client:
            await place.enter(client, bob)
            assert "Quitar segundo paso" in (await client.get(f"/app/usuarios/{alice.id}")).text
            done = await client.post(f"/app/usuarios/{alice.id}/segundo-paso/quitar")
            assert done.status_code == 303
            assert "Quitar segundo paso" not in (await client.get(f"/app/usuarios/{alice.id}")).text


async def test_a_secret_that_was_tampered_with_opens_nothing(place: Place) -> None:
    alice, bob = await place.create(role=ADMIN), await place.create(**BOB, role=ADMIN)
    async with place.client() as client:
        phone, _, _ = await enrol(place, client, alice)
        await enrol(place, client, bob)
        async with place.house.database.transaction() as tx:
            swapped = text(
                "UPDATE second_factors SET secret = (SELECT secret FROM second_factors WHERE user_id = :alice)"
                " WHERE user_id = :bob"
            )
            await tx.execute(swapped, {"alice": alice.id, "bob": bob.id})
        token = (await first_step(client, bob))["factorToken"]
        assert (await second_step(client, token, phone.code())).status_code == 500
