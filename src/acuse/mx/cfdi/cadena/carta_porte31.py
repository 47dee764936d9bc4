"""Rules of the complement Carta Porte 3.1, for goods that go by road. Source: SAT, CartaPorte31.xslt."""

from __future__ import annotations

from typing import Final

from lxml import etree

from acuse.mx.cfdi.cadena.walk import Nodes, Out, Rules, attributes
from acuse.mx.cfdi.errors import ComplementNotSealed
from acuse.mx.cfdi.names import CARTA_PORTE31, clark

_each = Nodes(CARTA_PORTE31).each
_BY_ROAD: Final = {clark(CARTA_PORTE31, name) for name in ("Mercancia", "Autotransporte")}
_DOMICILIO: Final = _each(
    "Domicilio",
    attributes(
        "Calle? NumeroExterior? NumeroInterior? Colonia? Localidad? Referencia? Municipio? Estado Pais CodigoPostal"
    ),
)


def _by_road_only(_: Out, mercancias: etree._Element) -> None:
    for child in mercancias:
        if child.tag not in _BY_ROAD:
            raise ComplementNotSealed(complement=etree.QName(child).localname[:60])


CARTA_PORTE_TAG: Final = clark(CARTA_PORTE31, "CartaPorte")
CARTA_PORTE: Final[Rules] = (
    attributes(
        "Version IdCCP TranspInternac EntradaSalidaMerc? PaisOrigenDestino? ViaEntradaSalida? TotalDistRec? "
        "RegistroISTMO? UbicacionPoloOrigen? UbicacionPoloDestino?"
    ),
    _each("RegimenesAduaneros/RegimenAduaneroCCP", attributes("RegimenAduanero")),
    _each(
        "Ubicaciones/Ubicacion",
        attributes(
            "TipoUbicacion IDUbicacion? RFCRemitenteDestinatario NombreRemitenteDestinatario? NumRegIdTrib? "
            "ResidenciaFiscal? NumEstacion? NombreEstacion? NavegacionTrafico? FechaHoraSalidaLlegada TipoEstacion? "
            "DistanciaRecorrida?"
        ),
        _DOMICILIO,
    ),
    _each(
        "Mercancias",
        _by_road_only,
        attributes(
            "PesoBrutoTotal UnidadPeso PesoNetoTotal? NumTotalMercancias CargoPorTasacion? "
            "LogisticaInversaRecoleccionDevolucion?"
        ),
        _each(
            "Mercancia",
            attributes(
                "BienesTransp ClaveSTCC? Descripcion Cantidad ClaveUnidad Unidad? Dimensiones? MaterialPeligroso? "
                "CveMaterialPeligroso? Embalaje? DescripEmbalaje? SectorCOFEPRIS? NombreIngredienteActivo? NomQuimico? "
                "DenominacionGenericaProd? DenominacionDistintivaProd? Fabricante? FechaCaducidad? LoteMedicamento? "
                "FormaFarmaceutica? CondicionesEspTransp? RegistroSanitarioFolioAutorizacion? PermisoImportacion? "
                "FolioImpoVUCEM? NumCAS? RazonSocialEmpImp? NumRegSanPlagCOFEPRIS? DatosFabricante? DatosFormulador? "
                "DatosMaquilador? UsoAutorizado? PesoEnKg ValorMercancia? Moneda? FraccionArancelaria? "
                "UUIDComercioExt? TipoMateria? DescripcionMateria?"
            ),
            _each("DocumentacionAduanera", attributes("TipoDocumento NumPedimento? IdentDocAduanero? RFCImpo?")),
            _each(
                "GuiasIdentificacion",
                attributes("NumeroGuiaIdentificacion DescripGuiaIdentificacion PesoGuiaIdentificacion"),
            ),
            _each("CantidadTransporta", attributes("Cantidad IDOrigen IDDestino CvesTransporte?")),
            _each("DetalleMercancia", attributes("UnidadPesoMerc PesoBruto PesoNeto PesoTara NumPiezas?")),
        ),
        _each(
            "Autotransporte",
            attributes("PermSCT NumPermisoSCT"),
            _each("IdentificacionVehicular", attributes("ConfigVehicular PesoBrutoVehicular PlacaVM AnioModeloVM")),
            _each(
                "Seguros",
                attributes(
                    "AseguraRespCivil PolizaRespCivil AseguraMedAmbiente? PolizaMedAmbiente? AseguraCarga? "
                    "PolizaCarga? PrimaSeguro?"
                ),
            ),
            _each("Remolques/Remolque", attributes("SubTipoRem Placa")),
        ),
    ),
    _each(
        "FiguraTransporte/TiposFigura",
        attributes("TipoFigura RFCFigura? NumLicencia? NombreFigura NumRegIdTribFigura? ResidenciaFiscalFigura?"),
        _each("PartesTransporte", attributes("ParteTransporte")),
        _DOMICILIO,
    ),
)
