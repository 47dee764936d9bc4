"""Tokens for programs: shown once, limited, revoked at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from acuse.accounts.model import Role, UserStatus
from acuse.kernel.audit import Actor
from tests.accounts.conftest import BOB, Place, bearer


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
            await place.set_status(user, UserStatus.INACTIVE)
            assert (await client.get("/api/v1/cosas", headers=bearer(made.json()["token"]))).status_code == 401
