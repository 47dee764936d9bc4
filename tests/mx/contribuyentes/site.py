"""An application of accounts and taxpayers, and those features above them that a test asks for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import URL

from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.model import Role
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Feature
from acuse.kernel.house import House, open_house
from acuse.kernel.settings import SettingsReader
from acuse.mx.contribuyentes.feature import FEATURE as CONTRIBUYENTES
from acuse.notices.feature import FEATURE as NOTICES
from tests.support.house import test_environment
from tests.support.site import Application
from tests.support.site import Visitor as Visitor


class Site(Application):
    """The application in process, and its doors."""

    def __init__(self, house: House, stack: AsyncExitStack, more: Sequence[Feature] = ()) -> None:
        super().__init__(house, stack, (ACCOUNTS, NOTICES, CONTRIBUYENTES, *more))

    async def person(self, name: str, tax_id: str, role: Role = Role.CONTRIBUYENTE) -> Visitor:
        """Let somebody have an account, an API token with every scope of the role, and a session."""
        return await self.visitor(name, tax_id, role)


@asynccontextmanager
async def open_site(
    database_url: URL, folder: Path, clock: MovableClock, more: Sequence[Feature] = ()
) -> AsyncIterator[Site]:
    """Open a site over a fresh database and folder."""
    reader = SettingsReader(test_environment(database_url, folder), env_file=None)
    async with open_house(reader, clock=clock) as house, AsyncExitStack() as stack:
        yield Site(house, stack, more)
