"""Every verb of every route, and callers without a network."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx2
from fastapi import FastAPI

from acuse.accounts.guards import PageForPeople, right_of
from acuse.accounts.rights import Right
from acuse.webkit.routes import every_route

DESCRIPTION = "/openapi.json"
BASE = "http://acuse.test"
PASSWORD = "Una-Llave.Larga!17"
TAX_IDS = ("COSC8001137NA", "EKU9003173C9", "XIQB891116QE4", "Ñ&O120726RX3")
FRAMEWORK = {"/static/{hash}/{name}", "/favicon.ico", "/favicon.svg"}
"""Files everybody may read; they are no routes of a feature."""
PLACES = {"rfc": "EKU9003173C9", "uuid": str(uuid4()), "id_usuario": "999999", "job_id": "999999"}


@dataclass(frozen=True)
class Door:
    """One verb of one route."""

    method: str
    path: str
    right: Right | None
    is_page: bool

    @property
    def url(self) -> str:
        """An address of this route where nothing lies."""
        return re.sub(r"\{(\w+)[^}]*\}", lambda found: PLACES.get(found[1], str(uuid4())), self.path)


def doors(app: FastAPI) -> Iterator[Door]:
    """Walk every verb of every route but the files."""
    for route in every_route(app):
        if route.path_format in FRAMEWORK or route.endpoint is None:
            continue
        for method in sorted((route.methods or set()) - {"HEAD"}):
            is_page = isinstance(route.route, PageForPeople)
            yield Door(method, str(route.path_format), right_of(route.endpoint), is_page)


@asynccontextmanager
async def calling(app: FastAPI, **options: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A caller without a network."""
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, **options) as client:
        yield client


async def knock(client: httpx2.AsyncClient, door: Door) -> httpx2.Response:
    """Call a door without anything that it could act on."""
    return await client.request(door.method, door.url, headers={"sec-fetch-site": "same-origin"})
