"""Changing one's password by API, never without proof."""

from __future__ import annotations

from typing import Any

from tests.accounts.conftest import BOB, PASSWORD, Build, Place, bearer

NEW = "Nuevo-Rumbo.2031!"
NEW = "Nuevo-Rumbo.2031!"


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
                assert (answer.status_code, answer.json()["message"]) == (401, "Credenciales inválidas")
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
