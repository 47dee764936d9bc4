"""Users as administrators manage them, by the documented requests."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from acuse.accounts.model import Role
from acuse.accounts.service import PeopleService
from acuse.kernel.database import Transaction
from acuse.kernel.errors import InvalidInput
from tests.accounts.conftest import BOB, PASSWORD, Build, Place, bearer

REFUSED = {"error": "CREDENTIALS_INVALID", "message": "Credenciales inválidas"}

JUAN: dict[str, Any] = {
    "nombre": "Juan Pérez",
    "cuit": "20123456789",
    "mail": "juan@example.com",
    "password": "Password123!",
    "id_rol": 2,
    "limite_descargas": 10,
}
ADMIN: dict[str, Any] = {"tax_id": "27301112225", "name": "Ana Admin", "mail": "ana@example.com"}


class Desk:
    """An administrator at work."""

    def __init__(self, place: Place, client: httpx2.AsyncClient, user_id: int) -> None:
        self.place, self.client, self.user_id = place, client, user_id

    async def hire(self, **changes: Any) -> int:
        answer = await self.client.post("/users", json=JUAN | changes)
        assert answer.status_code == 201, answer.text
        number: int = answer.json()["id_usuario"]
        return number

    async def list(self, **query: Any) -> Any:
        answer = await self.client.get("/users", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
async def desk(place: Place) -> AsyncIterator[Desk]:
    admin = await place.create(role=Role.ADMINISTRADOR, **ADMIN)
    async with place.client() as client:
        tokens = await place.login(client, admin)
        client.headers.update(bearer(tokens["accessToken"]))
        yield Desk(place, client, admin.id)


class TestCreate:
    async def test_the_documented_request_is_201(self, desk: Desk) -> None:
        answer = await desk.client.post("/users", json=JUAN)
        assert answer.status_code == 201
        assert set(answer.json()) == {"message", "id_usuario"}
        user = (await desk.list(role="Mayorista"))["usuarios"][0]
        assert (user["nombre"], user["cuit"], user["limite_descargas"]) == ("Juan Pérez", "20123456789", 10)
        assert (user["status"], user["must_change_password"], user["pais"]) == ("activo", True, "ar")
        assert "password" not in str(user).replace("must_change_password", "")
        login = {"cuit": "20123456789", "password": "Password123!"}
        assert (await desk.client.post("/auth/login", json=login)).json()["must_change_password"] is True

    async def test_without_a_limit_it_is_five_and_zero_stays_zero(self, desk: Desk) -> None:
        one = await desk.client.post("/users", json={k: v for k, v in JUAN.items() if k != "limite_descargas"})
        two = await desk.hire(cuit="27123456780", limite_descargas=0)
        found = {user["id_usuario"]: user["limite_descargas"] for user in (await desk.list())["usuarios"]}
        assert (found[one.json()["id_usuario"]], found[two]) == (5, 0)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"limite_descargas": -1}, "limite_descargas"),
            ({"limite_descargas": 1.5}, "limite_descargas"),
            ({"limite_descargas": "10"}, "limite_descargas"),
            ({"id_rol": 9}, "id_rol"),
            ({"nombre": " "}, "nombre"),
            ({"mail": "juan"}, "mail"),
            ({"cuit": "<b>"}, "cuit"),
            ({"password": "contraseña123"}, "password"),
        ],
    )
    async def test_what_is_wrong_is_400_and_named(self, desk: Desk, wrong: dict[str, Any], field: str) -> None:
        answer = await desk.client.post("/users", json=JUAN | wrong)
        assert answer.status_code == 400
        assert [error["campo"] for error in answer.json()["errors"]] == [field]

    async def test_a_taken_tax_id_is_400_until_its_owner_is_deleted(self, desk: Desk) -> None:
        number = await desk.hire()
        again = await desk.client.post("/users", json=JUAN | {"cuit": "20-12345678-9"})
        assert (again.status_code, again.json()["errors"][0]["campo"]) == (400, "cuit")
        await desk.client.delete(f"/users/{number}")
        assert await desk.hire() != number

    async def test_in_production_a_well_known_password_is_refused(self, build: Build) -> None:
        place = build(ACUSE_SURROUNDINGS="produccion")
        with pytest.raises(InvalidInput, match="más conocidas"):
            await place.create(password="Password123!")


class TestList:
    async def test_has_pages_and_an_end(self, desk: Desk) -> None:
        for number in range(4):
            await desk.hire(cuit=f"2712345678{number}")
        page = await desk.list(page=2, limit=2)
        assert page["pagination"] == {"page": 2, "limit": 2, "total": 5, "pages": 3}
        assert len(page["usuarios"]) == 2
        past = await desk.list(page=9, limit=2)
        assert (past["usuarios"], past["pagination"]["pages"]) == ([], 3)
        assert (await desk.list(search="nadie"))["pagination"] == {"page": 1, "limit": 50, "total": 0, "pages": 0}

    @pytest.mark.parametrize(
        "query",
        [{"page": 0}, {"limit": 0}, {"limit": 201}, {"page": "x"}, {"role": "9"}, {"status": "quizá"}, {"page": 2**70}],
    )
    async def test_refuses_what_it_does_not_know(self, desk: Desk, query: dict[str, Any]) -> None:
        answer = await desk.client.get("/users", params=query)
        assert answer.status_code == 400
        assert [error["campo"] for error in answer.json()["errors"]] == list(query)

    async def test_words_with_the_character_nul_are_refused(self, desk: Desk) -> None:
        answer = await desk.client.get("/users", params={"search": "K\x00"})
        assert (answer.status_code, "carácter nulo" in answer.json()["message"]) == (400, True)
        hired = await desk.client.post("/users", json=JUAN | {"nombre": "K\x00"})
        assert (hired.status_code, "carácter nulo" in hired.json()["message"]) == (400, True)

    async def test_filters_by_role_status_and_words(self, desk: Desk) -> None:
        juan = await desk.hire()
        await desk.hire(cuit="27123456780", nombre="María % García", id_rol=3)
        await desk.client.put(f"/users/{juan}", json={"status": "inactivo"})

        async def names(**query: Any) -> list[str]:
            return [user["nombre"] for user in (await desk.list(**query))["usuarios"]]

        assert await names(role=2) == await names(role="MAYORISTA") == ["Juan Pérez"]
        assert await names(status="inactivo") == await names(status="0") == ["Juan Pérez"]
        assert await names(status="1") == ["Ana Admin", "María % García"]
        assert await names(search="perez") == await names(search="20-1234") == ["Juan Pérez"]
        assert await names(search="GARCÍA") == await names(search="%") == ["María % García"]

    async def test_roles_are_the_four(self, desk: Desk) -> None:
        assert (await desk.client.get("/users/roles")).json()[:3] == [
            {"id_rol": 1, "rol": "Administrador"},
            {"id_rol": 2, "rol": "Mayorista"},
            {"id_rol": 3, "rol": "Distribuidor"},
        ]


class TestUpdate:
    @pytest.mark.parametrize(("path", "status", "code"), [("me", 405, "METHOD_NOT_ALLOWED"), ("x", 404, "NOT_FOUND")])
    async def test_a_name_that_is_no_number_is_no_user(self, desk: Desk, path: str, status: int, code: str) -> None:
        answer = await desk.client.put(f"/users/{path}", json={"nombre": "Eva"})
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert answer.headers.get("allow") == ("GET" if path == "me" else None)

    async def test_changes_what_is_given_and_audits_only_that(self, desk: Desk) -> None:
        juan = await desk.hire()
        answer = await desk.client.put(f"/users/{juan}", json={"limite_descargas": 0, "nombre": None})
        assert (answer.status_code, set(answer.json())) == (200, {"message"})
        user = (await desk.client.get(f"/users/{juan}")).json()
        assert (user["limite_descargas"], user["nombre"], user["mail"]) == (0, "Juan Pérez", "juan@example.com")
        (row,) = await desk.place.rows("SELECT antes, despues FROM auditoria WHERE accion = 'UPDATE_USER'")
        assert row == {"antes": {"limite_descargas": 10}, "despues": {"limite_descargas": 0}}

    async def test_the_same_again_changes_nothing_and_is_not_audited(self, desk: Desk) -> None:
        juan = await desk.hire()
        assert (await desk.client.put(f"/users/{juan}", json={"nombre": "Juan Pérez"})).status_code == 200
        assert "UPDATE_USER" not in await desk.place.audited()

    async def test_nobody_is_404_and_a_password_has_its_own_place(self, desk: Desk) -> None:
        assert (await desk.client.put("/users/999", json={"nombre": "x"})).status_code == 404
        answer = await desk.client.put(f"/users/{await desk.hire()}", json={"password": "Otra-Clave.9!"})
        assert (answer.status_code, answer.json()["errors"][0]["campo"]) == (400, "password")

    async def test_a_tax_id_of_another_is_400(self, desk: Desk) -> None:
        juan = await desk.hire()
        answer = await desk.client.put(f"/users/{juan}", json={"cuit": "27-30111222-5"})
        assert (answer.status_code, answer.json()["errors"][0]["campo"]) == (400, "cuit")

    async def test_a_new_role_acts_at_once_on_a_token_in_use(self, desk: Desk) -> None:
        bob = await desk.place.create(role=Role.ADMINISTRADOR, **BOB)
        async with desk.place.client() as client:
            client.headers.update(bearer((await desk.place.login(client, bob))["accessToken"]))
            assert (await client.get("/users")).status_code == 200
            await desk.client.put(f"/users/{bob.id}", json={"id_rol": 2})
            assert (await client.get("/users")).status_code == 403

    async def test_inactive_ends_every_session_and_active_opens_none(self, desk: Desk) -> None:
        bob = await desk.place.create(**BOB)
        async with desk.place.client() as client:
            client.headers.update(bearer((await desk.place.login(client, bob))["accessToken"]))
            for status in ("inactivo", "activo"):
                await desk.client.put(f"/users/{bob.id}", json={"status": status})
                assert (await client.get("/users/me")).status_code == 401

    async def test_who_keeps_quotas_hears_of_limits_and_may_refuse(self, desk: Desk) -> None:
        heard: list[tuple[int, int]] = []

        async def follow(_: Transaction, user_id: int, limit: int) -> None:
            heard.append((user_id, limit))
            if limit == 13:
                raise InvalidInput(fields={"limite_descargas": "No."})

        desk.place.accounts.add_limit_follower(follow)
        juan = await desk.hire()
        await desk.client.put(f"/users/{juan}", json={"limite_descargas": 3})
        assert (await desk.client.put(f"/users/{juan}", json={"limite_descargas": 13})).status_code == 400
        assert heard == [(juan, 10), (juan, 3), (juan, 13)]
        assert (await desk.client.get(f"/users/{juan}")).json()["limite_descargas"] == 3


class TestLastAdministrator:
    async def test_nobody_acts_on_themselves(self, desk: Desk) -> None:
        await desk.place.create(role=Role.ADMINISTRADOR, **BOB)
        me = f"/users/{desk.user_id}"
        for answer in (
            await desk.client.delete(me),
            await desk.client.put(me, json={"id_rol": 2}),
            await desk.client.put(me, json={"status": "inactivo"}),
            await desk.client.post(
                "/auth/admin/reset-password", json={"id_usuario": desk.user_id, "nuevaPassword": "PasswordTemporal123!"}
            ),
        ):
            assert (answer.status_code, "propia cuenta" in answer.json()["message"]) == (400, True)
        assert (await desk.client.put(me, json={"nombre": "Ana Nueva"})).status_code == 200

    async def test_two_who_demote_each_other_at_once_leave_one(self, desk: Desk) -> None:
        bob = await desk.place.create(role=Role.ADMINISTRADOR, **BOB)
        async with desk.place.client() as client:
            client.headers.update(bearer((await desk.place.login(client, bob))["accessToken"]))
            answers = await asyncio.gather(
                desk.client.put(f"/users/{bob.id}", json={"id_rol": 2}),
                client.put(f"/users/{desk.user_id}", json={"id_rol": 2}),
            )
        assert sorted(answer.status_code for answer in answers) in ([200, 400], [200, 403])
        left = await desk.place.rows("SELECT id FROM users WHERE role = 1 AND status = 'activo'")
        assert len(left) == 1


class TestDelete:
    async def test_is_soft_acts_at_once_and_happens_once(self, desk: Desk) -> None:
        bob = await desk.place.create(**BOB)
        async with desk.place.client() as client:
            client.headers.update(bearer((await desk.place.login(client, bob))["accessToken"]))
            answer = await desk.client.delete(f"/users/{bob.id}")
            assert (answer.status_code, set(answer.json())) == (200, {"message"})
            assert (await client.get("/users/me")).status_code == 401
            login = {"cuit": bob.tax_id, "password": PASSWORD}
            assert (await client.post("/auth/login", json=login)).json() == REFUSED
        assert (await desk.client.delete(f"/users/{bob.id}")).status_code == 404
        assert bob.id not in [user["id_usuario"] for user in (await desk.list())["usuarios"]]
        (gone,) = (await desk.list(status="eliminado"))["usuarios"]
        assert (gone["id_usuario"], gone["status"]) == (bob.id, "eliminado")
        assert (await desk.place.audited()).count("DELETE_USER") == 1


class TestReset:
    async def test_the_documented_request_forces_a_change_and_ends_sessions(self, desk: Desk) -> None:
        bob = await desk.place.create(**BOB)
        sent = {"id_usuario": bob.id, "nuevaPassword": "PasswordTemporal123!"}
        async with desk.place.client() as client:
            client.headers.update(bearer((await desk.place.login(client, bob))["accessToken"]))
            answer = await desk.client.post("/auth/admin/reset-password", json=sent)
            assert (answer.status_code, set(answer.json())) == (200, {"message"})
            assert (await client.get("/users/me")).status_code == 401
            told = await desk.place.login(client, bob, "PasswordTemporal123!")
        assert told["must_change_password"] is True
        assert "RESET_PASSWORD" in await desk.place.audited()

    async def test_the_policy_holds_and_nobody_is_404(self, desk: Desk) -> None:
        bob = await desk.place.create(**BOB)
        for number, password, status in ((bob.id, "corta", 400), (999, "PasswordTemporal123!", 404)):
            sent = {"id_usuario": number, "nuevaPassword": password}
            assert (await desk.client.post("/auth/admin/reset-password", json=sent)).status_code == status


class TestReport:
    async def test_holds_every_user_of_the_filter_and_never_a_password(self, desk: Desk) -> None:
        await desk.hire(nombre="=HYPERLINK(1)")
        await desk.hire(cuit="27123456780", id_rol=3)
        answer = await desk.client.get("/reportes/usuarios/csv", params={"role": 2})
        assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert answer.headers["content-disposition"] == 'attachment; filename="usuarios-2026-03-02.csv"'
        assert answer.headers["cache-control"] == "no-store"
        assert answer.content.startswith(b"\xef\xbb\xbf")
        (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline=""))
        assert list(row) == [
            "id_usuario", "nombre", "cuit", "mail", "rol", "status", "limite_descargas", "pendientes", "created_at",
            "ultimo_login",
        ]  # fmt: skip
        assert (row["nombre"], row["cuit"], row["rol"]) == ("'=HYPERLINK(1)", "20-12345678-9", "Mayorista")
        assert (row["status"], row["limite_descargas"], row["pendientes"]) == ("activo", "10", "0")
        assert "argon2" not in answer.text
        (told,) = await desk.place.rows("SELECT despues FROM auditoria WHERE accion = 'EXPORT_CSV'")
        assert told["despues"] == {"filas": 1, "filtros": {"rol": 2}, "completo": True}

    async def test_takes_excels_options_and_refuses_unknown_ones(self, desk: Desk) -> None:
        answer = await desk.client.get("/reportes/usuarios/csv?sep=;&bom=0&manifest=1")
        assert answer.text.startswith("id_usuario;nombre;")
        assert answer.text.splitlines()[-1] == "#filas;1"
        assert (await desk.client.get("/reportes/usuarios/csv?sep=x")).status_code == 400
        assert (await desk.client.get("/reportes/usuarios/csv?status=x")).status_code == 400

    async def test_counts_pending_as_it_is_told_to(self, desk: Desk) -> None:
        desk.place.services[PeopleService].count_pending_with(None)
        answer = await desk.client.get("/reportes/usuarios/csv?bom=0")
        assert len(answer.text.splitlines()) == 2


@pytest.mark.parametrize("role", [Role.MAYORISTA, Role.DISTRIBUIDOR, Role.CONTRIBUYENTE])
async def test_nobody_else_manages_users(place: Place, role: Role) -> None:
    user = await place.create(role=role)
    async with place.client() as client:
        client.headers.update(bearer((await place.login(client, user))["accessToken"]))
        for method, path in (
            ("GET", "/users"),
            ("POST", "/users"),
            ("GET", "/users/roles"),
            ("PUT", f"/users/{user.id}"),
            ("DELETE", f"/users/{user.id}"),
            ("POST", "/auth/admin/reset-password"),
            ("GET", "/reportes/usuarios/csv"),
        ):
            assert (await client.request(method, path, json={})).status_code == 403, path
