"""A house with a catalogue and people, for the benchmarks of the CRS."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from acuse.accounts import AccountsService, Role
from acuse.accounts.rights import Identity
from acuse.ar.cuit import check_digit
from acuse.features import open_features
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import SystemClock
from acuse.kernel.feature import Services
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader


@asynccontextmanager
async def open_bench(**settings: str) -> AsyncIterator[tuple[House, Services]]:
    """Open a house of its own over the embedded PostgreSQL, gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "ACUSE_HOME": str(Path(folder) / "home"),
            "ACUSE_SURROUNDINGS": "pruebas",
            "PASSWORD_HASH_MEMORY_KIB": "1024",
        } | settings
        async with (
            open_house(SettingsReader(environment, None), clock=SystemClock()) as house,
            open_features(house) as services,
        ):
            yield house, services


async def someone(
    services: Services, number: int, *, role: Role = Role.DISTRIBUIDOR, limit: int = 1_000_000
) -> Identity:
    """Let one more person have an account."""
    user = await services[AccountsService].create_user(
        actor=SYSTEM,
        tax_id=_cuit(number),
        name=f"Usuario {number}",
        mail="",
        role=role,
        password=secrets.token_urlsafe(12) + "aA1!",
        country="ar",
        must_change_password=False,
        limite_descargas=limit,
    )
    return Identity.of(user)


def _cuit(number: int) -> str:
    bodies = (f"30{number:07d}{last}" for last in range(10))
    return next(f"{body}{digit}" for body in bodies if (digit := check_digit(body)) is not None)
