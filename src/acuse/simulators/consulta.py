"""Feeds the simulated consulta service from what the simulated SAT holds."""

from __future__ import annotations

import re
from typing import Final

from acuse.mx.outside.sat_consulta.simulator import ConsultaState, Known
from acuse.mx.outside.sat_descarga.simulator import Document, Family, SatState
from acuse.mx.outside.sat_listas.simulator import ListaState

_LISTED: Final = {"Definitivo", "Presunto"}
_SEAL: Final = re.compile(rb'\s[Ss]ello="([^"]+)"')


def build_consulta(sat: SatState, lista: ListaState) -> ConsultaState:
    """Make the state: every CFDI of every taxpayer the simulated SAT serves, by the same clock, and who is listed."""

    def find(uuid: str) -> Known | None:
        for each in sat.taxpayers():
            if each["family"] != Family.CFDI.value:
                continue
            found = sat.holdings(Family.CFDI, each["rfc"]).by_folio(uuid)
            if found is not None:
                return _known(found)
        return None

    consulta = ConsultaState(find=find, clock=sat.clock)
    consulta.listed.update(rfc for rfc, (_, situation) in lista.situations.items() if situation in _LISTED)
    return consulta


def _known(document: Document) -> Known:
    def seal_end() -> str | None:
        found = _SEAL.search(document.xml())
        return None if found is None else found[1].decode()

    return Known(
        uuid=document.uuid,
        emisor=document.rfc_emisor,
        receptor=document.rfc_receptor,
        total=document.total,
        efecto=document.efecto,
        stamped=document.fecha_timbrado,
        cancelled=document.fecha_cancelacion,
        seal_end=seal_end,
    )
