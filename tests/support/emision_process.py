"""A process that issues, to be killed: `python -m tests.support.emision_process`, told by the variable ERRAND.

ARCA is played inside it, with a memory in a file, and may kill the process before or after it has done its work.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from starlette.types import ASGIApp, Receive, Scope, Send

from acuse.accounts import AccountsService
from acuse.accounts.feature import FEATURE as ACCOUNTS
from acuse.accounts.rights import Identity
from acuse.ar.certificates.lookalike import AfipLookalikeCa
from acuse.ar.crs.feature import FEATURE as CRS
from acuse.ar.emision.feature import FEATURE as EMISION
from acuse.ar.emision.service import Carrier, IssuingService
from acuse.ar.outside.arca.simulator import ArcaState, create_app
from acuse.kernel.clock import MovableClock
from acuse.kernel.feature import Services
from acuse.kernel.house import open_house
from acuse.kernel.settings import SettingsReader
from acuse.notices.feature import FEATURE as NOTICES
from acuse.pki.certificate import Certificate
from tests.support.arca import CUIT, DEVICE_ID, ORIGIN, a_request

_CALL = "/controladores-fiscales-ws/"


def deadly(app: ASGIApp, moment: str) -> ASGIApp:
    """Kill this process before or after ARBCCF has done its work."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_call = scope["path"].startswith(_CALL)
        if is_call and moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)

        async def keep(message: Any) -> None:
            if is_call and moment == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            await send(message)

        await app(scope, receive, keep)

    return answer


async def main(errand: dict[str, Any]) -> None:
    """Ask for a certificate, or carry an issuance out."""
    clock = MovableClock(datetime.fromisoformat(errand["now"]))
    arca = ArcaState(
        ca=AfipLookalikeCa.create(clock.now()),
        trusted=Certificate.load(errand["trusted"].encode()),
        clock=clock,
        cuits={CUIT},
        journal=Path(errand["journal"]),
    )
    async with open_house(SettingsReader(errand["environment"], None), clock=clock) as house:
        house.http.mount(ORIGIN, deadly(create_app(arca), errand["moment"]))
        services = Services()
        for feature in (ACCOUNTS, NOTICES, CRS, EMISION):
            services.mount(feature.name, feature.build(house, services))
            house.events.subscribe(services.mounted[feature.name].jobs)
        if errand["moment"] == "reserve":
            user = await services[AccountsService].get(errand["user"])
            await services[IssuingService].ask(Identity.of(user), DEVICE_ID, request=a_request())
        else:
            await services[Carrier].carry_out(UUID(errand["emision"]))


if __name__ == "__main__":
    asyncio.run(main(json.loads(os.environ["ERRAND"])))
