"""Small documents of every kind the SAT hands out, written by hand after the published schemas."""

from __future__ import annotations

from typing import Final

INVOICE: Final = "A1B2C3D4-0000-4000-8000-000000000001"
_SEAL: Final = 'Sello="c2VsbG8gZGUgcHJ1ZWJh12345678" NoCertificado="30001000000500003416" Certificado="TUlJ"'
_STAMP: Final = (
    '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" Version="1.1" UUID="{uuid}"'
    ' FechaTimbrado="{fecha}" RfcProvCertif="SPR190613I52" SelloCFD="c2VsbG8gZGUgcHJ1ZWJh12345678"'
    ' NoCertificadoSAT="30001000000500003456" SelloSAT="c2VsbG8gZGVsIFNBVA=="/>'
)


def stamp(uuid: str, fecha: str = "2025-03-14T10:05:00") -> str:
    """A TimbreFiscalDigital 1.1."""
    return _STAMP.format(uuid=uuid, fecha=fecha)


def stamp10(uuid: str, fecha: str) -> str:
    """A TimbreFiscalDigital 1.0, as on documents before July 2017."""
    return (
        '<tfd:TimbreFiscalDigital xmlns:tfd="http://www.sat.gob.mx/TimbreFiscalDigital" version="1.0"'
        f' UUID="{uuid}" FechaTimbrado="{fecha}" selloCFD="c2VsbG8gZGUgcHJ1ZWJh12345678"'
        ' noCertificadoSAT="30001000000500003456" selloSAT="c2VsbG8gZGVsIFNBVA=="/>'
    )


def cfdi40(
    uuid: str,
    complements: str = "",
    *,
    efecto: str = "P",
    emisor: tuple[str, str] = ("EKU9003173C9", "ESCUELA KEMPER URGATE"),
    receptor: tuple[str, str] = ("XAXX010101000", "PUBLICO EN GENERAL"),
    version: str = "4.0",
    fecha: str = "2025-03-14T10:00:00",
    total: str = "0",
    moneda: str = "XXX",
    more: str = "",
) -> bytes:
    """A CFDI 4.0 or 3.3 around some complements."""
    place = "4" if version == "4.0" else "3"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/{place}" Version="{version}" Serie="A" Folio="77"
  Fecha="{fecha}"
 {_SEAL} SubTotal="{total}" Moneda="{moneda}" Total="{total}" TipoDeComprobante="{efecto}"
  LugarExpedicion="06000" {more}>
 <cfdi:Emisor Rfc="{_escaped(emisor[0])}" Nombre="{_escaped(emisor[1])}" RegimenFiscal="601"/>
 <cfdi:Receptor Rfc="{_escaped(receptor[0])}" Nombre="{_escaped(receptor[1])}" UsoCFDI="CP01"/>
 <cfdi:Conceptos><cfdi:Concepto ClaveProdServ="84111506" Cantidad="1" ClaveUnidad="ACT" Descripcion="Pago"
  ValorUnitario="{total}" Importe="{total}"/></cfdi:Conceptos>
 <cfdi:Complemento>{complements}{stamp(uuid)}</cfdi:Complemento>
