"""Rules of the complement Nómina 1.2. Source: SAT, nomina12.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes
from acuse.mx.cfdi.names import NOMINA12, clark

_each = Nodes(NOMINA12).each

NOMINA_TAG: Final = clark(NOMINA12, "Nomina")
NOMINA: Final[Rules] = (
    attributes(
        "Version TipoNomina FechaPago FechaInicialPago FechaFinalPago NumDiasPagados TotalPercepciones? "
        "TotalDeducciones? TotalOtrosPagos?"
    ),
    _each(
        "Emisor",
        attributes("Curp? RegistroPatronal? RfcPatronOrigen?"),
        _each("EntidadSNCF", attributes("OrigenRecurso MontoRecursoPropio?")),
    ),
    _each(
        "Receptor",
        attributes(
            "Curp NumSeguridadSocial? FechaInicioRelLaboral? Antigüedad? TipoContrato Sindicalizado? TipoJornada? "
            "TipoRegimen NumEmpleado Departamento? Puesto? RiesgoPuesto? PeriodicidadPago Banco? CuentaBancaria? "
            "SalarioBaseCotApor? SalarioDiarioIntegrado? ClaveEntFed"
        ),
        _each("SubContratacion", attributes("RfcLabora PorcentajeTiempo")),
    ),
    _each(
        "Percepciones",
        attributes(
            "TotalSueldos? TotalSeparacionIndemnizacion? TotalJubilacionPensionRetiro? TotalGravado TotalExento"
        ),
        _each(
            "Percepcion",
            attributes("TipoPercepcion Clave Concepto ImporteGravado ImporteExento"),
            _each("AccionesOTitulos", attributes("ValorMercado PrecioAlOtorgarse")),
            _each("HorasExtra", attributes("Dias TipoHoras HorasExtra ImportePagado")),
        ),
        _each(
            "JubilacionPensionRetiro",
            attributes("TotalUnaExhibicion? TotalParcialidad? MontoDiario? IngresoAcumulable IngresoNoAcumulable"),
        ),
        _each(
            "SeparacionIndemnizacion",
            attributes("TotalPagado NumAñosServicio UltimoSueldoMensOrd IngresoAcumulable IngresoNoAcumulable"),
        ),
    ),
    _each(
        "Deducciones",
        attributes("TotalOtrasDeducciones? TotalImpuestosRetenidos?"),
        _each("Deduccion", attributes("TipoDeduccion Clave Concepto Importe")),
    ),
    _each(
        "OtrosPagos/OtroPago",
        attributes("TipoOtroPago Clave Concepto Importe"),
        _each("SubsidioAlEmpleo", attributes("SubsidioCausado")),
        _each("CompensacionSaldosAFavor", attributes("SaldoAFavor Año RemanenteSalFav")),
    ),
    _each("Incapacidades/Incapacidad", attributes("DiasIncapacidad TipoIncapacidad ImporteMonetario?")),
)
