"""Hands out packages: builds them off the event loop, counts downloads, keeps to their 72 hours."""

from __future__ import annotations

import asyncio
from functools import partial

from acuse.mx.outside.sat_descarga.codes import CodEstatus
from acuse.mx.outside.sat_descarga.simulator.answers import Answer, package_answer, refusal
from acuse.mx.outside.sat_descarga.simulator.names import Family, Operation
from acuse.mx.outside.sat_descarga.simulator.packages import build_metadata_package, build_xml_package
from acuse.mx.outside.sat_descarga.simulator.solicitudes import Package
from acuse.mx.outside.sat_descarga.simulator.state import SatState


async def hand_out(state: SatState, family: Family, rfc: str, identifier: str) -> Answer:
    """Answer Descargar: the package, or 5004 (unknown), 5007 (past its life), 5008 (downloads spent).

    The download counts from the moment it is granted, whether or not the answer arrives.
    """
    package = state.package(family, rfc, identifier)
    code = _refusal_of(state, package)
    if package is None or code is not None:
        code = code or CodEstatus.SIN_INFORMACION
        return refusal(Operation.DESCARGAR, code.number, code.sent, rfc=rfc, identifier=identifier)
    state.count_download(package)
    content = await _content(state, package)
    good = CodEstatus.ACEPTADA
    return package_answer(content, good.number, good.sent, rfc=rfc, identifier=package.id)


def _refusal_of(state: SatState, package: Package | None) -> CodEstatus | None:
    if package is None:
        return CodEstatus.SIN_INFORMACION
    if state.now() >= package.solicitud.expires_at:
        return CodEstatus.NO_EXISTE_EL_PAQUETE
    if package.downloads >= state.limits.downloads_per_package:
        return CodEstatus.MAXIMO_DE_DESCARGAS
    return None


async def _content(state: SatState, package: Package) -> bytes:
    """Answer the bytes of a package. The newest few are kept; others are made again, byte for byte the same."""
    async with package.building:
        if package.content is None:
            if package.made_at is None:
                package.made_at = state.today()
                package.quirks = state.switches.xml_quirks | state.switches.metadata_quirks
            if package.solicitud.query.tipo == "CFDI":
                build = partial(build_xml_package, package.documents, package.quirks)
            else:
                build = partial(build_metadata_package, package.id, package.documents, package.made_at, package.quirks)
            package.content = await asyncio.to_thread(build)
            state.keep_built(package)
        return package.content
