from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from acuse.accounts.guards import safe_next
from acuse.accounts.model import Role
from tests.accounts.conftest import BOB, PASSWORD, Build, Place

NEW = "Nuevo-Rumbo.2031!"


def sessions_closable(page: str) -> list[str]:
    return re.findall(r"/app/cuenta/sesiones/([0-9a-f-]{36})/cerrar", page)


class TestEntrance:
    async def test_a_visitor_is_sent_to_the_login_and_back(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            sent = await client.get("/app/cuenta/contrasena?x=1")
            assert (sent.status_code, sent.headers["location"]) == (
                303,
                "/app/login?next=/app/cuenta/contrasena%3Fx%3D1",
            )
            form = await client.get(sent.headers["location"])
            assert 'value="/app/cuenta/contrasena?x=1"' in form.text
            data = {"cuit": user.tax_id, "password": PASSWORD, "next": "/app/cuenta/contrasena?x=1"}
            back = await client.post("/app/login", data=data)
            assert (back.status_code, back.headers["location"]) == (303, "/app/cuenta/contrasena?x=1")
            assert (await client.get(back.headers["location"])).status_code == 200

    async def test_a_part_without_a_session_leads_to_the_login_and_back_to_its_page(self, place: Place) -> None:
        part = {"HX-Request": "true", "HX-Current-URL": "http://testserver/app/cuenta/tokens?x=1#abajo"}
        async with place.client() as client:
            sent = await client.get("/app/cuenta", headers=part)
            nowhere = await client.get("/app/cuenta", headers=part | {"HX-Current-URL": "http://[otro"})
        assert sent.headers["hx-redirect"] == "/app/login?next=/app/cuenta/tokens%3Fx%3D1"
        assert nowhere.headers["hx-redirect"] == "/app/login"

    async def test_the_cookie_is_opaque_http_only_lax_and_kept_as_a_hash(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            answer = await client.post("/app/login", data={"cuit": user.tax_id, "password": PASSWORD})
            cookie = answer.headers["set-cookie"]
            secret = client.cookies["acuse_sesion"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert len(secret) == 43
        assert secret not in str(await place.rows("SELECT * FROM user_sessions"))

    async def test_on_https_the_cookie_is_secure_and_bound_to_the_host(self, build: Build) -> None:
        place = build(ACUSE_PUBLIC_URL="https://acuse.example.com")
        user = await place.create()
        async with place.client() as client:
            answer = await client.post("/app/login", data={"cuit": user.tax_id, "password": PASSWORD})
        assert answer.headers["set-cookie"].startswith("__Host-acuse_sesion=")
        assert "Secure" in answer.headers["set-cookie"]

    async def test_a_wrong_password_is_told_on_the_form_and_keeps_what_was_typed(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            answer = await client.post("/app/login", data={"cuit": user.tax_id, "password": "<b>no"})
        assert answer.status_code == 401
        assert "no son correctos" in answer.text
        assert f'value="{user.tax_id}"' in answer.text
        assert "&lt;b&gt;" not in answer.text
        assert "set-cookie" not in answer.headers

    async def test_too_many_tries_are_told_with_the_wait(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            for _ in range(6):
                answer = await client.post("/app/login", data={"cuit": user.tax_id, "password": "no"})
        assert answer.status_code == 429
        assert answer.headers["retry-after"] == "30"
        assert "Espera 30 segundos" in answer.text

    async def test_a_login_from_another_site_is_refused(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            answer = await client.post(
                "/app/login",
                data={"cuit": user.tax_id, "password": PASSWORD},
                headers={"sec-fetch-site": "cross-site"},
            )
        assert answer.status_code == 403

    async def test_logging_out_ends_the_session_on_our_side_too(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            secret = client.cookies["acuse_sesion"]
            answer = await client.post("/app/logout")
            assert answer.headers["location"] == "/app/login"
            assert "acuse_sesion" not in client.cookies
            again = await client.get("/app/cuenta", headers={"cookie": f"acuse_sesion={secret}"})
            assert again.status_code == 303
        assert (await place.audited())[-1] == "LOGOUT"

    async def test_an_htmx_request_without_a_session_moves_the_whole_page(self, place: Place) -> None:
        async with place.client() as client:
            answer = await client.post("/app/contrasena/reglas", headers={"hx-request": "true"})
        assert answer.headers["hx-redirect"] == "/app/login"

    @pytest.mark.parametrize("idle", [True, False])
    async def test_a_session_ends_after_a_day_unused_or_a_week_in_all(self, place: Place, *, idle: bool) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            if idle:
                place.clock.move(hours=24, seconds=1)
            else:
                for _ in range(14):
                    assert (await client.get("/app/cuenta")).status_code == 200
                    place.clock.move(hours=12)
            assert (await client.get("/app/cuenta")).status_code == 303

    async def test_a_bearer_token_opens_no_page(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            tokens = await place.login(client, user)
            answer = await client.get("/app/cuenta", headers={"Authorization": f"Bearer {tokens['accessToken']}"})
        assert answer.status_code == 303


@pytest.mark.parametrize(
    "path", ["https://otro.example", "//otro.example", "/\\otro.example", "/app/\r\nx", "javascript:1", "/api/v1/x", ""]
)
def test_a_login_never_leads_elsewhere(path: str) -> None:
    assert safe_next(path) == "/app"


class TestForcedChange:
    async def test_every_page_leads_to_the_change_until_it_is_done(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            entered = await client.post("/app/login", data={"cuit": user.tax_id, "password": PASSWORD})
            assert entered.headers["location"] == "/app/cambiar-contrasena"
            for path in ("/app/cuenta", "/app/cuenta/contrasena"):
                assert (await client.get(path)).headers["location"] == "/app/cambiar-contrasena"
            assert (await client.get("/app/cambiar-contrasena")).status_code == 200
            short = await client.post("/app/cambiar-contrasena", data={"nueva": "corta", "otra_vez": "corta"})
            assert short.status_code == 400
            assert "mínimo 10 caracteres" in short.text
            unlike = await client.post("/app/cambiar-contrasena", data={"nueva": NEW, "otra_vez": "otra"})
            assert "no son iguales" in unlike.text
            done = await client.post("/app/cambiar-contrasena", data={"nueva": NEW, "otra_vez": NEW})
            assert (done.status_code, done.headers["location"]) == (303, "/app")
            assert (await client.get("/app/cuenta")).status_code == 200
        async with place.client() as client:
            await place.enter(client, user, NEW)

    async def test_somebody_kept_out_may_still_leave(self, place: Place) -> None:
        user = await place.create(must_change_password=True)
        async with place.client() as client:
            await place.enter(client, user)
            assert (await client.post("/app/logout")).status_code == 303


class TestOwnChange:
    async def _change(self, client: httpx2.AsyncClient, current: str = PASSWORD, new: str = NEW) -> Any:
        return await client.post("/app/cuenta/contrasena", data={"actual": current, "nueva": new, "otra_vez": new})

    async def test_ends_other_sessions_and_keeps_this_browser_under_a_new_cookie(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as here, place.client() as there:
            await place.enter(here, user)
            await place.enter(there, user)
            before = here.cookies["acuse_sesion"]
            answer = await self._change(here)
            assert answer.headers["location"] == "/app/cuenta"
            assert here.cookies["acuse_sesion"] != before
            assert (await here.get("/app/cuenta")).status_code == 200
            assert (await there.get("/app/cuenta")).status_code == 303

    async def test_a_wrong_current_password_is_told_beside_its_field(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            answer = await self._change(client, current="equivocada")
        assert answer.status_code == 400
        assert "La contraseña actual no es correcta." in answer.text

    async def test_the_rules_are_told_while_typing_without_a_script_of_ours(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            page = (await client.get("/app/cuenta/contrasena")).text
            assert 'hx-post="/app/contrasena/reglas"' in page
            partial = await client.post("/app/contrasena/reglas", data={"nueva": "Xyz"}, headers={"hx-request": "true"})
        assert partial.status_code == 200
        assert "<html" not in partial.text
        assert partial.text.count("Cumple:") == 4
        assert partial.text.count("Falta:") == 3


class TestAccount:
    async def test_shows_who_one_is_and_the_open_sessions(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            await place.login(client, user)
            page = (await client.get("/app/cuenta")).text
        for text in ("Alicia Gómez", "20123456789", "alicia@example.com", "Esta sesión", "Programa", "Navegador"):
            assert text in page
        assert len(sessions_closable(page)) == 1

    async def test_one_session_is_closed_at_once(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as here, place.client() as there:
            await place.enter(here, user)
            await place.enter(there, user)
            (other,) = sessions_closable((await here.get("/app/cuenta")).text)
            assert (await here.post(f"/app/cuenta/sesiones/{other}/cerrar")).status_code == 303
            assert (await there.get("/app/cuenta")).status_code == 303
            assert (await here.post(f"/app/cuenta/sesiones/{other}/cerrar")).status_code == 404

    async def test_anothers_session_is_not_found(self, place: Place) -> None:
        alice, bob = await place.create(), await place.create(**BOB)
        async with place.client() as hers, place.client() as his:
            await place.enter(hers, alice)
            await place.enter(his, bob)
            (row,) = await place.rows("SELECT id FROM user_sessions WHERE user_id = :id", id=alice.id)
            assert (await his.post(f"/app/cuenta/sesiones/{row['id']}/cerrar")).status_code == 404
            assert (await hers.get("/app/cuenta")).status_code == 200

    async def test_the_others_are_closed_together(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as here, place.client() as there:
            await place.enter(here, user)
            await place.enter(there, user)
            tokens = await place.login(there, user)
            assert (await here.post("/app/cuenta/sesiones/cerrar-otras")).status_code == 303
            assert (await here.get("/app/cuenta")).status_code == 200
            assert (await there.get("/app/cuenta")).status_code == 303
            renewed = await there.post("/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
            assert renewed.status_code == 401

    async def test_a_token_is_made_shown_once_and_revoked(self, place: Place) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            data = {"name": "Nómina", "scopes": ["sat:read", "cfdi:read"], "dias": "30"}
            made = await client.post("/app/cuenta/tokens", data=data)
            secret = re.search(r"acuse_[\w-]{43}", made.text)
            assert secret
            key = {"Authorization": f"Bearer {secret.group()}"}
            assert (await client.get("/api/v1/cosas", headers=key)).status_code == 200
            page = (await client.get("/app/cuenta")).text
            assert secret.group() not in page
            (path,) = set(re.findall(r"/app/cuenta/tokens/[0-9a-f-]{36}/revocar", page))
            assert (await client.post(path)).status_code == 303
            assert (await client.get("/api/v1/cosas", headers=key)).status_code == 401
        (row,) = await place.rows("SELECT expires_at FROM api_tokens")
        assert row["expires_at"].isoformat() == "2026-04-02T05:59:59+00:00"

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            ({"name": "", "scopes": "sat:read"}, "Escribe un nombre"),
            ({"name": "x"}, "Elige entre"),
            ({"name": "x", "scopes": "users:manage"}, "Elige entre"),
            ({"name": "x", "scopes": "sat:read", "dias": "mucho"}, "vigencias"),
        ],
    )
    async def test_a_token_that_cannot_be_is_told_on_the_page(
        self, place: Place, data: dict[str, str], told: str
    ) -> None:
        user = await place.create()
        async with place.client() as client:
            await place.enter(client, user)
            answer = await client.post("/app/cuenta/tokens", data=data)
        assert answer.status_code == 400
        assert told in answer.text

    async def test_the_theme_is_remembered_in_the_account(self, place: Place) -> None:
        user = await place.create(role=Role.MAYORISTA)
        async with place.client() as here, place.client() as there:
            await place.enter(here, user)
            sent = await here.post("/app/apariencia", data={"tema": "dark", "volver": "/app/cuenta"})
            assert sent.headers["location"] == "/app/cuenta"
            await place.enter(there, user)
            assert 'data-theme="dark"' in (await there.get("/app/cuenta")).text

    async def test_a_visitors_theme_stays_in_the_browser(self, place: Place) -> None:
        async with place.client() as client:
            await client.post("/app/apariencia", data={"tema": "dark", "volver": "/app/login"})
            assert 'data-theme="dark"' in (await client.get("/app/login")).text
