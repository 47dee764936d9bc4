"""Logging in by API, who is let through, and who one is."""

from __future__ import annotations

import json

import pytest

from acuse.accounts.model import Role
from tests.accounts.conftest import PASSWORD, Build, Place, bearer


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
            assert (wrong.status_code, wrong.json()["message"]) == (401, "Credenciales inválidas")
            assert wrong.json()["error"] == "CREDENTIALS_INVALID"
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
