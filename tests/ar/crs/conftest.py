"""The CRS with an administrator, two resellers and one certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import URL

from acuse.accounts.model import Role
from acuse.kernel.clock import MovableClock
from tests.support.crs import Site, Visitor, open_site


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock) as opened:
        yield opened


@pytest.fixture
async def admin(site: Site) -> Visitor:
    return await site.person("Ana", "27301112225", Role.ADMINISTRADOR)


@pytest.fixture
async def bob(site: Site) -> Visitor:
    return await site.person("Bob", "20123456786", Role.MAYORISTA, limit=10)


@pytest.fixture
async def charlie(site: Site) -> Visitor:
    return await site.person("Charlie", "30710955057", limit=3)


@pytest.fixture
async def certificate(site: Site) -> UUID:
    return await site.certificate()
