"""The quick way from a usual CFDI to its row: attributes as they stand, checked together by one pattern.

A document of which anything is unusual gets no row here: `header` reads it value by value and tells what is wrong.
What this way answers is what that way would have answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.copy_text import NULL, array, text
from acuse.mx.cfdi.errors import CfdiError
from acuse.mx.cfdi.header import SEAL_TAIL, read_complements
from acuse.mx.cfdi.names import CFD3, CFD4, PAGOS20, TFD, clark
from acuse.mx.cfdi.pago_rows import NO_PAGOS, PagoRows, pago_rows
from acuse.mx.cfdi.usual_pagos import usual_pagos
from acuse.mx.cfdi.usual_values import (
    ABSENT,
    AMOUNT,
    CODE,
    OPTIONAL,
    RFC,
    TEXT,
    TIME,
    UUID,
    on_the_calendar,
    sum_of,
)

_IVA, _IVA_HELD, _ISR_HELD, _IEPS = range(4)
_NO_TAXES: Final = (ABSENT,) * 6
_NOT_RELATED: Final = f"{NULL}\t{{}}"
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")
_PAGOS: Final = clark(PAGOS20, "Pagos")
_PAYMENT: Final = {_TIMBRE, _PAGOS}


class _Tags(NamedTuple):
    """The elements of one version that matter."""

    version: str
    emisor: str
    receptor: str
    impuestos: str
    complemento: str
    relacionados: str
    taxes: dict[str, dict[str, int]]


def _tags(namespace: str, version: str) -> _Tags:
    taxes = {"Traslados": {"002": _IVA, "003": _IEPS}, "Retenciones": {"002": _IVA_HELD, "001": _ISR_HELD}}
    return _Tags(
        version,
        clark(namespace, "Emisor"),
        clark(namespace, "Receptor"),
        clark(namespace, "Impuestos"),
        clark(namespace, "Complemento"),
        clark(namespace, "CfdiRelacionados"),
        {clark(namespace, name): kinds for name, kinds in taxes.items()},
    )


_VERSIONS: Final = {
    clark(namespace, "Comprobante"): _tags(namespace, version) for namespace, version in ((CFD4, "4.0"), (CFD3, "3.3"))
}

_FORMS: Final = (
    UUID,
    r"[ER]",  # direction
    TIME,  # fecha
    TIME,  # fecha_timbrado
    r"[IETNP]",  # efecto
    RFC,  # emisor_rfc
    TEXT,  # emisor_nombre
    RFC,  # receptor_rfc
    TEXT,  # receptor_nombre
    CODE,  # rfc_pac
    AMOUNT,  # total
    r"(?:4\.0|3\.3)",  # version
    TEXT,  # serie
    TEXT,  # folio
    *[CODE] * 3,  # emisor_regimen, receptor_regimen, uso_cfdi
    r"[^\t\n\r\\\1]{3}",  # moneda
    OPTIONAL,  # tipo_cambio
    AMOUNT,  # subtotal
    *[OPTIONAL] * 8,  # descuento, trasladados … pagado_mxn
    *[CODE] * 2,  # metodo_pago, forma_pago
    TEXT,  # lugar_expedicion
    r"[0-9]{20}",  # no_certificado
    rf"[A-Za-z0-9+/=]{{{SEAL_TAIL}}}",  # sello_final
)
_USUAL: Final = re.compile("\t".join(_FORMS)).fullmatch


class DocumentRow(NamedTuple):
    """The columns of a document from `uuid` to `detalle`, who stands on the other side, and the payments it tells."""

    line: str
    party: tuple[str, str]
    pagos: PagoRows


def usual_row(root: etree._Element, rfc: str, direction: str) -> DocumentRow | None:
    """Answer the row of a usual CFDI 4.0 or 3.3; None when it must be read with care.

    The row is told from the side of the taxpayer `rfc`: what they issued is `E`, all else has the given direction.
    """
    known, get = _VERSIONS.get(root.tag), root.get
    if known is None or get("Version") != known.version:
        return None
    children = {child.tag: child for child in root}
    if len(children) != len(root):
        return None
    version, emisor_tag, receptor_tag, impuestos_tag, complemento_tag, relacionados_tag, groups = known
    try:
        emisor, receptor = children[emisor_tag].get, children[receptor_tag].get
        timbre, names, pagado_mxn, pagos, detalle = _stamped(children[complemento_tag])
        related = _NOT_RELATED if (node := children.get(relacionados_tag)) is None else _related(node)
        taxes = _NO_TAXES if (node := children.get(impuestos_tag)) is None else _taxes(node, groups)
    except (KeyError, CfdiError):
        return None
    uuid, fecha, fecha_timbrado = timbre.get("UUID", ""), get("Fecha", ""), timbre.get("FechaTimbrado", "")
    emisor_rfc, emisor_nombre = emisor("Rfc", ABSENT), emisor("Nombre", ABSENT)
    receptor_rfc, receptor_nombre = receptor("Rfc", ABSENT), receptor("Nombre", ABSENT)
    other, nombre = emisor_rfc, emisor_nombre
    if emisor_rfc == rfc:
        direction = "E"
    if direction == "E":
        other, nombre = receptor_rfc, receptor_nombre
    line = "\t".join((
        uuid,
        direction,
        fecha,
        fecha_timbrado,
        get("TipoDeComprobante", ""),
        emisor_rfc,
        emisor_nombre,
        receptor_rfc,
        receptor_nombre,
        timbre.get("RfcProvCertif", ABSENT),
        get("Total", ""),
        version,
        get("Serie", ABSENT),
        get("Folio", ABSENT),
        emisor("RegimenFiscal", ABSENT),
        receptor("RegimenFiscalReceptor", ABSENT),
        receptor("UsoCFDI", ABSENT),
        get("Moneda", ""),
        get("TipoCambio", ABSENT),
        get("SubTotal", ""),
        get("Descuento", ABSENT),
        *taxes,
        pagado_mxn,
        get("MetodoPago", ABSENT),
        get("FormaPago", ABSENT),
        get("LugarExpedicion", ABSENT),
        get("NoCertificado", ""),
        get("Sello", "")[-SEAL_TAIL:],
    ))  # fmt: skip
    if not _USUAL(line) or not on_the_calendar(fecha, fecha_timbrado):
        return None
    told = line.replace(ABSENT, NULL)
    if not uuid.isupper():
        told = told.replace(uuid, uuid.upper(), 1)
    return DocumentRow(f"{told}\t{related}\t{names}\t{detalle}", (other, "" if nombre == ABSENT else nombre), pagos)


def _stamped(complemento: etree._Element) -> tuple[etree._Element, str, str, PagoRows, str]:
    """Answer the stamp, then as columns the names of what stands beside it, the money paid, payments and detail.

    Beside it stand nothing, usual payments, or what must be read with care.
    """
    if len(complemento) == 1 and (only := complemento[0]).tag == _TIMBRE:
        return only, "{}", ABSENT, NO_PAGOS, NULL
    nodes = {node.tag: node for node in complemento}
    if len(nodes) == len(complemento) and nodes.keys() == _PAYMENT:
        timbre = nodes[_TIMBRE]
        if (usual := usual_pagos(nodes[_PAGOS], timbre.get("UUID", "").upper())) is not None:
            return timbre, "{Pagos}", *usual, NULL
    found = read_complements(list(complemento))
    paid = ABSENT if found.pagado_mxn is None else str(found.pagado_mxn)
    pagos = pago_rows(found.timbre.get("UUID", "").upper(), found.pagos)
    return found.timbre, array(found.names), paid, pagos, text(found.detalle)


def _related(node: etree._Element) -> str:
    uuids = [values.uuid(each.get("UUID"), "CfdiRelacionado") for each in node]
    return f"{text(values.code(node.get('TipoRelacion'), 'TipoRelacion'))}\t{array(uuids)}"


def _taxes(node: etree._Element, groups: dict[str, dict[str, int]]) -> Sequence[str]:
    """Answer the document's own taxes in the order of their columns; raises KeyError for what is not usual."""
    sums = [ABSENT] * 4
    for group in node:
        kinds = groups[group.tag]
        for tax in group:
            kind, importe = kinds[tax.get("Impuesto", "")], tax.get("Importe")
            if importe is not None:
                known = sums[kind]
                sums[kind] = importe if known == ABSENT else sum_of(known, importe)
    return (node.get("TotalImpuestosTrasladados", ABSENT), node.get("TotalImpuestosRetenidos", ABSENT), *sums)
