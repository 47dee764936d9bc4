"""Every request and answer of the CRS's published contract, letter for letter, against the whole application."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import text

from acuse.accounts import AccountsService, Role, User
from acuse.accounts.passwords import PasswordPolicy, PersonalData
from acuse.accounts.service import ProgramService
from acuse.app import create_app
from acuse.ar.crs.service import CatalogueService
from acuse.features import SETTINGS, open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from tests.architecture.doors import calling
from tests.support.controladores import a_bundle

LOGIN = json.loads('{"cuit": "20123456789", "password": "contraseña123"}')
LOGGED_IN = json.loads(
    '{"accessToken": "jwt_token", "refreshToken": "refresh_token", "id_rol": 1, "id_usuario": 123,'
    ' "nombre": "Juan Pérez"}'
)
MUST_CHANGE = json.loads(
    '{"must_change_password": true, "id_usuario": 123, "message": "Debe cambiar su contraseña antes de continuar"}'
)
CHANGE = json.loads('{"id_usuario": 123, "newPassword": "NuevaContraseña123!", "currentPassword": "contraseña_actual"}')
RESET = json.loads('{"id_usuario": 123, "nuevaPassword": "PasswordTemporal123!"}')
NEW_USER = json.loads(
    '{"nombre": "Juan Pérez", "cuit": "20123456789", "mail": "juan@example.com", "password": "Password123!",'
    ' "id_rol": 2, "limite_descargas": 10}'
)
STARTED = json.loads(
    '{"downloadId": "uuid-de-la-descarga", "message": "Descarga iniciada correctamente", "pendingCount": 3,'
    ' "limit": 10, "percentage": 30}'
)
STATUS = json.loads(
    '{"id_descarga": "uuid", "estado": "Pendiente de Facturar", "logs": [{"timestamp": "2025-01-01T00:00:00Z",'
    ' "message": "Descarga iniciada", "step": "INIT"}], "certificado_nombre": "Certificado Ejemplo",'
    ' "usuario_nombre": "Juan Pérez"}'
)
SUMMARY = json.loads(
    '{"total_descargas": 15, "pendientes": 3, "facturadas": 12, "limite_descargas": 10, "nombre": "Juan Pérez",'
    ' "percentage_used": 30, "can_download": true}'
)
ONE_AUDITED = json.loads(
    '{"id_auditoria": "uuid", "actor_id": 1, "actor_nombre": "Admin", "accion": "CREATE_USER",'
    ' "objetivo_tipo": "users", "objetivo_id": "123", "timestamp": "2025-01-01T00:00:00Z", "ip": "192.168.1.1",'
    ' "antes": null, "despues": {"nombre": "Juan", "rol": 2}}'
)
PAGINATION = json.loads('{"page": 1, "limit": 50, "total": 100, "pages": 2}')
METRICS = json.loads(
    '{"total_usuarios": 50, "total_descargas": 1500, "pendientes_facturar": 200, "descargas_mes": 150,'
    ' "usuarios_activos": 45, "top_usuarios": [{"nombre": "Juan Pérez", "descargas": 50},'
    ' {"nombre": "María García", "descargas": 45}]}'
)
INVOICED = json.loads('{"estado": "Facturado"}')
VARIABLES = (
    "DATABASE_URL",
    "TOKEN_SECRET",
    "REFRESH_SECRET",
    "SMTP_HOST",
    "SMTP_PORT",
    "SMTP_USER",
    "SMTP_PASS",
    "SMTP_FROM",
)
ROOT_PASSWORD = "Una-Llave.Larga!17"


@dataclass
class Desk:
    """The application, its one administrator, and where the contract's user 123 will be."""

    house: House
    services: Services
    anybody: httpx2.AsyncClient
    admin: httpx2.AsyncClient

    async def juan(self, password: str, *, role: Role = Role.MAYORISTA, must_change: bool = False) -> User:
        """The contract's user: its number, its name, and whatever password its page shows, past the policy."""
        return await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id="20123456789",
            name="Juan Pérez",
            mail="juan@example.com",
            role=role,
            password=password,
            country="ar",
            must_change_password=must_change,
            past_policy=True,
            limite_descargas=10,
        )

    async def as_juan(self, user: User) -> dict[str, str]:
        pair = await self.services[ProgramService].open(user, ip=None)
        return {"Authorization": f"Bearer {pair.access}"}

    async def certificate(self) -> UUID:
        """One of the catalogue, called as in the contract."""
        catalogue = self.services[CatalogueService]
        added, _ = await catalogue.add(SYSTEM, a_bundle("SESHIA0000001371"), nombre="Certificado Ejemplo")
        return added.id


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """As the contract's samples need it: its CUIT has a wrong check digit, one password is a well-known one."""
    return environment | {"PASSWORD_HASH_MEMORY_KIB": "1024", "TAX_ID_CHECK": "warn", "PASSWORD_BLOCKLIST": "off"}


