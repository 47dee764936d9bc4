"""The pages in Chromium: light and dark, wide and narrow, with nothing to complain of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from acuse.accounts.cookies import SessionCookie
from acuse.kernel.clock import MovableClock
from acuse.mx.archivo.feature import FEATURE as ARCHIVO
from acuse.operations.feature import FEATURE as OPERATIONS
from acuse.webkit.headers import SecurityHeaders
from tests.mx.archivo.test_web import NEWEST, PAGE, alice, one
from tests.mx.contribuyentes.site import Site, Visitor, open_site
from tests.support.browser import chromium, look_at, needs_chromium, served
from tests.support.cfdis import TAXPAYER

pytestmark = [pytest.mark.browser, needs_chromium]

__all__ = ["alice"]


@pytest.fixture
async def site(database_url: URL, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Site]:
    async with open_site(database_url, tmp_path, clock, [ARCHIVO, OPERATIONS]) as opened:
        yield opened


async def test_explorer_and_documents_look_well(site: Site, alice: Visitor, tmp_path: Path) -> None:
    documents = [one(efecto)[0].uuid for efecto in "IP"]
    paths = [
        PAGE,
        f"{PAGE}?texto=zzz",
        *(f"{PAGE}/{TAXPAYER.rfc}/{uuid}" for uuid in (*documents, NEWEST[0].uuid)),
    ]
    cookie = {
        "name": site.services[SessionCookie].name,
        "value": alice.browser.cookies[site.services[SessionCookie].name],
    }
    async with served(SecurityHeaders(site.app)) as address, chromium() as browser:
        assert await look_at(browser, address, paths, tmp_path, cookies=[cookie]) == []
