"""The keys of complementos the SAT filters by, of each family. The lists are known to grow: others may exist.

Source: SAT, "WS Solicitud" v1.5 (May 2025), parameter Complemento; those of Retenciones and the newest of CFDI as
phpcfdi/sat-ws-descarga-masiva lists them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acuse.mx.outside.sat_descarga.codes import Familia


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COMPLEMENTOS: Final[Mapping[Familia, frozenset[str]]] = {
    Familia.CFDI: _words(
        "acreditamientoieps10 aerolineas cartaporte10 cartaporte20 certificadodedestruccion "
        "cfdiregistrofiscal comercioexterior10 comercioexterior11 comprobante consumodecombustibles "
        "consumodecombustibles11 detallista divisas donat11 ecc11 ecc12 gastoshidrocarburos10 iedu implocal "
        "ine11 ingresoshidrocarburos leyendasfisc nomina11 nomina12 notariospublicos obrasarteantiguedades "
        "pagoenespecie pagos10 pagos20 pfic renovacionysustitucionvehiculos servicioparcialconstruccion spei "
        "terceros11 turistapasajeroextranjero valesdedespensa vehiculousado ventavehiculos11"
    ),
    Familia.RETENCIONES: _words(
        "arrendamientoenfideicomiso dividendos enajenaciondeacciones fideicomisonoempresarial intereses "
        "intereseshipotecarios operacionesconderivados pagosaextranjeros planesderetiro planesderetiro11 "
        "premios sectorfinanciero serviciosplataformastecnologicas10"
    ),
}