@pytest.fixture
async def desk(house: House) -> AsyncIterator[Desk]:
    async with open_features(house) as services:
        app = create_app(house, services)
        root = await services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id="30710955057",
            name="Admin",
            mail="admin@example.com",
            role=Role.ADMINISTRADOR,
            password=ROOT_PASSWORD,
            must_change_password=False,
        )
        async with house.database.transaction() as tx:
            await tx.execute(text("ALTER TABLE users ALTER COLUMN id RESTART WITH 123"))
        pair = await services[ProgramService].open(root, ip=None)
        async with calling(app) as anybody, calling(app, headers={"Authorization": f"Bearer {pair.access}"}) as admin:
            yield Desk(house, services, anybody, admin)


class TestAuthentication:
    async def test_login(self, desk: Desk) -> None:
        await desk.juan("contraseña123", role=Role.ADMINISTRADOR)
        answer = await desk.anybody.post("/auth/login", json=LOGIN)
        assert answer.status_code == 200
        assert set(answer.json()) == set(LOGGED_IN)
        told = {name: answer.json()[name] for name in ("id_rol", "id_usuario", "nombre")}
        assert told == {name: LOGGED_IN[name] for name in told}

    async def test_login_that_must_change_the_password(self, desk: Desk) -> None:
        await desk.juan("contraseña123", must_change=True)
        body = (await desk.anybody.post("/auth/login", json=LOGIN)).json()
        assert {name: body[name] for name in MUST_CHANGE} == MUST_CHANGE
        assert "accessToken" not in body

    async def test_wrong_password_is_401(self, desk: Desk) -> None:
        answer = await desk.anybody.post("/auth/login", json=LOGIN)
        assert (answer.status_code, answer.json()["message"]) == (401, "Credenciales inválidas")

    async def test_change_password_at_the_first_login_and_by_choice(self, desk: Desk) -> None:
        await desk.juan("contraseña_actual", must_change=True)
        first = await desk.anybody.post("/auth/change-password", json=CHANGE)
        assert (first.status_code, first.json()) == (200, {"message": "Contraseña cambiada correctamente"})
        login = LOGIN | {"password": CHANGE["newPassword"]}
        token = (await desk.anybody.post("/auth/login", json=login)).json()["accessToken"]
        again = CHANGE | {"currentPassword": CHANGE["newPassword"], "newPassword": "OtraContraseña456!"}
        assert (await desk.anybody.post("/auth/change-password", json=again)).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert (await desk.anybody.post("/auth/change-password", json=again, headers=headers)).status_code == 200

    async def test_admin_reset(self, desk: Desk) -> None:
        user = await desk.juan("contraseña123")
        assert (await desk.anybody.post("/auth/admin/reset-password", json=RESET)).status_code == 401
        other = await desk.anybody.post("/auth/admin/reset-password", json=RESET, headers=await desk.as_juan(user))
        assert other.status_code == 403
        answer = await desk.admin.post("/auth/admin/reset-password", json=RESET)
        assert (answer.status_code, set(answer.json())) == (200, {"message"})
        login = {"cuit": LOGIN["cuit"], "password": RESET["nuevaPassword"]}
        assert (await desk.anybody.post("/auth/login", json=login)).json()["must_change_password"] is True


