"""Who may do what, for every operation there is: the matrix follows the routes and the one table of rights.

A route that takes something of somebody's in its path must have a verdict in `VERDICTS`: without one the test fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from fastapi import FastAPI

from acuse.accounts import AccountsService, Identity, Role
from acuse.accounts.model import User
from acuse.accounts.rights import RIGHTS, Right
from acuse.accounts.service import ApiTokenService, ProgramService
from acuse.app import create_app
from acuse.ar.crs.service import CatalogueService, DownloadService
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import MovableClock
from acuse.kernel.database import Database
from acuse.kernel.feature import Services
from acuse.kernel.house import House
from acuse.mx.contribuyentes import ContribuyentesService
from tests.architecture.doors import PASSWORD, Door, calling, doors, knock
from tests.architecture.planting import plant
from tests.support.controladores import a_bundle

VERDICTS: dict[str, str] = {
    # Whose thing the path names. `managed`: of the administrators' office, open to all who have the right.
    # A test file: there it is proved that another's is not found, since it takes more than a row to have one.
    "GET /users/{id_usuario}": "managed",
    "PUT /users/{id_usuario}": "managed",
    "DELETE /users/{id_usuario}": "managed",
    "DELETE /users/{id_usuario}/second-factor": "managed",
    "DELETE /users/me/sessions/{session_id}": "tests/accounts/test_api_sessions.py",
    "DELETE /api/v1/tokens/{token_id}": "token",
    "GET /api/v1/sat/contribuyentes/{rfc}": "taxpayer",
    "PATCH /api/v1/sat/contribuyentes/{rfc}": "taxpayer",
    "DELETE /api/v1/sat/contribuyentes/{rfc}": "taxpayer",
    "PUT /api/v1/sat/contribuyentes/{rfc}/efirma": "proof",  # the e.firma itself proves whose the RFC is
    "GET /api/v1/sat/contribuyentes/{rfc}/efirma": "taxpayer",
    "DELETE /api/v1/sat/contribuyentes/{rfc}/efirma": "taxpayer",
    "POST /api/v1/sat/contribuyentes/{rfc}/efirma/pem": "taxpayer",
    "GET /api/v1/sat/contribuyentes/{rfc}/accesos": "taxpayer",
    "GET /api/v1/sat/contribuyentes/{rfc}/accesos/{id_usuario}": "taxpayer",
    "PUT /api/v1/sat/contribuyentes/{rfc}/accesos/{id_usuario}": "taxpayer",
    "DELETE /api/v1/sat/contribuyentes/{rfc}/accesos/{id_usuario}": "taxpayer",
    "POST /api/v1/sat/contribuyentes/{rfc}/token": "taxpayer",
    "GET /api/v1/sat/solicitudes/{id}": "solicitud",
    "POST /api/v1/sat/solicitudes/{id}/verificar": "solicitud",
    "GET /api/v1/sat/solicitudes/{id}/repetir": "solicitud",
    "POST /api/v1/sat/solicitudes/{id}/repetir": "solicitud",
    "POST /api/v1/sat/paquetes/{id}/descargar": "paquete",
    "GET /api/v1/sat/paquetes/{id}/archivo": "paquete",
    "GET /api/v1/sat/cfdis/{uuid}/xml": "cfdi",
    "GET /api/v1/sat/cfdis/{uuid}/pdf": "cfdi",
    "POST /api/v1/sat/cfdis/{uuid}/estatus": "cfdi",
    "GET /api/v1/sat/cfdis/{uuid}/estatus": "cfdi",
    "GET /api/v1/sat/estatus/lotes/{lote_id}": "lote",
    "GET /api/v1/sat/estatus/lotes/{lote_id}/hallazgos": "lote",
    "POST /api/v1/sat/estatus/lotes/{lote_id}/reanudar": "lote",
    "GET /api/v1/sat/exportaciones/{export_id}": "exportacion",
    "GET /api/v1/sat/exportaciones/{export_id}/archivo": "exportacion",
    "POST /api/v1/sat/exportaciones/{export_id}/cancelar": "exportacion",
    "DELETE /api/v1/sat/exportaciones/{export_id}": "exportacion",
    "POST /api/v1/sat/exportaciones/{export_id}/reanudar": "exportacion",
    "GET /api/v1/sat/importaciones/{import_id}": "tests/mx/importaciones/test_uploads.py",
    "POST /api/v1/sat/importaciones/{import_id}/reanudar": "tests/mx/importaciones/test_uploads.py",
    "GET /api/v1/crs/emisiones/{emision_id}": "tests/ar/emision/test_issuing.py",
    "POST /api/v1/crs/emisiones/{emision_id}/cancelar": "tests/ar/emision/test_issuing.py",
    "GET /api/v1/crs/resumenes/{resumen_id}": "tests/ar/resumenes/test_resumenes.py",
    "GET /api/v1/crs/resumenes/{resumen_id}/{parte}": "tests/ar/resumenes/test_resumenes.py",
    "GET /downloads/certificates/{certificate_id}/preview": "managed",  # the catalogue is every reseller's
    "GET /downloads/usuario/{user_id}": "reseller",
    "GET /downloads/usuario/{user_id}/summary": "reseller",
    "PUT /downloads/usuario/{user_id}/limite": "managed",
    "GET /downloads/{download_id}/status": "download",
    "GET /downloads/{download_id}/file": "download",
    "PUT /downloads/{download_id}/estado": "managed",
}
BODIES: dict[str, Any] = {
    "PATCH /api/v1/sat/contribuyentes/{rfc}": {"nombre": "Otro"},
    "POST /api/v1/sat/contribuyentes/{rfc}/efirma/pem": {"password_cuenta": PASSWORD, "password_pem": PASSWORD},
    "PUT /api/v1/sat/contribuyentes/{rfc}/accesos/{id_usuario}": {"nivel": "lectura"},
}
PRESENT = {
    "paquete": {404, 409},
    "cfdi": {404, 503},
    "lote": {409},
    "exportacion": {404, 409},
    "solicitud": {409},
    "taxpayer": {409, 404},
}
"""What its owner may be told besides success: no e.firma, no package, no XML, nothing to do, the SAT away."""
ROOT = Path(__file__).resolve().parents[2]
NOWHERE = "http://127.0.0.1:9"
TAX_IDS = {
    "alice": ("EKU9003173C9", Role.CONTRIBUYENTE),
    "bob": ("COSC8001137NA", Role.CONTRIBUYENTE),
    "carla": ("20123456786", Role.MAYORISTA),
    "dora": ("27123456780", Role.DISTRIBUIDOR),
    "root": ("XIQB891116QE4", Role.ADMINISTRADOR),
}


@dataclass
class Town:
    """Five people, how each calls, and the things that are Alice's or Carla's alone."""

    app: FastAPI
    services: Services
    database: Database
    clock: MovableClock
    users: dict[str, User]
    clients: dict[str, httpx2.AsyncClient]
    things: dict[str, dict[str, str]] = field(default_factory=dict)

    def operations(self) -> list[Door]:
        return [door for door in doors(self.app) if not door.is_page and door.right is not None]

    async def api_token(self, name: str, *scopes: str, **options: Any) -> str:
        tokens = self.services[ApiTokenService]
        made = await tokens.create(
            Identity.of(self.users[name]), name="p", scopes=scopes, **({"expires_at": None} | options)
        )
        return made.secret


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    return environment | {"PASSWORD_HASH_MEMORY_KIB": "1024", "TAX_ID_CHECK": "warn", "SAT_CONSULTA_URL": NOWHERE}


@pytest.fixture
async def town(house: House, clock: MovableClock) -> AsyncIterator[Town]:
    async with open_features(house) as services, AsyncExitStack() as stack:
        app = create_app(house, services)
        users, clients = {}, {}
        for name, (tax_id, role) in TAX_IDS.items():
            users[name] = await services[AccountsService].create_user(
                actor=SYSTEM,
                tax_id=tax_id,
                name=name.capitalize(),
                mail=f"{name}@example.org",
                role=role,
                password=PASSWORD,
                must_change_password=False,
            )
            pair = await services[ProgramService].open(users[name], ip=None)
            bearer = {"Authorization": f"Bearer {pair.access}"}
            clients[name] = await stack.enter_async_context(calling(app, headers=bearer))
        yield Town(app, services, house.database, clock, users, clients)


def key(door: Door) -> str:
    return f"{door.method} {door.path}"


async def status_of(town: Town, door: Door, token: str | None) -> int:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    async with calling(town.app, headers=headers) as client:
        return (await knock(client, door)).status_code


class TestIdentities:
    async def test_nobody_and_an_expired_token_get_nowhere(self, town: Town) -> None:
        ending = town.clock.now() + timedelta(hours=1)
        scopes = [right.value for right in RIGHTS if RIGHTS[right].for_tokens]
        tokens = {
            "nobody": None,
            "expired session": (await town.services[ProgramService].open(town.users["root"], ip=None)).access,
            "expired API token": await town.api_token("root", *scopes, expires_at=ending),
        }
        town.clock.move(hours=2)
        for door in town.operations():
            for who, token in tokens.items():
                assert await status_of(town, door, token) == 401, f"{who}: {key(door)}"

    async def test_people_may_what_their_role_says(self, town: Town) -> None:
        for name, (_, role) in TAX_IDS.items():
            for door in town.operations():
                assert door.right is not None
                if door.path.endswith("/logout"):
                    continue
                found = (await knock(town.clients[name], door)).status_code
                refused = found in {401, 403}
                assert refused == (role not in RIGHTS[door.right].roles), f"{name}: {key(door)}: {found}"

    async def test_a_token_may_what_its_one_scope_says_and_nothing_else(self, town: Town) -> None:
        granted = [right for right in RIGHTS if RIGHTS[right].for_tokens]
        only = {right: await town.api_token("root", right.value) for right in granted}
        others = {
            right: await town.api_token("root", *(o.value for o in granted if o is not right)) for right in RIGHTS
        }
        for door in town.operations():
            right: Right | None = door.right
            assert right is not None
            assert await status_of(town, door, others[right]) == 403, f"without {right}: {key(door)}"
            if right in only:
                assert await status_of(town, door, only[right]) not in {401, 403}, f"with {right}: {key(door)}"


class TestOwnership:
    def test_every_route_that_names_a_thing_has_a_verdict(self, town: Town) -> None:
        named = {key(door) for door in town.operations() if "{" in door.path}
        assert named - set(VERDICTS) == set(), "say in VERDICTS whose thing it is"
        proved = [Path(VERDICTS[each]) for each in named if VERDICTS[each].startswith("tests/")]
        assert [path for path in proved if not (ROOT / path).is_file()] == []

    async def test_what_is_ones_own_is_there_and_anothers_is_not_found(self, town: Town) -> None:
        await plant_everything(town)
        peers = {"alice": "bob", "carla": "dora"}
        # What takes something away comes last, the whole after its parts.
        for operation in sorted(VERDICTS, key=lambda one: (one.startswith("DELETE"), -len(one))):
            kind = VERDICTS[operation]
            if kind in {"managed", "proof"} or kind.startswith("tests/"):
                continue
            owner = "carla" if kind in {"download", "reseller"} else "alice"
            others = await call(town, operation, kind, peers[owner])
            assert others.status_code == 404, f"{operation}: {others.text}"
            own = await call(town, operation, kind, owner)
            welcome = own.status_code < 300 or own.status_code in PRESENT.get(kind, set())
            assert welcome, f"{operation}: {own.status_code} {own.text[:200]}"
            assert own.status_code != 404 or own.json().get("error") != others.json().get("error"), operation


async def call(town: Town, operation: str, kind: str, name: str) -> httpx2.Response:
    """Call an operation with what is the owner's, as somebody."""
    method, path = operation.split(" ", 1)
    return await town.clients[name].request(method, path.format(**town.things[kind]), json=BODIES.get(operation))


