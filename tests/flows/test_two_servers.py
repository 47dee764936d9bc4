"""Two people ask for the same year at once, each at a server process of its own: fourteen, not twenty-eight."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import pytest

from acuse.kernel.audit import SYSTEM
from acuse.mx.contribuyentes import AccessLevel, ContribuyentesService
from tests.flows.killing import number
from tests.flows.site import PASSWORD, Sat, Site, open_site, start_acuse, until
from tests.support.nursery import Nursery

pytestmark = pytest.mark.slow

PEOPLE = ("EKU9003173C9", "COSC8001137NA")
YEAR = "/api/v1/sat/solicitudes/anual"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """Servers without a worker."""
    return environment | {"ACUSE_WORKERS": "external"}


@pytest.fixture
async def site(environment: dict[str, str], sat: Sat) -> AsyncIterator[Site]:
    """An installation where both may act for the taxpayer."""
    async with open_site(environment, sat, works=False) as opened:
        contribuyentes = opened.services[ContribuyentesService]
        await contribuyentes.upload_efirma(SYSTEM, *sat.efirma())
        for tax_id in PEOPLE:
            await opened.person(tax_id)
            await contribuyentes.invite(SYSTEM, sat.told.rfc, tax_id, AccessLevel.OPERACION)
        yield opened


@contextmanager
def server(environment: dict[str, str], folder: Path) -> Iterator[str]:
    """Run `acuse serve` on a free port; answer its address."""
    with start_acuse(environment, folder, "serve", "--port", "0") as process:
        try:
            assert process.stdout is not None
            address = next(line for line in process.stdout if b"http://" in line).decode().split()[-1]
            yield address
        finally:
            process.kill()


@asynccontextmanager
async def somebody_at(address: str, tax_id: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Be logged in there, as soon as it listens."""
    async with httpx2.AsyncClient(base_url=address, trust_env=False, timeout=60) as client:

        async def listens() -> bool:
            try:
                return (await client.get("/health/live")).status_code == 200
            except httpx2.TransportError:
                return False

        await until(listens)
        answer = await client.post("/auth/login", json={"cuit": tax_id, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['accessToken']}"
        yield client


async def test_two_people_who_ask_for_a_year_at_once_get_the_same_fourteen(
    site: Site, nurse: Nursery, environment: dict[str, str], tmp_path: Path
) -> None:
    year = {"rfc": site.sat.told.rfc, "year": site.sat.told.year, "tipo_comprobante": "E"}
    async with AsyncExitStack() as stack:
        addresses = [stack.enter_context(server(environment, tmp_path)) for _ in PEOPLE]
        people = [
            await stack.enter_async_context(somebody_at(address, who))
            for address, who in zip(addresses, PEOPLE, strict=True)
        ]
        answers = await asyncio.gather(*(person.post(YEAR, json=year) for person in people for _ in range(3)))
        assert {answer.status_code for answer in answers} == {201}
        told = [answer.json() for answer in answers]
        assert sum(one["creadas"] for one in told) == 14
        assert len({one["plan"] for one in told}) == 1
        assert len({frozenset(row["id"] for row in one["solicitudes"]) for one in told}) == 1
        assert [len(one["solicitudes"]) for one in told] == [14] * len(told)

        with nurse.worker(environment, tmp_path), nurse.worker(environment, tmp_path):
            await until(
                lambda: number(site, "select count(*) from solicitudes where finished_at is null"),
                lambda left: left == 0,
            )
        assert site.sat.calls("emitidos") == 14
        for person in people:
            seen = await person.get("/api/v1/sat/solicitudes", params={"plan": told[0]["plan"], "limit": 100})
            assert len(seen.json()["solicitudes"]) == 14
    assert set(site.sat.downloads().values()) == {1}
