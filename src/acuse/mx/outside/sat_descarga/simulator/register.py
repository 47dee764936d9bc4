"""Takes a solicitud in, by the SAT's business rules: 5005, 5012, 5002, 5004, and how it will end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud
from acuse.mx.outside.sat_descarga.simulator.documents import is_cancelled
from acuse.mx.outside.sat_descarga.simulator.names import Family
from acuse.mx.outside.sat_descarga.simulator.parameters import Query
from acuse.mx.outside.sat_descarga.simulator.refusals import refused
from acuse.mx.outside.sat_descarga.simulator.solicitudes import (
    Solicitud,
    Standing,
    cut_packages,
    decide_end,
    new_solicitud,
    package_sizes,
)
from acuse.mx.outside.sat_descarga.simulator.state import SatState, mexico_time

_SPENT = CodEstatus.AGOTADAS_DE_POR_VIDA
_PER_DAY = CodEstatus.LIMITE_POR_FOLIO_POR_DIA


async def register(state: SatState, family: Family, query: Query) -> tuple[CodEstatus, Solicitud]:
    """Keep a solicitud and answer it with the code of the answer: 5000, or 5002 and 5004, which carry an id too.

    Raises CallRefused for what is refused without an id: 5005 and 5012.
    """
    async with state.taking_in:
        return await _register(state, family, query)


async def _register(state: SatState, family: Family, query: Query) -> tuple[CodEstatus, Solicitud]:
    limits = state.limits
    _refuse_live_equal(state, family, query)
    _refuse_cancelled(state, family, query)
    if _is_spent(state, family, query):
        return _SPENT, _keep_rejected(state, family, query, Standing(5000, EstadoSolicitud.RECHAZADA, _SPENT.number))
    if _folio_is_spent(state, family, query):
        ends_as = Standing(_PER_DAY.number, EstadoSolicitud.RECHAZADA, _PER_DAY.number)
        return CodEstatus.ACEPTADA, _keep_rejected(state, family, query, ends_as)
    found = await asyncio.to_thread(state.holdings(family, query.owner).find, query, state.today())
    ends_as = decide_end(query, len(found), limits)
    if not found and limits.empty_at_request:
        return CodEstatus.SIN_INFORMACION, _keep_rejected(state, family, query, ends_as)
    solicitud = new_solicitud(str(uuid4()), family, query, ends_as, state.now(), limits)
    _apply_outcome(state, solicitud)
    if solicitud.ends_as.estado == EstadoSolicitud.TERMINADA:
        sizes = package_sizes(query.tipo, len(found), limits)
        solicitud.packages = cut_packages(solicitud, found, sizes)
        solicitud.ends_as = replace(solicitud.ends_as, packages=tuple(one.id for one in solicitud.packages))
    state.keep(solicitud)
    return CodEstatus.ACEPTADA, solicitud


def _apply_outcome(state: SatState, solicitud: Solicitud) -> None:
    outcome = state.switches.take_outcome()
    if outcome is None:
        return
    if outcome.estado == EstadoSolicitud.ACEPTADA:
        solicitud.held = True
        return
    found = solicitud.ends_as.numero if outcome.estado == EstadoSolicitud.TERMINADA else 0
    numero = found if outcome.numero is None else outcome.numero
    solicitud.ends_as = Standing(outcome.cod_estatus, outcome.estado, outcome.codigo, numero)


def _keep_rejected(state: SatState, family: Family, query: Query, ends_as: Standing) -> Solicitud:
    at_once = replace(state.limits, accepted_s=0, working_s=0)
    solicitud = new_solicitud(str(uuid4()), family, query, ends_as, state.now(), at_once)
    state.keep(solicitud)
    return solicitud


def _equal(state: SatState, family: Family, query: Query) -> Iterator[Solicitud]:
    key = query.key(full=state.limits.full_key)
    for other in state.solicitudes:
        same_owner = (other.family, other.query.owner) == (family, query.owner)
        if same_owner and other.query.key(full=state.limits.full_key) == key:
            yield other


def _refuse_live_equal(state: SatState, family: Family, query: Query) -> None:
    finished_too = state.limits.finished_blocks_equal
    if any(other.is_live(state.now(), finished_too=finished_too) for other in _equal(state, family, query)):
        raise refused(CodEstatus.YA_REGISTRADA)


def _refuse_cancelled(state: SatState, family: Family, query: Query) -> None:
    one = state.holdings(family, query.owner).by_folio(query.folio)
    if one is not None and is_cancelled(one, state.today()):
        raise refused(CodEstatus.XML_CANCELADO)


def _is_spent(state: SatState, family: Family, query: Query) -> bool:
    if query.tipo != "CFDI" or query.folio:
        return False
    taken = [other for other in _equal(state, family, query) if other.ends_as.codigo != _SPENT.number]
    return len(taken) >= state.limits.equal_cfdi_requests


def _folio_is_spent(state: SatState, family: Family, query: Query) -> bool:
    if not query.folio or not state.limits.folios_per_day:
        return False
    today = state.today().date()
    asked = [other for other in _equal(state, family, query) if mexico_time(other.accepted_at).date() == today]
    return len(asked) >= state.limits.folios_per_day
