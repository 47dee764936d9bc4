"""Rules of the complement Pagos 1.0, of the time of CFDI 3.3. Source: SAT, Pagos10.xslt."""

from __future__ import annotations

from typing import Final

from acuse.mx.cfdi.cadena.walk import Nodes, Rules, attributes
from acuse.mx.cfdi.names import PAGOS10, clark

_each = Nodes(PAGOS10).each

PAGOS10_TAG: Final = clark(PAGOS10, "Pagos")
PAGOS_10: Final[Rules] = (
    attributes("Version"),
    _each(
        "Pago",
        attributes(
            "FechaPago FormaDePagoP MonedaP TipoCambioP? Monto NumOperacion? RfcEmisorCtaOrd? NomBancoOrdExt? "
            "CtaOrdenante? RfcEmisorCtaBen? CtaBeneficiario? TipoCadPago? CertPago? CadPago? SelloPago?"
        ),
        _each(
            "DoctoRelacionado",
            attributes(
                "IdDocumento Serie? Folio? MonedaDR TipoCambioDR? MetodoDePagoDR NumParcialidad? ImpSaldoAnt? "
                "ImpPagado? ImpSaldoInsoluto?"
            ),
        ),
    ),
)
