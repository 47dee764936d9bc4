"""Builds the requests: pure, from values and an e.firma to the exact bytes that are sent."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from acuse.mx.outside.sat_descarga.codes import Efecto, EstadoComprobante, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.wire import operations
from acuse.mx.outside.sat_descarga.wire.canonical import element, text
from acuse.mx.outside.sat_descarga.wire.operations import Operation
from acuse.mx.outside.sat_descarga.wire.signature import signature, x509_key_info
from acuse.pki.keypair import KeyPair

WINDOW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Consulta:
    """What is asked of SolicitaDescargaEmitidos, SolicitaDescargaRecibidos or, of one `folio`, SolicitaDescargaFolio.

    Dates are naive, Mexico City, whole seconds, both ends included. For Emitidos `counterparts` are up
    to five receivers; for Recibidos at most one issuer.
    """

    sentido: Sentido
    rfc: str
    tipo: TipoSolicitud
    fecha_inicial: datetime
    fecha_final: datetime
    efecto: Efecto | None = None
    estado: EstadoComprobante | None = None
    complemento: str | None = None
    counterparts: tuple[str, ...] = ()
    rfc_a_cuenta_terceros: str | None = None
    folio: str | None = None

    @property
    def operation(self) -> Operation:
        """Answer which operation asks this."""
        if self.folio:
            return operations.SOLICITA_FOLIO
        return operations.SOLICITA_BY_SENTIDO[self.sentido]


def timestamp(created: datetime) -> str:
    """Write the Timestamp that is signed: from this instant, for five minutes, in milliseconds."""
    return element(
        "u:Timestamp",
        {"xmlns:u": operations.UTILITY, "u:Id": "_0"},
        element("u:Created", {}, _instant(created)),
        element("u:Expires", {}, _instant(created + WINDOW)),
    )


def autentica(efirma: KeyPair, *, created: datetime, token_id: str) -> bytes:
    """Build the request for a token; `token_id` names the certificate inside the message."""
    reference = element("o:Reference", {"ValueType": operations.X509_TOKEN, "URI": f"#{token_id}"})
    stamp = timestamp(created)
    security = element(
        "o:Security",
        {"xmlns:o": operations.SECURITY, "s:mustUnderstand": "1"},
        stamp,
        element(
            "o:BinarySecurityToken",
            {
                "xmlns:u": operations.UTILITY,
                "u:Id": token_id,
                "ValueType": operations.X509_TOKEN,
                "EncodingType": operations.BASE64_ENCODING,
            },
            b64encode(efirma.certificate.der).decode(),
        ),
        signature(
            stamp,
            reference="#_0",
            key_info=element("o:SecurityTokenReference", {}, reference),
            efirma=efirma,
        ),
    )
    body = element(operations.AUTENTICA.element, {"xmlns": operations.AUTENTICA_NAMESPACE})
    return _envelope(body, header=security)


def solicita(consulta: Consulta, efirma: KeyPair) -> bytes:
    """Build the request for the CFDIs or the metadata of a period, or for one CFDI."""
    if consulta.folio:
        attributes: dict[str, str | None] = {"Folio": consulta.folio, "RfcSolicitante": consulta.rfc}
        return _signed(consulta.operation, "des:solicitud", attributes, [], efirma)
    received = consulta.sentido is Sentido.RECIBIDOS
    attributes = {
        "Complemento": consulta.complemento,
        "EstadoComprobante": consulta.estado,
        "FechaFinal": _local(consulta.fecha_final),
        "FechaInicial": _local(consulta.fecha_inicial),
        "RfcACuentaTerceros": consulta.rfc_a_cuenta_terceros,
        "RfcEmisor": (consulta.counterparts[0] if consulta.counterparts else None) if received else consulta.rfc,
        "RfcReceptor": consulta.rfc if received else None,
        "RfcSolicitante": consulta.rfc,
        "TipoComprobante": consulta.efecto,
        "TipoSolicitud": consulta.tipo,
    }
    receivers = () if received else consulta.counterparts
    listed = [element("des:RfcReceptor", {}, text(rfc)) for rfc in receivers]
    children = [element("des:RfcReceptores", {}, *listed)] if listed else []
    return _signed(consulta.operation, "des:solicitud", attributes, children, efirma)


def verifica(id_solicitud: str, rfc: str, efirma: KeyPair) -> bytes:
    """Build the question where a solicitud stands."""
    attributes = {"IdSolicitud": id_solicitud, "RfcSolicitante": rfc}
    return _signed(operations.VERIFICA, "des:solicitud", attributes, [], efirma)


def descarga(id_paquete: str, rfc: str, efirma: KeyPair) -> bytes:
    """Build the request for one package."""
    attributes = {"IdPaquete": id_paquete, "RfcSolicitante": rfc}
    return _signed(operations.DESCARGAR, "des:peticionDescarga", attributes, [], efirma)


def _signed(
    operation: Operation, inner: str, attributes: Mapping[str, str | None], children: list[str], efirma: KeyPair
) -> bytes:
    """Sign the operation element and put the Signature as the last child of its inner element."""

    def whole(*last: str) -> str:
        return element(
            f"des:{operation.element}",
            {"xmlns:des": operations.DESCARGA_NAMESPACE},
            element(inner, attributes, *children, *last),
        )

    proof = signature(whole(), reference="", key_info=x509_key_info(efirma), efirma=efirma)
    return _envelope(whole(proof))


def _envelope(body: str, *, header: str = "") -> bytes:
    parts = (element("s:Header", {}, header), element("s:Body", {}, body))
    return element("s:Envelope", {"xmlns:s": operations.SOAP}, *parts).encode()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _local(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")