class TestUsers:
    async def test_created_listed_edited_and_deleted(self, desk: Desk) -> None:
        made = await desk.admin.post("/users", json=NEW_USER)
        assert (made.status_code, made.json()["id_usuario"]) == (201, 123)
        query: dict[str, Any] = {"page": 1, "limit": 50, "role": 2, "status": "activo"}
        listed = (await desk.admin.get("/users", params=query)).json()
        assert listed["pagination"] == PAGINATION | {"total": 1, "pages": 1}
        [juan] = listed["usuarios"]
        assert {name: juan[name] for name in NEW_USER if name != "password"} == {
            name: NEW_USER[name] for name in NEW_USER if name != "password"
        }
        assert (await desk.admin.put("/users/123", json={"limite_descargas": 20})).status_code == 200
        assert (await desk.admin.get("/users")).json()["usuarios"][1]["limite_descargas"] == 20
        assert (await desk.admin.delete("/users/123")).status_code == 200
        assert (await desk.admin.delete("/users/123")).status_code == 404
        assert [one["id_usuario"] for one in (await desk.admin.get("/users")).json()["usuarios"]] == [1]
        kept = (await desk.admin.get("/users", params={"status": "eliminado"})).json()["usuarios"]
        assert [one["id_usuario"] for one in kept] == [123]

    async def test_roles(self, desk: Desk) -> None:
        roles = (await desk.admin.get("/users/roles")).json()
        assert roles[:3] == [
            {"id_rol": 1, "rol": "Administrador"},
            {"id_rol": 2, "rol": "Mayorista"},
            {"id_rol": 3, "rol": "Distribuidor"},
        ]

    async def test_defaults_and_errors_of_the_list(self, desk: Desk) -> None:
        assert (await desk.admin.get("/users")).json()["pagination"] == PAGINATION | {"total": 1, "pages": 1}
        assert (await desk.admin.get("/users", params={"page": 0})).status_code == 400
        assert (await desk.anybody.get("/users")).status_code == 401
        headers = await desk.as_juan(await desk.juan("contraseña123"))
        assert (await desk.anybody.get("/users", headers=headers)).status_code == 403


class TestDownloads:
    async def test_from_the_start_to_the_invoice(self, desk: Desk) -> None:
        headers, certificate = await desk.as_juan(await desk.juan("contraseña123")), await desk.certificate()
        body = {"certificateId": str(certificate)}
        ids = []
        for each in range(15):
            answer = await desk.anybody.post("/downloads/start", json=body, headers=headers)
            assert (answer.status_code, set(answer.json())) == (200, set(STARTED))
            ids.append(answer.json()["downloadId"])
            if each in {5, 11}:
                batch = {"ids": ids[-6:], "estado": "Facturado"}
                changed = await desk.admin.put("/downloads/batch/estado", json=batch)
                assert (changed.status_code, changed.json()["updated"]) == (200, 6)
        assert answer.json() == STARTED | {"downloadId": ids[-1]}

        summary = await desk.anybody.get("/downloads/usuario/123/summary", headers=headers)
        assert summary.json() == SUMMARY
        status = (await desk.anybody.get(f"/downloads/{ids[-1]}/status", headers=headers)).json()
        assert set(STATUS) <= set(status)
        assert {name: status[name] for name in ("estado", "certificado_nombre", "usuario_nombre")} == {
            name: STATUS[name] for name in ("estado", "certificado_nombre", "usuario_nombre")
        }
        first = status["logs"][0]
        assert (set(first), first["message"], first["step"]) == (set(STATUS["logs"][0]), "Descarga iniciada", "INIT")
        assert first["timestamp"].endswith("Z")

        one = await desk.admin.put(f"/downloads/{ids[-1]}/estado", json=INVOICED)
        assert (one.status_code, set(one.json())) == (200, {"message"})
        freed = (await desk.anybody.get("/downloads/usuario/123/summary", headers=headers)).json()
        assert (freed["pendientes"], freed["facturadas"]) == (2, 13)

        day = desk.house.clock.now().date().isoformat()
        query: dict[str, Any] = {
            "estado": "Facturado",
            "usuario_id": 123,
            "controlador_id": "SESHIA0000001371",
            "fecha_desde": day,
            "fecha_hasta": day,
            "page": 1,
            "limit": 50,
        }
        listed = (await desk.admin.get("/downloads", params=query)).json()
        pagination = {name: listed["pagination"][name] for name in PAGINATION}
        assert pagination == PAGINATION | {"total": 13, "pages": 1}
        assert len((await desk.anybody.get("/downloads/usuario/123", headers=headers)).json()) == 15
        assert (await desk.anybody.get("/downloads", headers=headers)).status_code == 403

    async def test_the_catalogue(self, desk: Desk) -> None:
        headers, certificate = await desk.as_juan(await desk.juan("contraseña123")), await desk.certificate()
        for query in ({"controlador_id": "SESHIA0000001371"}, {"search": "ejemplo"}, {"search": "1371"}):
            found = (await desk.anybody.get("/downloads/certificates/available", params=query, headers=headers)).json()
            assert [one["id_certificado"] for one in found] == [str(certificate)], query
        preview = await desk.anybody.get(f"/downloads/certificates/{certificate}/preview", headers=headers)
        assert (preview.status_code, preview.json()["nombre"]) == (200, "Certificado Ejemplo")


