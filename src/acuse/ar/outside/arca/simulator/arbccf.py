"""The desk of ARBCCF: alta, renovar and baja over the devices it knows."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from acuse.ar.outside.arca.codes import ArbccfFault
from acuse.ar.outside.arca.simulator.refusals import refused
from acuse.ar.outside.arca.simulator.state import ArcaState, Device
from acuse.pki.private_key import PrivateKey

_FORMS: Final = {
    "fabricante": (re.compile(r"[A-Za-z0-9]{2}"), ArbccfFault.FABRICANTE_INVALIDO),
    "marca": (re.compile(r"[A-Za-z0-9]{2}"), ArbccfFault.MARCA_INVALIDA),
    "modelo": (re.compile(r"[A-Za-z0-9]{2}"), ArbccfFault.MODELO_INVALIDO),
    "numeroSerie": (re.compile(r"[0-9]{10}"), ArbccfFault.SERIE_INVALIDA),
}
_ISSUED: Final = "<certificado>{certificate}</certificado>{chain}"
_ABOVE: Final = "<cadenaCertificacion>{certificate}</cadenaCertificacion>"


def named(element: etree._Element) -> str:
    """Answer the device a call is about, as far as it can be read."""
    return "".join(_text(element, name).upper() for name in _FORMS)


def carry_out(state: ArcaState, element: etree._Element) -> str:
    """Do what an operation's element asks and answer what stands in `return`. Raises SimulatedArcaRefusal."""
    operation = etree.QName(element).localname
    _check_caller(state, element)
    for name, (form, fault) in _FORMS.items():
        if not form.fullmatch(_text(element, name)):
            raise refused(fault)
    controlador = named(element)
    if controlador[:6] not in state.homologated:
        raise refused(ArbccfFault.NO_HOMOLOGADO)
    device = state.devices.get(controlador)
    if device is not None and device.discharged:
        raise refused(ArbccfFault.DADO_DE_BAJA)
    if operation == "altaCriptografica":
        if device is not None:
            raise refused(ArbccfFault.EXISTENTE)
        return _issue(state, controlador, state.enrol(controlador, _requested_key(state, element)))
    if device is None:
        raise refused(ArbccfFault.INEXISTENTE)
    if operation == "renovarCertificado":
        return _issue(state, controlador, device)
    device.discharged = True
    state.remember()
    return "OK"


def _check_caller(state: ArcaState, element: etree._Element) -> None:
    token, sign, cuit = (_text(element, name) for name in ("token", "sign", "cuit"))
    now = state.now()
    ticket = next((one for one in state.tickets if (one.token, one.sign) == (token, sign)), None)
    if ticket is None or not ticket.is_valid_at(now) or ticket.service != "arbccf":
        raise refused(ArbccfFault.CREDENCIAL_INVALIDA)
    if cuit != ticket.cuit or cuit not in state.cuits:
        raise refused(ArbccfFault.CUIT_NO_AUTORIZADO)


def _requested_key(state: ArcaState, element: etree._Element) -> RSAPublicKey:
    """Answer the key of a PKCS#10; the name in it is ignored, as ARBCCF does."""
    try:
        request = x509.load_der_x509_csr(base64.b64decode(_text(element, "request"), validate=True))
        key, signed = request.public_key(), request.is_signature_valid
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise refused(ArbccfFault.REQUEST_INVALIDO, "No se puede leer el PKCS#10") from error
    if not signed:
        raise refused(ArbccfFault.REQUEST_INVALIDO, "La firma del PKCS#10 no es válida")
    if not isinstance(key, RSAPublicKey) or key.key_size < state.least_bits:
        raise refused(ArbccfFault.REQUEST_INVALIDO, f"La llave debe ser RSA de {state.least_bits} bits o más")
    return key


def _issue(state: ArcaState, controlador: str, device: Device) -> str:
    key = device.public_key
    if state.changed_keys and device.issued:
        state.changed_keys -= 1
        key = PrivateKey.generate(key.key_size).public_key
    device.issued += 1
    state.remember()
    certificate = state.ca.issue(controlador, since=state.now(), key=key)
    above = (state.ca.root.certificate, state.ca.intermediate.certificate)
    chain = "".join(_ABOVE.format(certificate=one.base64) for one in above)
    return _ISSUED.format(certificate=certificate.base64, chain=chain)


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