</cfdi:Comprobante>""".encode()


PAGOS20: Final = f"""<p:Pagos xmlns:p="http://www.sat.gob.mx/Pagos20" Version="2.0">
 <p:Totales TotalRetencionesISR="20.00" TotalTrasladosBaseIVA16="2000.00" TotalTrasladosImpuestoIVA16="320.00"
  MontoTotalPagos="2300.00"/>
 <p:Pago FechaPago="2025-02-28T12:00:00" FormaDePagoP="03" MonedaP="MXN" TipoCambioP="1" Monto="300.00">
  <p:DoctoRelacionado IdDocumento="{INVOICE.lower()}" Serie="F" Folio="12" MonedaDR="MXN" EquivalenciaDR="1"
   NumParcialidad="2" ImpSaldoAnt="1300.00" ImpPagado="300.00" ImpSaldoInsoluto="1000.00" ObjetoImpDR="01"/>
 </p:Pago>
 <p:Pago FechaPago="2025-03-01T09:30:00" FormaDePagoP="02" MonedaP="USD" TipoCambioP="20" Monto="100.00">
  <p:DoctoRelacionado IdDocumento="A1B2C3D4-0000-4000-8000-000000000002" MonedaDR="EUR" EquivalenciaDR="0.9"
   NumParcialidad="1" ImpSaldoAnt="90.00" ImpPagado="45.00" ImpSaldoInsoluto="45.00" ObjetoImpDR="02"/>
  <p:DoctoRelacionado IdDocumento="123-45-678901234" MonedaDR="USD" EquivalenciaDR="1" NumParcialidad="1"
   ImpSaldoAnt="50.00" ImpPagado="50.00" ImpSaldoInsoluto="0.00" ObjetoImpDR="02"/>
  <p:ImpuestosP><p:RetencionesP><p:RetencionP ImpuestoP="001" ImporteP="1.00"/></p:RetencionesP>
   <p:TrasladosP><p:TrasladoP BaseP="50" ImpuestoP="002" TipoFactorP="Tasa" TasaOCuotaP="0.160000" ImporteP="8.00"/>
   <p:TrasladoP BaseP="50" ImpuestoP="002" TipoFactorP="Tasa" TasaOCuotaP="0.160000" ImporteP="8.00"/>
   <p:TrasladoP BaseP="50" ImpuestoP="002" TipoFactorP="Exento"/></p:TrasladosP></p:ImpuestosP>
 </p:Pago></p:Pagos>"""

PAGOS10: Final = f"""<p:Pagos xmlns:p="http://www.sat.gob.mx/Pagos" Version="1.0">
 <p:Pago FechaPago="2019-02-28T12:00:00" FormaDePagoP="03" MonedaP="USD" TipoCambioP="19.5" Monto="10.00">
  <p:DoctoRelacionado IdDocumento="{INVOICE}" MonedaDR="MXN" TipoCambioDR="0.05" MetodoDePagoDR="PPD"
   NumParcialidad="1"/>
 </p:Pago></p:Pagos>"""

NOMINA12: Final = """<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina12" Version="1.2" TipoNomina="O"
  FechaPago="2025-03-15"
 FechaInicialPago="2025-03-01" FechaFinalPago="2025-03-15" NumDiasPagados="15" TotalPercepciones="8500.00"
 TotalDeducciones="1250.50" TotalOtrosPagos="120.25">
 <n:Emisor RegistroPatronal="B5510768108"/>
 <n:Receptor Curp="XEXX010101MNEXXXA8" TipoContrato="01" TipoRegimen="02" NumEmpleado="007" PeriodicidadPago="04"
  Departamento="Almacén" Puesto="Auxiliar" ClaveEntFed="CMX"/>
 <n:Percepciones TotalSueldos="8500.00" TotalGravado="8000.00" TotalExento="500.00">
  <n:Percepcion TipoPercepcion="001" Clave="P1" Concepto="Sueldo" ImporteGravado="8000.00" ImporteExento="0.00"/>
  <n:Percepcion TipoPercepcion="029" Clave="P2" Concepto="Vales" ImporteGravado="0.00" ImporteExento="500.00"/>
 </n:Percepciones>
 <n:Deducciones TotalOtrasDeducciones="250.50" TotalImpuestosRetenidos="1000.00">
  <n:Deduccion TipoDeduccion="001" Clave="D1" Concepto="IMSS" Importe="250.50"/>
  <n:Deduccion TipoDeduccion="002" Clave="D2" Concepto="ISR" Importe="1000.00"/>
 </n:Deducciones>
 <n:OtrosPagos><n:OtroPago TipoOtroPago="002" Clave="O1" Concepto="Subsidio" Importe="120.25">
  <n:SubsidioAlEmpleo SubsidioCausado="120.25"/></n:OtroPago></n:OtrosPagos></n:Nomina>"""

NOMINA11: Final = """<n:Nomina xmlns:n="http://www.sat.gob.mx/nomina" Version="1.1" NumEmpleado="7"
  CURP="XEXX010101MNEXXXA8"
 TipoRegimen="2" FechaPago="2016-03-15" FechaInicialPago="2016-03-01" FechaFinalPago="2016-03-15" NumDiasPagados="15"
 PeriodicidadPago="Quincenal">
 <n:Percepciones TotalGravado="5000.00" TotalExento="300.00">
  <n:Percepcion TipoPercepcion="001" Clave="P01" Concepto="Sueldo" ImporteGravado="5000.00" ImporteExento="300.00"/>
 </n:Percepciones>
 <n:Deducciones TotalGravado="0.00" TotalExento="610.00">
  <n:Deduccion TipoDeduccion="001" Clave="D01" Concepto="IMSS" ImporteGravado="0.00" ImporteExento="110.00"/>
  <n:Deduccion TipoDeduccion="002" Clave="D02" Concepto="ISR" ImporteGravado="0.00" ImporteExento="500.00"/>
 </n:Deducciones></n:Nomina>"""


def carta_porte(version: str) -> str:
    """A Carta Porte of this version: 1.0, 2.0, 3.0 or 3.1."""
    suffix = "" if version == "1.0" else version.replace(".", "")
    ident = ' IdCCP="CCCBCD94-870A-4332-A52A-A52AA52AA52A"' if version >= "3" else ""
    transport = "AutotransporteFederal" if version == "1.0" else "Autotransporte"
    return f"""<c:CartaPorte xmlns:c="http://www.sat.gob.mx/CartaPorte{suffix}" Version="{version}"{ident}
 TranspInternac="No" TotalDistRec="450.5">
 <c:Ubicaciones>
  <c:Ubicacion TipoUbicacion="Origen" RFCRemitenteDestinatario="EKU9003173C9"
  FechaHoraSalidaLlegada="2025-03-14T08:00:00"
   NombreRemitenteDestinatario="ESCUELA KEMPER URGATE"><c:Domicilio Estado="CMX" Pais="MEX"
  CodigoPostal="06000"/></c:Ubicacion>
  <c:Ubicacion TipoUbicacion="Destino" RFCRemitenteDestinatario="XAXX010101000" DistanciaRecorrida="450.5"
   FechaHoraSalidaLlegada="2025-03-14T18:00:00"><c:Domicilio Estado="JAL" Pais="MEX"
  CodigoPostal="44100"/></c:Ubicacion>
 </c:Ubicaciones>
 <c:Mercancias PesoBrutoTotal="1200.000" UnidadPeso="KGM" NumTotalMercancias="1">
  <c:Mercancia BienesTransp="11121900" Descripcion="Cajas de cartón" Cantidad="10" ClaveUnidad="H87" PesoEnKg="1200"/>
  <c:{transport} PermSCT="TPAF01" NumPermisoSCT="0X2XTXZ0X5X0X3X2X1X0">
   <c:IdentificacionVehicular ConfigVehicular="C2" PlacaVM="ABC1234" AnioModeloVM="2020"/></c:{transport}>
 </c:Mercancias>
 <c:FiguraTransporte><c:TiposFigura TipoFigura="01" NombreFigura="JUAN PEÑA"
  RFCFigura="VAAM130719H60"/></c:FiguraTransporte>
