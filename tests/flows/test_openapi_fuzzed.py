"""Schemathesis over the whole OpenAPI: generated calls, right and wrong ones, by peers and by an administrator.

Every check it knows, `object_level_authorization` between peers included. By default a few calls an operation, all in
one house; `ACUSE_PROOF_EXAMPLES=200` makes that many an operation in every phase, each piece of `openapi_pieces` in a
house of its own (`-k piece-usuarios` picks one). `ACUSE_PROOF_WORDS` hands the tool further words.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI

from acuse.accounts import AccountsService, Identity, Role
from acuse.accounts.model import User
from acuse.app import create_app
from acuse.ar.crs.service import CatalogueService, DownloadService
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.mx.contribuyentes import ContribuyentesService
from tests.flows.openapi_pieces import PIECES
from tests.support.browser import served
from tests.support.controladores import a_bundle

EXAMPLES = int(os.environ.get("ACUSE_PROOF_EXAMPLES", "0"))
PASSWORD = "Una-Llave.Larga!17"
PEERS = {
    "alice": ("EKU9003173C9", Role.CONTRIBUYENTE),
    "bob": ("COSC8001137NA", Role.CONTRIBUYENTE),
    "carla": ("20123456786", Role.MAYORISTA),
    "dora": ("27123456780", Role.MAYORISTA),
}
ROOT = ("XIQB891116QE4", Role.ADMINISTRADOR)
HOME = "203.0.113.7"
"""Where the callers sign in from. Nobody fails there, so wrong guesses from elsewhere never make them wait."""
_SPARED = """
import schemathesis

IDS = {{str(each) for each in {ids}}}


@schemathesis.hook
def filter_case(context, case):
    # Whoever calls must not be deleted, renamed or locked out half way by the administrator among them.
    path, body = case.path_parameters or {{}}, case.body if isinstance(case.body, dict) else {{}}
    touched = {{str(path.get("id_usuario")), str(body.get("id_usuario"))}} & IDS
    return not touched or case.method == "GET" or not case.operation.path.startswith(("/users/", "/auth/admin"))
"""
NOWHERE = "http://127.0.0.1:9"
"""An address of this machine where nobody listens: the authorities are down."""


@dataclass(frozen=True)
class Site:
    """The application and what it is made of."""

    app: FastAPI
    services: Services


async def people(services: Services) -> dict[str, User]:
    return {
        name: await services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=tax_id,
            name=name.capitalize(),
            mail=f"{name}@example.org",
            role=role,
            password=PASSWORD,
            must_change_password=False,
            limite_descargas=1000,
        )
        for name, (tax_id, role) in {**PEERS, "root": ROOT}.items()
    }


def configuration(folder: Path, ids: Iterable[int]) -> Path:
    """Write who calls, and how they log in."""
    users = [
        {
            "name": name,
            "loginEndpointAuth": {
                "endpoint": "/auth/login",
                "verb": "POST",
                "contentType": "application/json",
                "headers": [{"name": "X-Forwarded-For", "value": HOME}],
                "payloadRaw": json.dumps({"cuit": tax_id, "password": PASSWORD}),
                "token": {
                    "extractFrom": "body",
                    "extractSelector": "/accessToken",
                    "sendIn": "header",
                    "sendName": "Authorization",
                    "sendTemplate": "Bearer {token}",
                },
            },
        }
        for name, (tax_id, _) in {**PEERS, "root": ROOT}.items()
    ]
    (folder / "auth.json").write_text(json.dumps({"auth": users}), encoding="utf-8")
    (folder / "hooks.py").write_text(_SPARED.format(ids=sorted(ids)), encoding="utf-8")
    written = folder / "schemathesis.toml"
    written.write_text(
        f"""
hooks = "{folder / "hooks.py"}"

[auth.wfc]
path = "{folder / "auth.json"}"
peers = {json.dumps(list(PEERS))}
refresh_interval = 3600

