"""The printed form of Carta Porte 1.0 to 3.1: the way, the goods, the vehicle and who is on board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lxml import etree

from acuse.mx.cfdi.printed.meanings import meaning
from acuse.mx.cfdi.printed.model import Column, Fact, Kind, Section
from acuse.mx.cfdi.printed.wording import attribute, fact, known, moment, quantity, spoken, table

_VEHICLE: Final = {
    "PermSCT": "Permiso",
    "NumPermisoSCT": "Número de permiso",
    "ConfigVehicular": "Configuración vehicular",
    "PesoBrutoVehicular": "Peso bruto vehicular (t)",
    "PlacaVM": "Placa",
    "AnioModeloVM": "Año del modelo",
    "AseguraRespCivil": "Aseguradora, responsabilidad civil",
    "PolizaRespCivil": "Póliza, responsabilidad civil",
    "AseguraMedAmbiente": "Aseguradora, medio ambiente",
    "PolizaMedAmbiente": "Póliza, medio ambiente",
    "AseguraCarga": "Aseguradora, carga",
    "PolizaCarga": "Póliza, carga",
    "PrimaSeguro": "Prima del seguro",
    "SubTipoRem": "Tipo de remolque",
    "Placa": "Placa del remolque",
}
"""What the attributes of a lorry, its insurance and its trailers are called."""
_PLACES: Final = (
    Column("Ubicación", weight=2),
    Column("RFC", Kind.CODE, 3),
    Column("Nombre", weight=4),
    Column("Fecha y hora", weight=3),
    Column("Domicilio", weight=4),
    Column("Km", Kind.AMOUNT, 2),
)
_GOODS: Final = (
    Column("Clave", Kind.CODE, 2),
    Column("Descripción", weight=5),
    Column("Cantidad", Kind.AMOUNT, 2),
    Column("Unidad", Kind.CODE, 2),
    Column("Peso (kg)", Kind.AMOUNT, 2),
    Column("Material peligroso", weight=2),
)
_PEOPLE: Final = (
    Column("Figura", weight=3),
    Column("RFC", Kind.CODE, 3),
    Column("Nombre", weight=5),
    Column("Licencia", Kind.CODE, 3),
)
_ADDRESS: Final = ("Calle", "NumeroExterior", "Colonia", "Municipio", "Estado", "Pais", "CodigoPostal")


def print_carta_porte(node: etree._Element, most_rows: int) -> Iterator[Section]:
    """Answer the sections of a waybill."""
    children = {etree.QName(each).localname: each for each in node}
    mercancias = children.get("Mercancias")
    yield Section(
        f"Carta Porte {attribute(node, 'Version')}",
        known(
            (
                fact("IdCCP", attribute(node, "IdCCP"), kind=Kind.CODE),
                fact("Transporte internacional", attribute(node, "TranspInternac")),
                fact("Entrada o salida", attribute(node, "EntradaSalidaMerc")),
                fact("Distancia total (km)", quantity(attribute(node, "TotalDistRec"))),
                fact("Peso bruto total", quantity(attribute(mercancias, "PesoBrutoTotal"))),
                fact("Mercancías", attribute(mercancias, "NumTotalMercancias")),
            )
        ),
        [table(_PLACES, [row for each in children.get("Ubicaciones", ()) for row in _places(each)], most_rows)],
    )
    goods = [_goods(each) for each in (() if mercancias is None else mercancias) if each.tag.endswith("}Mercancia")]
    if goods:
        yield Section("Mercancías", tables=[table(_GOODS, goods, most_rows)])
    for each in () if mercancias is None else mercancias:
        name = etree.QName(each).localname
        if name.startswith(("Autotransporte", "Transporte")):
            yield Section(spoken(name), list(_vehicle(each)))
    people = [row for each in children.get("FiguraTransporte", ()) for row in _people(each)]
    if people:
        yield Section("Figuras de transporte", tables=[table(_PEOPLE, people, most_rows)])


def _places(node: etree._Element) -> Iterator[tuple[str, ...]]:
    """Answer a place; version 1.0 puts origin and destination as two children of one."""
    inner = [each for each in node if each.tag.endswith(("}Origen", "}Destino"))]
    home = next((each for each in node if each.tag.endswith("}Domicilio")), None)
    where = ", ".join(part for name in _ADDRESS if (part := attribute(home, name)))
    for each in inner or [node]:
        yield (
            attribute(each, "TipoUbicacion") or etree.QName(each).localname,
            _first(each, "RFCRemitenteDestinatario", "RFCRemitente", "RFCDestinatario"),
            _first(each, "NombreRemitenteDestinatario", "NombreRemitente", "NombreDestinatario"),
            moment(_first(each, "FechaHoraSalidaLlegada", "FechaHoraSalida", "FechaHoraProgLlegada")),
            where,
            quantity(attribute(node, "DistanciaRecorrida")),
        )


def _goods(node: etree._Element) -> tuple[str, ...]:
    return (
        attribute(node, "BienesTransp"),
        attribute(node, "Descripcion"),
        quantity(attribute(node, "Cantidad")),
        _first(node, "ClaveUnidad", "Unidad"),
        quantity(attribute(node, "PesoEnKg")),
        _first(node, "CveMaterialPeligroso", "MaterialPeligroso"),
    )


def _vehicle(node: etree._Element) -> Iterator[Fact]:
    """Tell a vehicle by its own attributes, whatever it moves on: road, whose words we know, sea, air or rail."""
    for each in node.iter():
        for name, value in each.attrib.items():
            said = meaning("config_autotransporte", str(value)) if name == "ConfigVehicular" else ""
            yield Fact(_VEHICLE.get(str(name)) or spoken(str(name)), str(value)[:300], said)


def _people(node: etree._Element) -> Iterator[tuple[str, ...]]:
    """Answer somebody on board; version 1.0 groups them by what they do."""
    for each in (node, *node):
        name = _first(each, "NombreFigura", "NombreOperador", "NombrePropietario", "NombreArrendatario")
        rfc = _first(each, "RFCFigura", "RFCOperador", "RFCPropietario", "RFCArrendatario")
        if name or rfc:
            key = attribute(each, "TipoFigura")
            yield (
                (meaning("figura_transporte", key) or key or spoken(etree.QName(each).localname)),
                rfc,
                name,
                attribute(each, "NumLicencia"),
            )


def _first(node: etree._Element, *names: str) -> str:
    return next((found for name in names if (found := attribute(node, name))), "")