</c:CartaPorte>"""


def cfdi32(uuid: str, *, complements: str = "", **changed: str) -> bytes:
    """A CFDI 3.2; `changed` replaces attributes of the root."""
    attributes = {
        "version": "3.2",
        "serie": "B",
        "folio": "9001",
        "fecha": "2016-05-20T09:15:00",
        "sello": "c2VsbG8gZGUgcHJ1ZWJh12345678",
        "formaDePago": "Pago en una sola exhibición",
        "noCertificado": "30001000000500003416",
        "certificado": "TUlJ",
        "subTotal": "1000.00",
        "descuento": "50.00",
        "TipoCambio": "1",
        "Moneda": "Peso mexicano",
        "total": "1000.67",
        "tipoDeComprobante": "ingreso",
        "metodoDePago": "03",
        "LugarExpedicion": "México, D.F.",
    } | changed
    written = " ".join(f'{name}="{_escaped(value)}"' for name, value in attributes.items())
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/3" {written}>
 <cfdi:Emisor rfc="EKU9003173C9" nombre="ESCUELA KEMPER URGATE">
  <cfdi:RegimenFiscal Regimen="601 General de Ley Personas Morales"/></cfdi:Emisor>
 <cfdi:Receptor rfc="Ñ&amp;O120726RX3" nombre="ÑANDÚ &amp; OTOÑO"/>
 <cfdi:Conceptos><cfdi:Concepto cantidad="2" unidad="Pieza" noIdentificacion="X1" descripcion="Silla"
  valorUnitario="500.00"
  importe="1000.00"/></cfdi:Conceptos>
 <cfdi:Impuestos totalImpuestosRetenidos="101.33" totalImpuestosTrasladados="152.00">
  <cfdi:Retenciones><cfdi:Retencion impuesto="IVA" importe="101.33"/><cfdi:Retencion impuesto="ISR" importe="0.00"/>
  </cfdi:Retenciones>
  <cfdi:Traslados><cfdi:Traslado impuesto="IVA" tasa="16.00" importe="152.00"/></cfdi:Traslados></cfdi:Impuestos>
 <cfdi:Complemento>{complements}{stamp10(uuid, "2016-05-20T09:16:00")}</cfdi:Complemento>
</cfdi:Comprobante>""".encode()