class TestAuditReportsAndMetrics:
    async def test_audit(self, desk: Desk) -> None:
        await desk.admin.post("/users", json=NEW_USER)
        day = desk.house.clock.now().date().isoformat()
        query: dict[str, Any] = {
            "accion": "CREATE_USER",
            "actor_id": 1,
            "objetivo_tipo": "users",
            "desde": day,
            "hasta": day,
            "page": 1,
            "limit": 50,
        }
        answer = (await desk.admin.get("/audit", params=query)).json()
        assert answer["pagination"] == PAGINATION | {"total": 1, "pages": 1}
        [told] = answer["auditorias"]
        assert set(ONE_AUDITED) <= set(told)
        same = ("actor_id", "actor_nombre", "accion", "objetivo_tipo", "objetivo_id", "antes")
        assert {name: told[name] for name in same} == {name: ONE_AUDITED[name] for name in same}
        assert told["despues"]["nombre"] == "Juan Pérez"
        UUID(told["id_auditoria"])

    @pytest.mark.parametrize("what", ["usuarios", "descargas", "auditoria"])
    async def test_reports(self, desk: Desk, what: str) -> None:
        answer = await desk.admin.get(f"/reportes/{what}/csv")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/csv")
        assert (await desk.anybody.get(f"/reportes/{what}/csv")).status_code == 401

    async def test_metrics(self, desk: Desk) -> None:
        headers, certificate = await desk.as_juan(await desk.juan("contraseña123")), await desk.certificate()
        await desk.anybody.post("/downloads/start", json={"certificateId": str(certificate)}, headers=headers)
        told: dict[str, Any] = (await desk.admin.get("/metrics")).json()
        assert told == METRICS | {
            "total_usuarios": 2,
            "usuarios_activos": 2,
            "total_descargas": 1,
            "pendientes_facturar": 1,
            "descargas_mes": 1,
            "top_usuarios": [{"nombre": "Juan Pérez", "descargas": 1}],
        }


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("NuevaContraseña123!", True),
        ("PasswordTemporal123!", True),
        ("Password123!", True),
        ("contraseña123", False),
        ("Corta1!", False),
        ("SINMINUSCULA1!", False),
        ("sinmayuscula1!", False),
        ("SinNumeros!!", False),
        ("SinEspecial123", False),
        ("Abcdefg12-", False),
        *((f"Abcdefgh1{sign}", True) for sign in '!@#$%^&*(),.?":{}|<>'),
    ],
)
def test_the_password_policy(password: str, *, accepted: bool) -> None:
    judged = PasswordPolicy("composition", "off").judge(password, PersonalData())
    assert all(rule.met for rule in judged) is accepted


def test_the_variables_of_the_environment_bear_the_documented_names() -> None:
    known = {name.upper() for group in SETTINGS for name in group.model_fields}
    assert set(VARIABLES) <= known