# Nothing is remembered from run to run. With a memory, hypothesis also shortens calls that went well, and stumbles
# (IndexError in `try_lower_node_as_alternative`, 6.170) when a shorter one draws less, as calls made from answers do.
[generation]
database = "none"

# The contracts answer 400 for facts that no schema can tell, too: a check digit, a wrong password, a used cursor.
[checks.positive_data_acceptance]
expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "413", "429", "5xx"]

# A file may hold nothing but digits; the tool then takes its part of the form for a number, as nobody else can.
[[operations]]
include-path = "/api/v1/crs/resumenes/verificar"
checks.negative_data_rejection.enabled = false
""",
        encoding="utf-8",
    )
    return written


async def a_stock(services: Services, users: dict[str, User]) -> None:
    """Give everybody something that only they may see."""
    for name, rfc in (("alice", "EKU9003173C9"), ("bob", "COSC8001137NA")):
        await services[ContribuyentesService].add(SYSTEM, rfc, owner_id=users[name].id)
    for number in range(4):
        added, _ = await services[CatalogueService].add(SYSTEM, a_bundle(f"SESHIA{number:010}"))
        for name in ("carla", "dora"):
            await services[DownloadService].start(Identity.of(users[name]), added.id)


def words(piece: str) -> Iterator[str]:
    """What the tool is told of the size of this run, and of the operations that are its business."""
    yield from ("--checks", "all")
    yield from ("--suppress-health-check", "all")  # a busy machine is no fault of ours
    yield from ("--max-examples", str(EXAMPLES or 2))
    if not EXAMPLES:
        yield from ("--phases", "examples,fuzzing", "--seed", "1")
    for tag in PIECES.get(piece, ()):
        yield from ("--include-tag", tag)
    yield from os.environ.get("ACUSE_PROOF_WORDS", "").split()


@pytest.fixture
async def site(environment: dict[str, str]) -> AsyncIterator[Site]:
    """The real application, its limits for one address wide open, its authorities out of reach."""
    environment |= {
        "PASSWORD_HASH_MEMORY_KIB": "1024",
        "LOGIN_LIMIT_PER_MINUTE": "0",
        "PASSWORD_CHANGE_LIMIT_PER_MINUTE": "0",
        "SAT_CONSULTA_URL": NOWHERE,
        "SAT_LISTA_69B_URL": NOWHERE,
        "TAX_ID_CHECK": "warn",
        "ACCESS_TOKEN_LIFE_S": "3600",
        "TRUSTED_PROXIES": "127.0.0.1",
    }
    async with open_house(SettingsReader(environment, None)) as house, open_features(house) as services:
        yield Site(create_app(house, services), services)


async def test_every_operation_falls_in_one_piece(site: Site) -> None:
    operations = [(path, each) for path, item in site.app.openapi()["paths"].items() for each in item.values()]
    homeless = [
        path for path, each in operations if sum(set(each["tags"]) <= set(tags) for tags in PIECES.values()) != 1
    ]
    assert (len(operations) > 100, homeless) == (True, [])
    assert {tag for tags in PIECES.values() for tag in tags} == {tag for _, each in operations for tag in each["tags"]}


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("piece", PIECES if EXAMPLES else ("whole",), ids="piece-{}".format)
async def test_every_call_keeps_its_word(site: Site, piece: str, tmp_path: Path) -> None:
    users = await people(site.services)
    await a_stock(site.services, users)
    told, described = tmp_path / "told.txt", tmp_path / "openapi.json"
    described.write_text(json.dumps(site.app.openapi()), encoding="utf-8")
    config = configuration(tmp_path, [user.id for user in users.values()])
    async with served(site.app) as url:
        with told.open("wb") as written:
            running = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
                *("run", str(described), "--url", url, *words(piece)),
                *("--report", "junit", "--report-junit-path", str(tmp_path / "report.xml")),
                cwd=tmp_path,
                stdout=written,
                stderr=asyncio.subprocess.STDOUT,
            )
            status = await running.wait()
    assert status == 0, told.read_text(encoding="utf-8")