def retencion20(
    uuid: str, *, foreign: bool = False, emisor: str = "EKU9003173C9", fecha: str = "2025-03-14T10:00:00"
) -> bytes:
    """A certificate of withholding 2.0."""
    receptor = (
        '<r:Receptor NacionalidadR="Extranjero"><r:Extranjero NumRegIdTribR="987" NomDenRazSocR="ACME INC"/>'
        "</r:Receptor>"
        if foreign
        else '<r:Receptor NacionalidadR="Nacional"><r:Nacional RfcR="Ñ&amp;O120726RX3" DomicilioFiscalR="06000"'
        ' NomDenRazSocR="ÑANDÚ &amp; OTOÑO"/></r:Receptor>'
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<r:Retenciones xmlns:r="http://www.sat.gob.mx/esquemas/retencionpago/2" Version="2.0" FolioInt="R-5" {_SEAL}
 FechaExp="{fecha}" LugarExpRetenc="06000" CveRetenc="14" DescRetenc="Dividendos">
 <r:CfdiRetenRelacionados TipoRelacion="01" UUID="{INVOICE}"/>
 <r:Emisor RfcE="{_escaped(emisor)}" NomDenRazSocE="ESCUELA KEMPER URGATE" RegimenFiscalE="601"/>
 {receptor}
 <r:Periodo MesIni="01" MesFin="03" Ejercicio="2025"/>
 <r:Totales MontoTotOperacion="10000.00" MontoTotGrav="9000.00" MontoTotExent="1000.00" MontoTotRet="1960.00">
  <r:ImpRetenidos BaseRet="9000.00" ImpuestoRet="001" MontoRet="1000.00" TipoPagoRet="01"/>
  <r:ImpRetenidos BaseRet="9000.00" ImpuestoRet="002" MontoRet="960.00" TipoPagoRet="01"/>
 </r:Totales>
 <r:Complemento>{stamp(uuid)}</r:Complemento>
</r:Retenciones>""".encode()


def retencion10(uuid: str) -> bytes:
    """A certificate of withholding 1.0."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<r:Retenciones xmlns:r="http://www.sat.gob.mx/esquemas/retencionpago/1" Version="1.0" FolioInt="R-1"
 Sello="c2VsbG8gZGUgcHJ1ZWJh12345678" NumCert="30001000000500003416" Cert="TUlJ" FechaExp="2018-01-31T11:59:31-06:00"
 CveRetenc="16">
 <r:Emisor RFCEmisor="EKU9003173C9" NomDenRazSocE="ESCUELA KEMPER URGATE"/>
 <r:Receptor Nacionalidad="Nacional"><r:Nacional RFCRecep="XAXX010101000" NomDenRazSocR="UNA PERSONA"/></r:Receptor>
 <r:Periodo MesIni="1" MesFin="12" Ejerc="2017"/>
 <r:Totales montoTotOperacion="500.00" montoTotGrav="500.00" montoTotExent="0.00" montoTotRet="80.00">
  <r:ImpRetenidos BaseRet="500.00" Impuesto="01" montoRet="80.00" TipoPagoRet="Pago provisional"/>
 </r:Totales>
 <r:Complemento>{stamp10(uuid, "2018-01-31T12:00:00")}</r:Complemento>
</r:Retenciones>""".encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;")
