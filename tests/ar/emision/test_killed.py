"""A process that issues dies by SIGKILL while it reserves, before, during and after the call, and while it records.

`ACUSE_PROOF` (25 for the full proof, which makes 100 kills) says how often each moment is tried.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from acuse.ar.emision.model import EstadoEmision
from acuse.ar.outside.arca.simulator import ArcaState, create_app
from acuse.kernel.clock import MovableClock
from tests.ar.emision.conftest import Office
from tests.support.arca import CUIT, ORIGIN, a_request, company_ca
from tests.support.controladores import afip
from tests.support.jobs import until

pytestmark = pytest.mark.slow
RUNS = int(os.environ.get("ACUSE_PROOF", "1"))
STOPS_AT = {"reserve": "crs_quotas", "record": "crs_descargas"}
"""The table that is held so that a moment lasts."""


@asynccontextmanager
async def held(office: Office, table: str | None) -> AsyncIterator[None]:
    """Hold a table so that it can be read but not written."""
    async with office.site.house.database.transaction() as tx:
        if table is not None:
            await tx.execute(text(f"lock table {table} in share mode"))
        yield


async def kill_at(office: Office, moment: str, folder: Path, emision: str = "") -> None:
    """Let a process issue and kill it at this moment."""
    now = office.site.house.clock.now()
    errand = {
        "environment": office.site.environment,
        "now": now.isoformat(),
        "trusted": company_ca().authority.certificate.pem,
        "journal": str(folder / "diario.json"),
        "moment": moment,
        "user": office.bob.user.id,
        "emision": emision,
    }
    table = STOPS_AT.get(moment)
    environment = {**os.environ, "ERRAND": json.dumps(errand)}
    async with held(office, table):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.emision_process", env=environment, stderr=asyncio.subprocess.PIPE
        )
        if table is not None:
            waits = "select 1 from pg_locks where not granted and relation = cast(:table as regclass)"

            async def stands_before_it() -> bool:
                return process.returncode is not None or bool(await office.rows(waits, table=table))

            await until(stands_before_it, within_s=90)
            if process.returncode is None:
                process.kill()
        _, complaint = await asyncio.wait_for(process.communicate(), 90)
    assert process.returncode == -signal.SIGKILL, complaint.decode()


@pytest.mark.parametrize("moment", ["reserve", "before", "after", "record"])
@pytest.mark.parametrize("run", range(RUNS))
async def test_killed_at_any_moment_one_certificate_and_one_charge(
    office: Office, tmp_path: Path, moment: str, run: int
) -> None:
    del run
    if moment == "reserve":
        await kill_at(office, moment, tmp_path)
        assert await office.used() == (0, 0, 0)
        assert not await office.rows("select 1 from crs_emisiones")
    asked = await office.ask(request=a_request())
    if moment != "reserve":
        await kill_at(office, moment, tmp_path, str(asked.id))
        assert await office.used() == (0, 1, 0)
    office.move(minutes=3)
    arca = ArcaState(
        ca=afip(),
        trusted=company_ca().authority.certificate,
        clock=MovableClock(office.site.house.clock.now()),
        cuits={CUIT},
        journal=tmp_path / "diario.json",
    )
    assert bool(arca.devices) == (moment in {"after", "record"})
    office.site.house.http.mount(ORIGIN, create_app(arca))
    done = await office.carry(asked)
    assert done.estado is EstadoEmision.CONCLUIDA
    assert await office.used() == (1, 0, 1)
    assert len(await office.rows("select 1 from crs_certificados")) == 1
    assert len(await office.site.audited("START_DOWNLOAD")) == 1
