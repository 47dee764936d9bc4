"""A whole installation for one errand: the application on a loopback port, its worker, a simulated SAT beside it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final, TypeVar

import httpx2
from fastapi import FastAPI

from acuse.accounts import AccountsService, Role
from acuse.accounts.cookies import SessionCookie
from acuse.accounts.model import User
from acuse.accounts.service import BrowserService
from acuse.app import create_app
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.feature import Services
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from acuse.simulators import Description
from acuse.worker import create_worker
from tests.support.browser import served

T = TypeVar("T")
PASSWORD: Final = "Una-Llave.Larga!17"
ACUSE: Final = str(Path(sys.executable).with_name("acuse"))
CFDIS: Final = 160
"""Of the whole corpus; the taxpayer issued a little less than half of them."""


@dataclass(frozen=True)
class Sat:
    """The simulated SAT of a run, in a process of its own."""

    told: Description

    def efirma(self) -> tuple[bytes, bytes, str]:
        """Answer certificate, key and password of the taxpayer it knows."""
        files = self.told.efirma
        return Path(files["cer"]).read_bytes(), Path(files["key"]).read_bytes(), files["password"]

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead an installation to it, with waits made for tests."""
        told = self.told
        return {
            "SAT_CFDI_SOLICITUD_URL": f"{told.sat}/cfdi",
            "SAT_CFDI_DESCARGA_URL": f"{told.sat}/cfdi",
            "SAT_RETENCIONES_SOLICITUD_URL": f"{told.sat}/retenciones",
            "SAT_RETENCIONES_DESCARGA_URL": f"{told.sat}/retenciones",
            "SAT_CONSULTA_URL": f"{told.sat}/consulta/ConsultaCFDIService.svc",
            "SAT_LISTA_69B_URL": f"{told.sat}/listas/Listado_completo_69-B.csv",
            "ARCA_WSAA_URL": f"{told.arca}/ws/services/LoginCms",
            "ARCA_ARBCCF_URL": f"{told.arca}/controladores-fiscales-ws/CertificadosService/CertificadosBean",
            "SAT_VERIFY_BACKOFF_S": "0.2,0.5,1",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(told.smtp_port),
            "SMTP_TLS": "none",
            "SMTP_FROM": "Acuse <acuse@example.org>",
            "PASSWORD_HASH_MEMORY_KIB": "1024",
            "LOGIN_LIMIT_PER_MINUTE": "0",
        }

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Turn one of its switches, or look at one."""
        answer = httpx2.request(method, f"{self.told.control}/sat/{path}", json=body, verify=False)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def switch(self, path: str, body: object) -> None:
        """Turn a switch of any simulator."""
        httpx2.post(f"{self.told.control}/{path}", json=body).raise_for_status()

    def begin(self) -> None:
        """Forget what earlier tests did, and be quick."""
        self.ask("POST", "reset")
        self.ask("PATCH", "limits", {"accepted_s": 0, "working_s": 0.2})

    def downloads(self) -> dict[str, int]:
        """Answer how often each package was handed out, by its id."""
        return {one["id"]: one["downloads"] for one in self.ask("GET", "ledger")["packages"]}

    def documents(self) -> dict[str, int]:
        """Answer how many documents each package holds, by its id."""
        return {one["id"]: one["documents"] for one in self.ask("GET", "ledger")["packages"]}

    def calls(self, operation: str) -> int:
        """Answer how many calls of an operation came."""
        return int(self.ask("GET", "ledger")["calls"].get(operation, 0))


@contextmanager
def simulated_sat(home: Path, *, cfdis: int = CFDIS) -> Iterator[Sat]:
    """Run the simulators in a process of their own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "acuse.simulators", "--home", str(home), "--cfdis", str(cfdis)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Sat(Description(**json.loads(process.stdout.readline())))
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


@dataclass(frozen=True, kw_only=True)
class Site:
    """A running installation."""

    url: str
    app: FastAPI
    house: House
    services: Services
    sat: Sat

    async def person(
        self, tax_id: str = "EKU9003173C9", *, role: Role = Role.CONTRIBUYENTE, must_change: bool = False
    ) -> User:
        """Let somebody have an account whose password is PASSWORD."""
        return await self.services[AccountsService].create_user(
            actor=SYSTEM,
            tax_id=tax_id,
            name={Role.CONTRIBUYENTE: "Alicia Contribuyente"}.get(role, role.label),
            mail=f"{tax_id.lower()}@example.org",
            role=role,
            password=PASSWORD,
            must_change_password=must_change,
        )

    async def cookie_of(self, user: User) -> dict[str, Any]:
        """Answer the cookie of a browser where this person is logged in, as Playwright takes it."""
        secret = await self.services[BrowserService].open(user, ip=None, agent="prueba")
        return {"name": self.services[SessionCookie].name, "value": secret}


@asynccontextmanager
async def open_site(environment: dict[str, str], sat: Sat, *, works: bool = True) -> AsyncIterator[Site]:
    """Open house, application and, unless it `works` elsewhere, the worker; all end with the block."""
    async with open_house(SettingsReader(environment, None)) as house, open_features(house) as services:
        worker = create_worker(house, services)
        app = create_app(house, services)
        async with served(app) as url:
            working = asyncio.create_task(worker.run()) if works else None
            try:
                yield Site(url=url, app=app, house=house, services=services, sat=sat)
            finally:
                await worker.stop()
                if working is not None:
                    await working


def start_acuse(environment: dict[str, str], folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start the command line in a process of its own, in a folder without any `.env`."""
    return subprocess.Popen(
        [ACUSE, *words],
        cwd=folder,
        env={**machine(), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


async def acuse(environment: dict[str, str], folder: Path, *words: str, say: str = "") -> tuple[int, str, str]:
    """Run one command to its end; answer its exit code, output and complaints."""
    process = start_acuse(environment, folder, *words)
    out, err = await asyncio.to_thread(process.communicate, say.encode(), 60)
    return process.returncode, out.decode(), err.decode()


def machine() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}


async def until(look: Callable[[], Awaitable[T]], good: Callable[[T], bool] = bool, *, within_s: float = 180) -> T:
    """Look again and again until what is seen is good; answer it, or fail telling what was seen last."""
    ends = monotonic() + within_s
    while True:
        seen = await look()
        if good(seen):
            return seen
        if monotonic() > ends:
            raise AssertionError(f"not within {within_s} s; last seen: {seen!r}")
        await asyncio.sleep(0.05)