async def plant_everything(town: Town) -> None:
    """Give Alice a taxpayer with a solicitud, a package and a CFDI, and Carla a download."""
    alice, carla = town.users["alice"], town.users["carla"]
    rfc = alice.tax_id
    taxpayer = await town.services[ContribuyentesService].add(SYSTEM, rfc, owner_id=alice.id)
    certificate, _ = await town.services[CatalogueService].add(SYSTEM, a_bundle("SESHIA0000000001"))
    download = await town.services[DownloadService].start(Identity.of(carla), certificate.id)
    document = uuid4()
    async with town.database.transaction() as tx:
        solicitud = await plant(
            tx, "solicitudes", contribuyente_id=taxpayer.id, rfc=rfc, estado="completa", estado_comprobante="Todos"
        )
        paquete = await plant(tx, "paquetes", solicitud_id=solicitud, storage_key="no/hay.zip")
        party = await plant(tx, "contrapartes", contribuyente_id=taxpayer.id, rfc="XAXX010101000")
        values = {"direction": "E", "efecto": "I", "estado": "vigente", "emisor_rfc": rfc}
        await plant(tx, "cfdi", contribuyente_id=taxpayer.id, uuid=document, contraparte_id=party, **values)
        export = await plant(tx, "exportaciones", user_id=alice.id, estado="cancelada", formato="zip")
        lote = await plant(tx, "consulta_lotes", user_id=alice.id, rfcs=[rfc], state="terminado")
    secret = await town.api_token("alice", "account:self")
    tokens = await town.services[ApiTokenService].of(Identity.of(alice))
    assert secret
    town.things = {
        "token": {"token_id": str(tokens[0].id)},
        "taxpayer": {"rfc": rfc, "id_usuario": str(alice.id)},
        "solicitud": {"id": str(solicitud)},
        "paquete": {"id": str(paquete)},
        "cfdi": {"uuid": str(document)},
        "exportacion": {"export_id": str(export)},
        "lote": {"lote_id": str(lote)},
        "reseller": {"user_id": str(carla.id)},
        "download": {"download_id": str(download.id)},
    }
