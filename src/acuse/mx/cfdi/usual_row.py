"""The quick way from a usual CFDI to its row: attributes as they stand, checked together by one pattern.

A document of which anything is unusual gets no row here: `header` reads it value by value and tells what is wrong.
What this way answers is what that way would have answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from lxml import etree

from acuse.mx.cfdi import values
from acuse.mx.cfdi.copy_text import NULL, array, text
from acuse.mx.cfdi.errors import CfdiError
from acuse.mx.cfdi.header import SEAL_TAIL, Complements, read_complements
from acuse.mx.cfdi.names import CFD3, CFD4, TFD, clark
from acuse.mx.cfdi.pagos import PagoLeido

_ABSENT: Final = "\1"  # stands in no XML
_IVA, _IVA_HELD, _ISR_HELD, _IEPS = range(4)
_NO_TAXES: Final = (_ABSENT,) * 6
_NOT_RELATED: Final = f"{NULL}\t{{}}"
_TIMBRE: Final = clark(TFD, "TimbreFiscalDigital")


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

_AMOUNT: Final = r"-?[0-9]{1,18}(?:\.[0-9]{1,12})?"
_TIME: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_RFC: Final = r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}"
_TEXT: Final = r"(?:[^\s\\](?:[^\t\n\r\\]{0,298}[^\s\\])?)"
_CODE: Final = r"(?:[^\t\n\r\\]{1,13})"
_FORMS: Final = (
    r"[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}",  # uuid
    r"[ER]",  # direction
    _TIME,  # fecha
    _TIME,  # fecha_timbrado
    r"[IETNP]",  # efecto
    _RFC,  # emisor_rfc
    _TEXT,  # emisor_nombre
    _RFC,  # receptor_rfc
    _TEXT,  # receptor_nombre
    _CODE,  # rfc_pac
    _AMOUNT,  # total
    r"(?:4\.0|3\.3)",  # version
    _TEXT,  # serie
    _TEXT,  # folio
    *[_CODE] * 3,  # emisor_regimen, receptor_regimen, uso_cfdi
    r"[^\t\n\r\\\1]{3}",  # moneda
    f"(?:{_AMOUNT}|\1)",  # tipo_cambio
    _AMOUNT,  # subtotal
    *[f"(?:{_AMOUNT}|\1)"] * 8,  # descuento, trasladados … pagado_mxn
    *[_CODE] * 2,  # metodo_pago, forma_pago
    _TEXT,  # lugar_expedicion
)
_USUAL: Final = re.compile("\t".join(_FORMS)).fullmatch
_CERTIFICATE: Final = re.compile(rf"[0-9]{{20}}\t[A-Za-z0-9+/=]{{{SEAL_TAIL}}}").fullmatch


class DocumentRow(NamedTuple):
    """The columns of a document from `uuid` to `detalle`, who stands on the other side, and the payments it tells."""

    uuid: str
    line: str
    party: tuple[str, str]
    pagos: tuple[PagoLeido, ...]


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
        found = _complements(children[tags.complemento])
        related = _NOT_RELATED if (node := children.get(tags.relacionados)) is None else _related(node)
        taxes = _NO_TAXES if (node := children.get(tags.impuestos)) is None else _taxes(node, tags.taxes)
    except (KeyError, CfdiError):
        return None
    get, timbre = root.get, found.timbre.get
    uuid, fecha, fecha_timbrado = timbre("UUID", "").upper(), get("Fecha", ""), timbre("FechaTimbrado", "")
    emisor_rfc, emisor_nombre = emisor("Rfc", _ABSENT), emisor("Nombre", _ABSENT)
    receptor_rfc, receptor_nombre = receptor("Rfc", _ABSENT), receptor("Nombre", _ABSENT)
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
        timbre("RfcProvCertif", _ABSENT),
        get("Total", ""),
        tags.version,
        get("Serie", _ABSENT),
        get("Folio", _ABSENT),
        emisor("RegimenFiscal", _ABSENT),
        receptor("RegimenFiscalReceptor", _ABSENT),
        receptor("UsoCFDI", _ABSENT),
        get("Moneda", ""),
        get("TipoCambio", _ABSENT),
        get("SubTotal", ""),
        get("Descuento", _ABSENT),
        *taxes,
        _ABSENT if found.pagado_mxn is None else str(found.pagado_mxn),
        get("MetodoPago", _ABSENT),
        get("FormaPago", _ABSENT),
        get("LugarExpedicion", _ABSENT),
    ))  # fmt: skip
    certificate = f"{get('NoCertificado', '')}\t{get('Sello', '')[-SEAL_TAIL:]}"
    if not _USUAL(line) or not _CERTIFICATE(certificate) or not _on_the_calendar(fecha, fecha_timbrado):
        return None
    other, nombre = (receptor_rfc, receptor_nombre) if direction == "E" else (emisor_rfc, emisor_nombre)
    return DocumentRow(
        uuid,
        f"{line.replace(_ABSENT, NULL)}\t{related}\t{array(found.names)}\t{certificate}\t{text(found.detalle)}",
        (other, "" if nombre == _ABSENT else nombre),
        found.pagos,
    )


def _complements(complemento: etree._Element) -> Complements:
    if len(complemento) == 1 and (only := complemento[0]).tag == _TIMBRE:
        return Complements(only, (), None, (), None)
    return read_complements(list(complemento))


def _related(node: etree._Element) -> str:
    uuids = [values.uuid(each.get("UUID"), "CfdiRelacionado") for each in node]
    return f"{text(values.code(node.get('TipoRelacion'), 'TipoRelacion'))}\t{array(uuids)}"


def _taxes(node: etree._Element, groups: dict[str, dict[str, int]]) -> Sequence[str]:
    """Answer the document's own taxes in the order of their columns; raises KeyError for what is not usual."""
    sums = [_ABSENT] * 4
    for group in node:
        kinds = groups[group.tag]
        for tax in group:
            kind, importe = kinds[tax.get("Impuesto", "")], tax.get("Importe")
            if importe is not None:
                known = sums[kind]
                sums[kind] = importe if known == _ABSENT else _sum(known, importe)
    return (node.get("TotalImpuestosTrasladados", _ABSENT), node.get("TotalImpuestosRetenidos", _ABSENT), *sums)


def _sum(one: str, other: str) -> str:
    return str(values.amount(one, "Importe") + values.amount(other, "Importe"))


def _on_the_calendar(*moments: str) -> bool:
    try:
        for each in moments:
            datetime.fromisoformat(each)
    except ValueError:
        return False
    return True
