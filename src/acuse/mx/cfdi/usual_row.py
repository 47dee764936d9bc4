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
    upper,
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
)
_USUAL: Final = re.compile("\t".join(_FORMS)).fullmatch
_CERTIFICATE: Final = re.compile(rf"[0-9]{{20}}\t[A-Za-z0-9+/=]{{{SEAL_TAIL}}}").fullmatch


class DocumentRow(NamedTuple):
    """The columns of a document from `uuid` to `detalle`, who stands on the other side, and the payments it tells."""

    line: str
    party: tuple[str, str]
    pagos: PagoRows


class _Stamped(NamedTuple):
    """What a Complemento says, in the columns' own form."""

    timbre: etree._Element
    names: str = "{}"
    pagado_mxn: str = ABSENT
    pagos: PagoRows = NO_PAGOS
    detalle: str = NULL


def usual_row(root: etree._Element, rfc: str, direction: str) -> DocumentRow | None:
    """Answer the row of a usual CFDI 4.0 or 3.3; None when it must be read with care.

    The row is told from the side of the taxpayer `rfc`: what they issued is `E`, all else has the given direction.
    """
    tags = _VERSIONS.get(root.tag)
    if tags is None or root.get("Version") != tags.version:
        return None
    children = {child.tag: child for child in root}
    if len(children) != len(root):
        return None
    try:
        emisor, receptor = children[tags.emisor].get, children[tags.receptor].get
        stamped = _stamped(children[tags.complemento])
        related = _NOT_RELATED if (node := children.get(tags.relacionados)) is None else _related(node)
        taxes = _NO_TAXES if (node := children.get(tags.impuestos)) is None else _taxes(node, tags.taxes)
    except (KeyError, CfdiError):
        return None
    get, timbre = root.get, stamped.timbre.get
    uuid, fecha, fecha_timbrado = _uuid(stamped.timbre), get("Fecha", ""), timbre("FechaTimbrado", "")
    emisor_rfc, emisor_nombre = emisor("Rfc", ABSENT), emisor("Nombre", ABSENT)
    receptor_rfc, receptor_nombre = receptor("Rfc", ABSENT), receptor("Nombre", ABSENT)
    if emisor_rfc == rfc:
        direction = "E"
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
        timbre("RfcProvCertif", ABSENT),
        get("Total", ""),
        tags.version,
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
        stamped.pagado_mxn,
        get("MetodoPago", ABSENT),
        get("FormaPago", ABSENT),
        get("LugarExpedicion", ABSENT),
    ))  # fmt: skip
    certificate = f"{get('NoCertificado', '')}\t{get('Sello', '')[-SEAL_TAIL:]}"
    if not _USUAL(line) or not _CERTIFICATE(certificate) or not on_the_calendar(fecha, fecha_timbrado):
        return None
    other, nombre = (receptor_rfc, receptor_nombre) if direction == "E" else (emisor_rfc, emisor_nombre)
    return DocumentRow(
        f"{line.replace(ABSENT, NULL)}\t{related}\t{stamped.names}\t{certificate}\t{stamped.detalle}",
        (other, "" if nombre == ABSENT else nombre),
        stamped.pagos,
    )


def _stamped(complemento: etree._Element) -> _Stamped:
    """Read the stamp and what stands beside it: nothing, usual payments, or what must be read with care."""
    if len(complemento) == 1 and (only := complemento[0]).tag == _TIMBRE:
        return _Stamped(only)
    nodes = {node.tag: node for node in complemento}
    if len(nodes) == len(complemento) and nodes.keys() == _PAYMENT:
        timbre = nodes[_TIMBRE]
        if (usual := usual_pagos(nodes[_PAGOS], _uuid(timbre))) is not None:
            return _Stamped(timbre, "{Pagos}", *usual)
    found = read_complements(list(complemento))
    paid = ABSENT if found.pagado_mxn is None else str(found.pagado_mxn)
    return _Stamped(
        found.timbre, array(found.names), paid, pago_rows(_uuid(found.timbre), found.pagos), text(found.detalle)
    )


def _uuid(timbre: etree._Element) -> str:
    return upper(timbre.get("UUID", ""))


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
