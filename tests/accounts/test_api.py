from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from acuse.accounts.model import Role, UserStatus
from acuse.accounts.tokens import Claims, TokenKind, TokenSigner
from acuse.kernel.audit import Actor
from tests.accounts.conftest import BOB, PASSWORD, ROOT, SECRETS, Build, Place, bearer

NEW = "Nuevo-Rumbo.2031!"


class TestLogin:
    async def test_answers_exactly_the_contract(self, place: Place) -> None:
        user = await place.create(
            role=Role.ADMINISTRADOR, name="Juan Pérez", password="contraseña123", past_policy=True
        )
        async with place.client() as client:
            answer = await client.post("/auth/login", json={"cuit": "20123456789", "password": "contraseña123"})
        body = answer.json()
        assert answer.status_code == 200
        assert set(body) == {"accessToken", "refreshToken", "id_rol", "id_usuario", "nombre"}
        assert (body["id_rol"], body["id_usuario"], body["nombre"]) == (1, user.id, "Juan Pérez")
        assert answer.headers["cache-control"] == "no-store"
        assert "LOGIN" in await place.audited()

    async def test_a_temporary_password_gets_no_tokens(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            body = await place.login(client, user)
        assert body.pop("changeToken")
        assert body == {
            "must_change_password": True,
            "id_usuario": user.id,
            "message": "Debe cambiar su contraseña antes de continuar",
        }

    async def test_refusals_are_told_in_the_contracts_envelope(self, place: Place) -> None:
        await place.create()
        async with place.client() as client:
            wrong = await client.post("/auth/login", json={"cuit": "20123456789", "password": "no"})
            assert (wrong.status_code, wrong.json()) == (401, {"message": "Credenciales inválidas"})
            short = await client.post("/auth/login", json={"cuit": "20123456789"})
            assert short.status_code == 400
            assert short.json()["errors"] == [{"campo": "password", "problema": "Falta este dato."}]
            broken = await client.post("/auth/login", content=b"{", headers={"content-type": "application/json"})
            assert broken.status_code == 400
            for _ in range(4):
                await client.post("/auth/login", json={"cuit": "20123456789", "password": "no"})
            held = await client.post("/auth/login", json={"cuit": "20123456789", "password": PASSWORD})
            assert held.status_code == 429
            assert held.headers["retry-after"] == "30"

    @pytest.mark.parametrize("password", ["\ud800", "x" * 5000, "\x00", ""])
    async def test_odd_passwords_are_refused_and_never_break(self, place: Place, password: str) -> None:
        await place.create()
        async with place.client() as client:
            raw = json.dumps({"cuit": "20123456789", "password": password})
            answer = await client.post(
                "/auth/login", content=raw.encode(), headers={"content-type": "application/json"}
            )
        assert answer.status_code in {400, 401}


class TestGuards:
    async def test_a_missing_token_is_401_before_the_body_is_read(self, place: Place) -> None:
        async with place.client() as client:
            answer = await client.post(
                "/api/v1/cosas", content=b"{no es json", headers={"content-type": "application/json"}
            )
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="acuse"'
        assert answer.json()["error"] == "UNAUTHORIZED"

    async def test_a_bad_token_is_named_invalid(self, place: Place) -> None:
        async with place.client() as client:
            for header in ("Bearer nada", "Bearer acuse_nada", "Bearer ", "Basic eDp5", "nada"):
                answer = await client.get("/api/v1/cosas", headers={"Authorization": header})
                assert answer.status_code == 401, header
                assert 'error="invalid_token"' in answer.headers["www-authenticate"], header

    async def test_a_missing_right_is_403_and_audited(self, place: Place) -> None:
        user = await place.create(role=Role.MAYORISTA)
        async with place.client() as client:
            tokens = await place.login(client, user)
            answer = await client.get("/api/v1/cosas", headers=bearer(tokens["accessToken"]))
        assert answer.status_code == 403
        assert answer.json()["details"] == {"right": "sat:read"}
        assert (await place.audited())[-1] == "ACCESS_DENIED"

    async def test_the_caller_is_known_with_the_address(self, place: Place) -> None:
        user = await place.create()
        async with place.client(ip="198.51.100.9") as client:
            tokens = await place.login(client, user)
            answer = await client.get("/api/v1/cosas", headers=bearer(tokens["accessToken"]))
        assert answer.json() == {"user": user.id, "ip": "198.51.100.9"}

    async def test_the_address_behind_a_trusted_proxy_is_the_callers(self, build: Build) -> None:
        place = build(TRUSTED_PROXIES="10.0.0.0/8")
        user = await place.create()
        async with place.client(ip="10.1.2.3") as client:
            tokens = await place.login(client, user)
            headers = {**bearer(tokens["accessToken"]), "X-Forwarded-For": "6.6.6.6, 203.0.113.5"}
            assert (await client.get("/api/v1/cosas", headers=headers)).json()["ip"] == "203.0.113.5"

    async def test_the_cookie_opens_no_json(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            assert (await client.get("/users/me")).status_code == 401


class TestMisuse:
    """An access token acts only while everything it rests on still holds."""

    async def _refused(self, place: Place, token: str) -> None:
        async with place.client() as client:
            for path in ("/users/me", "/api/v1/cosas"):
                assert (await client.get(path, headers=bearer(token))).status_code == 401

    async def _tokens(self, place: Place, **changes: Any) -> dict[str, Any]:
        async with place.client() as client:
            return await place.login(client, await place.create(**changes))

    async def test_expired(self, place: Place) -> None:
        tokens = await self._tokens(place)
        place.clock.move(minutes=15)
        await self._refused(place, tokens["accessToken"])

    async def test_refresh_token_as_access_token(self, place: Place) -> None:
        await self._refused(place, (await self._tokens(place))["refreshToken"])

    async def test_change_token_as_access_token(self, place: Place) -> None:
        await self._refused(place, (await self._tokens(place, must_change_password=True))["changeToken"])

    async def test_signed_by_somebody_else_or_by_nobody(self, place: Place) -> None:
        read = jwt.decode((await self._tokens(place))["accessToken"], options={"verify_signature": False})
        await self._refused(place, jwt.encode(read, "x" * 40, algorithm="HS256"))
        await self._refused(place, jwt.encode(read, "", algorithm="none"))
        await self._refused(place, jwt.encode(read, SECRETS["REFRESH_SECRET"], algorithm="HS256"))

    async def test_of_a_session_that_never_was(self, place: Place) -> None:
        tokens = await self._tokens(place)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        forged = {**read, "sid": "00000000-0000-4000-8000-000000000000"}
        await self._refused(place, jwt.encode(forged, SECRETS["TOKEN_SECRET"], algorithm="HS256"))
        without = {name: value for name, value in read.items() if name != "sid"}
        await self._refused(place, jwt.encode(without, SECRETS["TOKEN_SECRET"], algorithm="HS256"))

    async def test_of_another_user_in_the_same_session(self, place: Place) -> None:
        tokens = await self._tokens(place)
        other = await place.create(**BOB)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        forged = jwt.encode({**read, "sub": str(other.id)}, SECRETS["TOKEN_SECRET"], algorithm="HS256")
        await self._refused(place, forged)

    async def test_after_logout(self, place: Place) -> None:
        tokens = await self._tokens(place)
        async with place.client() as client:
            answer = await client.post("/auth/logout", headers=bearer(tokens["accessToken"]))
            assert answer.json() == {"message": "Sesión cerrada correctamente"}
            refreshed = await client.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
            assert refreshed.status_code == 401
        await self._refused(place, tokens["accessToken"])
        assert (await place.audited())[-1] == "LOGOUT"

    async def test_after_the_user_was_disabled_and_enabled_again(self, place: Place) -> None:
        tokens = await self._tokens(place)
        user = await place.accounts.find("20123456789")
        await place.accounts.set_status(user.id, UserStatus.INACTIVE, actor=ROOT)
        await self._refused(place, tokens["accessToken"])
        await place.accounts.set_status(user.id, UserStatus.ACTIVE, actor=ROOT)
        await self._refused(place, tokens["accessToken"])

    async def test_after_the_user_was_deleted(self, place: Place) -> None:
        tokens = await self._tokens(place)
        async with place.house.database.transaction() as tx:
            await tx.execute(text("UPDATE users SET deleted_at = now()"))
        await self._refused(place, tokens["accessToken"])

    async def test_after_a_reset(self, place: Place) -> None:
        tokens = await self._tokens(place)
        user = await place.accounts.find("20123456789")
        await place.accounts.reset_password(user.id, NEW, actor=ROOT)
        await self._refused(place, tokens["accessToken"])

    async def test_of_an_older_version(self, place: Place) -> None:
        tokens = await self._tokens(place)
        read = jwt.decode(tokens["accessToken"], options={"verify_signature": False})
        older = jwt.encode({**read, "ver": read["ver"] - 1}, SECRETS["TOKEN_SECRET"], algorithm="HS256")
        await self._refused(place, older)


class TestRefresh:
    async def _renew(self, client: Any, token: str) -> Any:
        return await client.post("/auth/refresh", json={"refreshToken": token})

    async def test_gives_two_new_tokens_that_work(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            place.clock.move(minutes=20)
            answer = await self._renew(client, tokens["refreshToken"])
            assert set(answer.json()) == {"accessToken", "refreshToken"}
            me = await client.get("/users/me", headers=bearer(answer.json()["accessToken"]))
            assert me.json()["id_usuario"] == user.id
            older_name = await client.post("/tokens/refresh", json={"token": answer.json()["refreshToken"]})
            assert older_name.status_code == 200

    async def test_only_hashes_are_kept(self, place: Place) -> None:
        async with place.client() as client:
            tokens = await place.login(client, await place.create())
        stored = str(await place.rows("SELECT * FROM refresh_tokens")) + str(
            await place.rows("SELECT * FROM user_sessions")
        )
        assert tokens["refreshToken"] not in stored

    async def test_a_use_within_the_grace_is_forgiven_three_times(self, place: Place) -> None:
        async with place.client() as client:
            first = (await place.login(client, await place.create()))["refreshToken"]
            statuses = [(await self._renew(client, first)).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 200, 401]
        assert (await place.audited())[-1] == "TOKEN_REUSE_DETECTED"

    async def test_a_later_use_ends_the_whole_family_and_is_audited(self, place: Place) -> None:
        async with place.client() as client:
            first = (await place.login(client, await place.create()))["refreshToken"]
            second = (await self._renew(client, first)).json()
            place.clock.move(seconds=30)
            assert (await self._renew(client, first)).status_code == 401
            assert (await self._renew(client, second["refreshToken"])).status_code == 401
            assert (await client.get("/users/me", headers=bearer(second["accessToken"]))).status_code == 401
        assert (await place.audited()).count("TOKEN_REUSE_DETECTED") == 1

    async def test_another_family_lives_on(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            stolen = (await place.login(client, user))["refreshToken"]
            other = (await place.login(client, user))["refreshToken"]
            await self._renew(client, stolen)
            place.clock.move(seconds=31)
            await self._renew(client, stolen)
            assert (await self._renew(client, other)).status_code == 200

    async def test_strict_use_has_one_winner_among_many_at_once(self, build: Build) -> None:
        place = build(REFRESH_GRACE_S="0")
        async with place.client() as client:
            token = (await place.login(client, await place.create()))["refreshToken"]
            answers = await asyncio.gather(*(self._renew(client, token) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7

    async def test_at_once_within_the_grace_gives_one_winner_and_three_siblings(self, place: Place) -> None:
        async with place.client() as client:
            token = (await place.login(client, await place.create()))["refreshToken"]
            answers = await asyncio.gather(*(self._renew(client, token) for _ in range(8)))
        assert [answer.status_code for answer in answers].count(200) == 4
        rows = await place.rows("SELECT count(DISTINCT session_id) AS families FROM refresh_tokens")
        assert rows == [{"families": 1}]

    async def test_a_day_unused_or_a_week_in_all_is_the_end(self, place: Place) -> None:
        async with place.client() as client:
            user = await place.create()
            idle = (await place.login(client, user))["refreshToken"]
            kept = (await place.login(client, user))["refreshToken"]
            for _ in range(7):
                place.clock.move(hours=23)
                kept = (await self._renew(client, kept)).json()["refreshToken"]
            assert (await self._renew(client, idle)).status_code == 401
            place.clock.move(hours=8)
            assert (await self._renew(client, kept)).status_code == 401

    async def test_nothing_else_is_taken(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            assert (await self._renew(client, tokens["accessToken"])).status_code == 401
            signer = TokenSigner(
                access_secret=SecretStr(SECRETS["TOKEN_SECRET"]), refresh_secret=SecretStr(SECRETS["REFRESH_SECRET"])
            )
            now = place.clock.now()
            (row,) = await place.rows("SELECT id FROM user_sessions")
            unknown = signer.sign(
                Claims(
                    user_id=user.id,
                    kind=TokenKind.REFRESH,
                    version=1,
                    issued_at=now,
                    expires_at=now + timedelta(days=1),
                    session=row["id"],
                )
            )
            assert (await self._renew(client, unknown)).status_code == 401
            assert (await self._renew(client, tokens["refreshToken"])).status_code == 200


class TestChangePassword:
    async def _change(self, client: Any, user_id: int, *, headers: dict[str, str] | None = None, **body: str) -> Any:
        sent = {"id_usuario": user_id, "newPassword": NEW, **body}
        return await client.post("/auth/change-password", json=sent, headers=headers or {})

    async def test_never_without_proof(self, place: Place) -> None:
        user, other = await place.create(), await place.create(**BOB)
        async with place.client() as client:
            theirs = bearer((await place.login(client, other))["accessToken"])
            own = bearer((await place.login(client, user))["accessToken"])
            for headers, body in [
                ({}, {}),
                ({}, {"currentPassword": PASSWORD}),
                (theirs, {"currentPassword": PASSWORD}),
                (own, {}),
            ]:
                answer = await self._change(client, user.id, headers=headers, **body)
                assert (answer.status_code, answer.json()) == (401, {"message": "Credenciales inválidas"})
            assert (await self._change(client, 99, currentPassword=PASSWORD)).status_code == 401

    async def test_with_the_own_session_and_the_current_password_all_sessions_end(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            answer = await self._change(
                client, user.id, headers=bearer(tokens["accessToken"]), currentPassword=PASSWORD
            )
            assert (answer.status_code, answer.json()) == (200, {"message": "Contraseña cambiada correctamente"})
            assert (await client.get("/users/me", headers=bearer(tokens["accessToken"]))).status_code == 401
            await place.login(client, user, NEW)
        assert "CHANGE_PASSWORD" in await place.audited()

    async def test_with_the_change_token_once(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            token = (await place.login(client, user))["changeToken"]
            assert (await self._change(client, user.id, changeToken=token)).status_code == 200
            body = {"newPassword": "Otra-Vez-Nueva.8!", "changeToken": token}
            assert (await self._change(client, user.id, **body)).status_code == 401
            assert "accessToken" in await place.login(client, user, NEW)

    async def test_the_change_token_ends_and_is_its_users_only(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        other = await place.create(must_change_password=True, **BOB)
        async with place.client() as client:
            token = (await place.login(client, user))["changeToken"]
            assert (await self._change(client, other.id, changeToken=token)).status_code == 401
            place.clock.move(minutes=10)
            assert (await self._change(client, user.id, changeToken=token)).status_code == 401

    async def test_with_the_temporary_password_as_the_documented_client_does(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            assert (await self._change(client, user.id, currentPassword=PASSWORD)).status_code == 200
            assert "accessToken" in await place.login(client, user, NEW)

    async def test_an_api_token_is_no_proof(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            access = bearer((await place.login(client, user))["accessToken"])
            made = await client.post("/api/v1/tokens", headers=access, json={"name": "x", "scopes": ["account:self"]})
            key = bearer(made.json()["token"])
            assert (await self._change(client, user.id, headers=key, currentPassword=PASSWORD)).status_code == 401

    async def test_the_policy_is_told_rule_by_rule(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            answer = await self._change(client, user.id, currentPassword=PASSWORD, newPassword="corta")
            assert answer.status_code == 400
            (problem,) = answer.json()["errors"]
            assert problem["campo"] == "newPassword"
            assert "mínimo 10 caracteres" in problem["problema"]
            same = await self._change(client, user.id, currentPassword=PASSWORD, newPassword=PASSWORD)
            assert "distinta de la contraseña actual" in same.json()["errors"][0]["problema"]

    async def test_guessing_the_temporary_password_is_held_up(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            statuses = [(await self._change(client, user.id, currentPassword="no")).status_code for _ in range(6)]
        assert statuses == [401] * 5 + [429]

    async def test_five_a_minute_from_one_address(self, build: Build) -> None:
        place = build(PASSWORD_CHANGE_LIMIT_PER_MINUTE="5")
        async with place.client() as client:
            statuses = [(await self._change(client, 90 + n)).status_code for n in range(6)]
        assert statuses == [401] * 5 + [429]

    async def test_an_id_past_every_number_is_told_and_does_not_break(self, place: Place) -> None:
        async with place.client() as client:
            assert (await self._change(client, 2**70)).status_code == 400


class TestMe:
    async def test_tells_who_one_is(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            body = (await client.get("/users/me", headers=bearer(tokens["accessToken"]))).json()
        assert body | {"ultimo_acceso": None} == {
            "id_usuario": user.id,
            "nombre": "Alicia Gómez",
            "cuit": "20123456789",
            "mail": "alicia@example.com",
            "id_rol": 4,
            "rol": "Contribuyente",
            "status": "activo",
            "pais": "mx",
            "ultimo_acceso": None,
            "segundo_paso": False,
            "alcances": None,
        }


class TestApiTokens:
    async def _access(self, place: Place, client: Any, **changes: Any) -> dict[str, str]:
        return bearer((await place.login(client, await place.create(**changes)))["accessToken"])

    async def test_a_token_is_shown_once_and_acts_within_its_scopes(self, place: Place) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            made = await client.post(
                "/api/v1/tokens", headers=access, json={"name": "Nómina", "scopes": ["sat:read", "account:self"]}
            )
            body = made.json()
            assert made.status_code == 201
            assert body["token"].startswith("acuse_")
            assert (await client.get("/api/v1/cosas", headers=bearer(body["token"]))).status_code == 200
            me = (await client.get("/users/me", headers=bearer(body["token"]))).json()
            assert me["alcances"] == ["account:self", "sat:read"]
            (listed,) = (await client.get("/api/v1/tokens", headers=access)).json()["tokens"]
            assert "token" not in listed
            assert listed["last_used_at"] is not None
            assert body["token"].endswith(listed["hint"])
        assert body["token"] not in str(await place.rows("SELECT * FROM api_tokens"))
        assert "CREATE_API_TOKEN" in await place.audited()

    async def test_scopes_missing_from_the_token_are_403(self, place: Place) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            made = await client.post("/api/v1/tokens", headers=access, json={"name": "x", "scopes": ["cfdi:read"]})
            key = bearer(made.json()["token"])
            assert (await client.get("/api/v1/cosas", headers=key)).status_code == 403
            assert (await client.get("/api/v1/tokens", headers=key)).status_code == 403

    @pytest.mark.parametrize("scopes", [["users:manage"], ["tokens:self"], ["todo"], [], ["sat:read", "audit:read"]])
    async def test_nobody_gives_what_they_lack(self, place: Place, scopes: list[str]) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            made = await client.post("/api/v1/tokens", headers=access, json={"name": "x", "scopes": scopes})
        assert made.status_code == 400
        assert await place.rows("SELECT * FROM api_tokens") == []

    async def test_revoked_and_expired_tokens_open_nothing(self, place: Place) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            ends = (place.clock.now() + timedelta(minutes=5)).isoformat()
            sent = {"name": "x", "scopes": ["sat:read"], "expires_at": ends}
            one = (await client.post("/api/v1/tokens", headers=access, json=sent)).json()
            two = (await client.post("/api/v1/tokens", headers=access, json=sent)).json()
            assert (await client.delete(f"/api/v1/tokens/{one['id']}", headers=access)).status_code == 204
            assert (await client.delete(f"/api/v1/tokens/{one['id']}", headers=access)).status_code == 404
            assert (await client.get("/api/v1/cosas", headers=bearer(one["token"]))).status_code == 401
            assert (await client.get("/api/v1/cosas", headers=bearer(two["token"]))).status_code == 200
            place.clock.move(minutes=5)
            assert (await client.get("/api/v1/cosas", headers=bearer(two["token"]))).status_code == 401
        assert "REVOKE_API_TOKEN" in await place.audited()

    async def test_an_expiry_must_lie_ahead_and_know_its_zone(self, place: Place) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            for ends in (place.clock.now().isoformat(), "2030-01-01T00:00:00", "mañana"):
                sent = {"name": "x", "scopes": ["sat:read"], "expires_at": ends}
                assert (await client.post("/api/v1/tokens", headers=access, json=sent)).status_code == 400

    async def test_anothers_token_is_not_found(self, place: Place) -> None:
        async with place.client() as client:
            alice = await self._access(place, client)
            bob = await self._access(place, client, **BOB)
            made = await client.post("/api/v1/tokens", headers=alice, json={"name": "x", "scopes": ["sat:read"]})
            path = f"/api/v1/tokens/{made.json()['id']}"
            assert (await client.delete(path, headers=bob)).status_code == 404
            assert (await client.get("/api/v1/tokens", headers=bob)).json() == {"tokens": []}

    async def test_an_administrator_issues_one_for_a_taxpayer_they_created(self, place: Place) -> None:
        async with place.client() as client:
            admin = await place.create(role=Role.ADMINISTRADOR)
            access = bearer((await place.login(client, admin))["accessToken"])
            fleet = await place.create(actor=Actor(admin.id, admin.name), **BOB)
            sent = {"name": "Flota", "scopes": ["sat:read"], "id_usuario": fleet.id}
            made = await client.post("/api/v1/tokens", headers=access, json=sent)
            assert made.status_code == 201
            acting = await client.get("/api/v1/cosas", headers=bearer(made.json()["token"]))
            assert acting.json()["user"] == fleet.id
            assert (await client.delete(f"/api/v1/tokens/{made.json()['id']}", headers=access)).status_code == 204

    async def test_nobody_issues_one_for_somebody_elses_people(self, place: Place) -> None:
        async with place.client() as client:
            admin = await self._access(place, client, role=Role.ADMINISTRADOR)
            bob = await place.create(**BOB)
            sent = {"name": "x", "scopes": ["sat:read"], "id_usuario": bob.id}
            assert (await client.post("/api/v1/tokens", headers=admin, json=sent)).status_code == 404
            me = bearer((await place.login(client, bob))["accessToken"])
            sent["id_usuario"] = 1
            assert (await client.post("/api/v1/tokens", headers=me, json=sent)).status_code == 404

    async def test_a_disabled_owner_disables_the_token(self, place: Place) -> None:
        async with place.client() as client:
            access = await self._access(place, client)
            made = await client.post("/api/v1/tokens", headers=access, json={"name": "x", "scopes": ["sat:read"]})
            user = await place.accounts.find("20123456789")
            await place.accounts.set_status(user.id, UserStatus.INACTIVE, actor=ROOT)
            assert (await client.get("/api/v1/cosas", headers=bearer(made.json()["token"]))).status_code == 401
