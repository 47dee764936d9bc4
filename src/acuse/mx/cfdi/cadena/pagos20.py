"""Rules of the complement Pagos 2.0. Source: SAT, Pagos20.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes
from acuse.mx.cfdi.names import PAGOS20, clark

_each = Nodes(PAGOS20).each

PAGOS_TAG: Final = clark(PAGOS20, "Pagos")
PAGOS: Final[Rules] = (
    attributes("Version"),
    _each(
        "Totales",
        attributes(
            "TotalRetencionesIVA? TotalRetencionesISR? TotalRetencionesIEPS? TotalTrasladosBaseIVA16? "
            "TotalTrasladosImpuestoIVA16? TotalTrasladosBaseIVA8? TotalTrasladosImpuestoIVA8? "
            "TotalTrasladosBaseIVA0? TotalTrasladosImpuestoIVA0? TotalTrasladosBaseIVAExento? MontoTotalPagos"
        ),
    ),
    _each(
        "Pago",
        attributes(
            "FechaPago FormaDePagoP MonedaP TipoCambioP? Monto NumOperacion? RfcEmisorCtaOrd? NomBancoOrdExt? "
            "CtaOrdenante? RfcEmisorCtaBen? CtaBeneficiario? TipoCadPago? CertPago? CadPago? SelloPago?"
        ),
        _each(
            "DoctoRelacionado",
            attributes(
                "IdDocumento Serie? Folio? MonedaDR EquivalenciaDR? NumParcialidad ImpSaldoAnt ImpPagado "
                "ImpSaldoInsoluto ObjetoImpDR"
            ),
            _each(
                "ImpuestosDR/RetencionesDR/RetencionDR",
                attributes("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR ImporteDR"),
            ),
            _each(
                "ImpuestosDR/TrasladosDR/TrasladoDR",
                attributes("BaseDR ImpuestoDR TipoFactorDR TasaOCuotaDR? ImporteDR?"),
            ),
        ),
        _each("ImpuestosP/RetencionesP/RetencionP", attributes("ImpuestoP ImporteP")),
        _each("ImpuestosP/TrasladosP/TrasladoP", attributes("BaseP ImpuestoP TipoFactorP TasaOCuotaP? ImporteP?")),
    ),
)
