"""Writes the complement Carta Porte 3.1 of a freight by road inside Mexico.

Source: SAT, CartaPorte31.xsd and "Instructivo de llenado del CFDI con complemento Carta Porte", autotransporte.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from lxml import etree

from acuse.mx.cfdi.amounts import plain
from acuse.mx.cfdi.build_nodes import add, add_complement, put
from acuse.mx.cfdi.draft import CartaPorte, Concepto, Parada
from acuse.mx.cfdi.names import CARTA_PORTE31

_LORRY_TONNES: Final = "17.50"


def add_carta_porte(complemento: etree._Element, freight: CartaPorte, goods: Sequence[Concepto]) -> None:
    """Append the complement to a Comprobante's Complemento."""
    node = add_complement(complemento, CARTA_PORTE31, "cartaporte31", "CartaPorte")
    put(node, Version="3.1", IdCCP=freight.id, TranspInternac="No", TotalDistRec=str(freight.kilometros))
    stops = add(node, "Ubicaciones")
    _add_stop(stops, freight.origen, "Origen", "OR000001", None)
    _add_stop(stops, freight.destino, "Destino", "DE000001", str(freight.kilometros))
    weight = f"{freight.peso_kg:.3f}"
    mercancias = add(node, "Mercancias", PesoBrutoTotal=weight, UnidadPeso="KGM", NumTotalMercancias=str(len(goods)))
    for line in goods:
        add(
            mercancias,
            "Mercancia",
            BienesTransp=line.clave_prod_serv,
            Descripcion=line.descripcion,
            Cantidad=plain(line.cantidad, least=0),
            ClaveUnidad=line.clave_unidad,
            PesoEnKg=f"{freight.peso_kg / len(goods):.3f}",
        )
    lorry = add(mercancias, "Autotransporte", PermSCT="TPAF01", NumPermisoSCT="0X2XTXZ0X5X0X3X2X1X0")
    add(
        lorry,
        "IdentificacionVehicular",
        ConfigVehicular="C2",
        PesoBrutoVehicular=_LORRY_TONNES,
        PlacaVM=freight.placa,
        AnioModeloVM=str(freight.modelo),
    )
    add(lorry, "Seguros", AseguraRespCivil="SEGUROS DEL CAMINO", PolizaRespCivil="SC-123456789")
    add(
        add(node, "FiguraTransporte"),
        "TiposFigura",
        TipoFigura="01",
        RFCFigura=freight.operador_rfc,
        NumLicencia="LFD01234567",
        NombreFigura=freight.operador_nombre,
    )


def _add_stop(stops: etree._Element, stop: Parada, kind: str, identifier: str, kilometres: str | None) -> None:
    node = add(
        stops,
        "Ubicacion",
        TipoUbicacion=kind,
        IDUbicacion=identifier,
        RFCRemitenteDestinatario=stop.rfc,
        NombreRemitenteDestinatario=stop.nombre,
        FechaHoraSalidaLlegada=stop.fecha.isoformat(timespec="seconds"),
        DistanciaRecorrida=kilometres,
    )
    add(node, "Domicilio", Estado=stop.estado, Pais="MEX", CodigoPostal=stop.codigo_postal)
