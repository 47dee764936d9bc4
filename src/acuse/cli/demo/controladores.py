"""The catalogue of a demonstration: look-alike certificates of fiscal controllers, some about to end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from acuse.ar.certificates.lookalike import VALIDITY, AfipLookalikeCa
from acuse.ar.crs.service import CatalogueService
from acuse.ar.emision.service import CredentialService
from acuse.kernel.audit import SYSTEM
from acuse.kernel.clock import Clock
from acuse.kernel.http import HttpClients
from acuse.simulators import Description

# Device, name, whole days of validity left.
_DEVICES: Final = (
    ("SESHIA0000001371", "Almacén Don Pepe, caja 1", 540),
    ("SESHIA0000001372", "Almacén Don Pepe, caja 2", 540),
    ("SESHIA0000002004", "Farmacia del Ángel", 45),
    ("SESHRA0000000118", "Ferretería Núñez", 6),
    ("SESHRA0000000119", "Librería El Ateneo Chico", 400),
    ("SESHRA0000000240", "Kiosco Estación Once", 28),
    ("EPEPAA0000003310", "Supermercado La Ñata", 610),
    ("HSHSAB0000000042", "Panadería San Telmo", 702),
)


async def fill_catalogue(catalogue: CatalogueService, clock: Clock) -> Sequence[str]:
    """Put the certificates in unless there are some; answer the ids of those a reseller may download."""
    if not await catalogue.count():
        now = clock.now()
        authority = await asyncio.to_thread(AfipLookalikeCa.create, now)
        for device, name, left in _DEVICES:
            since = now + timedelta(days=left, hours=12) - VALIDITY
            await catalogue.add(SYSTEM, authority.bundle(device, since=since), nombre=name)
    found = await catalogue.everything(limit=200)
    return [str(one.id) for one in found if not one.replaced and one.not_after > clock.now()]


async def open_arca(credentials: CredentialService, http: HttpClients, told: Description) -> None:
    """Let the demonstration's company call the simulated ARCA, which knows the devices of the catalogue."""
    if await credentials.get() is None:
        cer = await asyncio.to_thread(Path(told.company["cer"]).read_bytes)
        key = await asyncio.to_thread(Path(told.company["key"]).read_bytes)
        await credentials.put(SYSTEM, cer, key)
    client = http.client(name="simulador")
    for device, *_ in _DEVICES:
        body = json.dumps({"controlador": device}).encode()
        await client.request("POST", f"{told.control}/arca/devices", content=body)
