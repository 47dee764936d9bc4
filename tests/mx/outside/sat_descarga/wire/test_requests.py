"""What is sent, looked at by other eyes: lxml's canonicalization, xmlsec1, signxml, the bare RSA check."""

from __future__ import annotations

import base64
import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.verifier import SignatureConfiguration, XMLVerifier

from acuse.mx.outside.sat_descarga.codes import Efecto, EstadoComprobante, Sentido, TipoSolicitud
from acuse.mx.outside.sat_descarga.wire import Consulta, autentica, descarga, solicita, timestamp, verifica
from acuse.mx.outside.sat_descarga.wire.signature import digest
from acuse.pki.keypair import KeyPair

DS = "{http://www.w3.org/2000/09/xmldsig#}"
DES = "{http://DescargaMasivaTerceros.sat.gob.mx}"
SOAP_BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"
RFC = "H&E951128469"
EMITIDOS = Consulta(
    sentido=Sentido.EMITIDOS,
    rfc=RFC,
    tipo=TipoSolicitud.METADATA,
    fecha_inicial=datetime(2025, 1, 1),  # noqa: DTZ001 - Mexico City, as the service wants it
    fecha_final=datetime(2025, 1, 31, 23, 59, 59),  # noqa: DTZ001
)
RECIBIDOS = replace(EMITIDOS, sentido=Sentido.RECIBIDOS, tipo=TipoSolicitud.CFDI, estado=EstadoComprobante.VIGENTE)
EVERYTHING = replace(
    EMITIDOS,
    efecto=Efecto.PAGO,
    estado=EstadoComprobante.TODOS,
    complemento="pagos20",
    counterparts=("XAXX010101000", "ÑAN010101AB1"),
    rfc_a_cuenta_terceros="A&B010101AB1",
)


def requests(efirma: KeyPair) -> dict[str, bytes]:
    return {
        "emitidos": solicita(EMITIDOS, efirma),
        "recibidos": solicita(RECIBIDOS, efirma),
        "everything": solicita(EVERYTHING, efirma),
        "verifica": verifica("6331caae-c253-406f-9332-126f89cc474a", RFC, efirma),
        "descarga": descarga("4E80345D-917F-40BB-A98F-4A73939343C5_01", RFC, efirma),
    }


KINDS = ["emitidos", "recibidos", "everything", "verifica", "descarga"]


def parsed(body: bytes) -> etree._Element:
    return etree.fromstring(body)


def operation_of(body: bytes) -> etree._Element:
    (operation,) = parsed(body).find(SOAP_BODY)  # type: ignore[misc]
    return operation


def canonical(node: etree._Element) -> bytes:
    return bytes(etree.tostring(node, method="c14n", exclusive=True))


class TestTimestamp:
    def test_first_official_vector(self) -> None:
        assert digest(timestamp(datetime(2022, 2, 15, 19, 6, 32, 2000, UTC))) == "PGHeLUNdZvws7kjlTpPPxlY2XGM="

    def test_second_official_vector(self) -> None:
        assert digest(timestamp(datetime(2018, 5, 9, 21, 21, 42, 953000, UTC))) == "Ij+Epaya2U5D/sSncI6BHkkTRWo="


class TestAutentica:
    @pytest.fixture
    def body(self, efirma: KeyPair) -> bytes:
        return autentica(efirma, created=datetime(2025, 6, 1, 10, tzinfo=UTC), token_id="uuid-1-1")

    def test_carries_the_certificate_and_an_empty_autentica(self, body: bytes, efirma: KeyPair) -> None:
        root = parsed(body)
        token = root.find(".//{*}BinarySecurityToken")
        assert token is not None
        assert base64.b64decode(token.text or "") == efirma.certificate.der
        assert root.find(".//{http://DescargaMasivaTerceros.gob.mx}Autentica") is not None
        assert not body.startswith(b"<?xml")

    @pytest.mark.xmlsec
    def test_xmlsec1_verifies_what_is_sent_as_it_is(self, body: bytes, efirma: KeyPair, tmp_path: Path) -> None:
        sent, certificate = tmp_path / "sent.xml", tmp_path / "cert.pem"
        sent.write_bytes(body)
        certificate.write_text(efirma.certificate.pem)
        assert xmlsec1_accepts(sent, certificate)
        sent.write_bytes(body.replace(b"10:00:00.000Z", b"10:00:01.000Z"))
        assert not xmlsec1_accepts(sent, certificate)

    def test_signxml_verifies_it_too(self, body: bytes, efirma: KeyPair) -> None:
        verified = XMLVerifier().verify(
            body,
            x509_cert=efirma.certificate.pem,
            expect_config=SignatureConfiguration(
                location=".//",
                require_x509=False,
                signature_methods=frozenset({SignatureMethod.RSA_SHA1}),
                digest_algorithms=frozenset({DigestAlgorithm.SHA1}),
            ),
            id_attribute="Id",
        )
        assert verified is not None


def xmlsec1_accepts(sent: Path, certificate: Path) -> bool:
    done = subprocess.run(
        ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, "--enabled-key-data", "rsa",
         "--id-attr:Id", "Timestamp", sent],
        capture_output=True, check=False,
    )  # fmt: skip
    return done.returncode == 0


class TestInnerSignature:
    @pytest.mark.parametrize("kind", KINDS)
    def test_bytes_sent_are_canonical_already(self, efirma: KeyPair, kind: str) -> None:
        body = requests(efirma)[kind]
        assert canonical(parsed(body)) == body

    @pytest.mark.parametrize("kind", KINDS)
    def test_digest_is_over_the_operation_without_its_signature(self, efirma: KeyPair, kind: str) -> None:
        operation = operation_of(requests(efirma)[kind])
        found = operation.findtext(f".//{DS}DigestValue")
        assert found == base64.b64encode(hashlib.sha1(canonical(without_signature(operation))).digest()).decode()

    @pytest.mark.parametrize("kind", KINDS)
    def test_signature_is_the_last_child_and_opens_with_the_certificate_it_carries(
        self, efirma: KeyPair, kind: str
    ) -> None:
        (inner,) = operation_of(requests(efirma)[kind])
        signature = inner[-1]
        assert signature.tag == f"{DS}Signature"
        signed_info = signature.find(f"{DS}SignedInfo")
        assert signed_info is not None
        efirma.certificate.public_key.verify(
            base64.b64decode(signature.findtext(f"{DS}SignatureValue") or ""),
            canonical(signed_info),
            padding.PKCS1v15(),
            hashes.SHA1(),
        )
        assert signature.findtext(f".//{DS}X509SerialNumber") == str(efirma.certificate.serial_number)
        assert base64.b64decode(signature.findtext(f".//{DS}X509Certificate") or "") == efirma.certificate.der

    @pytest.mark.xmlsec
    @pytest.mark.parametrize("kind", KINDS)
    def test_xmlsec1_computes_the_same_digests(self, efirma: KeyPair, kind: str, tmp_path: Path) -> None:
        """xmlsec1 cannot be asked to leave the Signature out of `URI=""`, hence each digest is compared."""
        operation = operation_of(requests(efirma)[kind])
        ours = operation.findtext(f".//{DS}DigestValue")
        signed_info = operation.find(f".//{DS}SignedInfo")
        assert signed_info is not None
        assert xmlsec1_digest(without_signature(operation), efirma, tmp_path) == ours
        mine = base64.b64encode(hashlib.sha1(canonical(signed_info)).digest()).decode()
        assert xmlsec1_digest(etree.fromstring(canonical(signed_info)), efirma, tmp_path) == mine


def without_signature(operation: etree._Element) -> etree._Element:
    copy = etree.fromstring(canonical(operation))
    for signature in copy.iter(f"{DS}Signature"):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    return copy


def xmlsec1_digest(document: etree._Element, efirma: KeyPair, folder: Path) -> str | None:
    """Have xmlsec1 sign this document (enveloped, exclusive C14N) and answer the digest it found."""
    algorithms = "http://www.w3.org/2000/09/xmldsig#"
    exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#"
    document.append(
        etree.fromstring(
            f'<Signature xmlns="{algorithms}"><SignedInfo><CanonicalizationMethod Algorithm="{exclusive}"/>'
            f'<SignatureMethod Algorithm="{algorithms}rsa-sha1"/><Reference URI=""><Transforms>'
            f'<Transform Algorithm="{algorithms}enveloped-signature"/><Transform Algorithm="{exclusive}"/></Transforms>'
            f'<DigestMethod Algorithm="{algorithms}sha1"/><DigestValue/></Reference></SignedInfo><SignatureValue/>'
            "</Signature>"
        )
    )
    template, key = folder / "template.xml", folder / "key.der"
    template.write_bytes(etree.tostring(document))
    key.write_bytes(efirma.private_key.to_der())
    done = subprocess.run(["xmlsec1", "--sign", "--privkey-der", key, template], capture_output=True, check=True)
    return etree.fromstring(done.stdout).findall(f".//{DS}DigestValue")[-1].text


class TestAttributes:
    def test_emitidos_asks_as_issuer(self, efirma: KeyPair) -> None:
        (inner,) = operation_of(solicita(EMITIDOS, efirma))
        assert dict(inner.items()) == {
            "FechaInicial": "2025-01-01T00:00:00",
            "FechaFinal": "2025-01-31T23:59:59",
            "RfcEmisor": RFC,
            "RfcSolicitante": RFC,
            "TipoSolicitud": "Metadata",
        }

    def test_recibidos_asks_as_receiver_with_the_issuer_as_filter(self, efirma: KeyPair) -> None:
        (inner,) = operation_of(solicita(replace(RECIBIDOS, counterparts=("AAA010101AAA",)), efirma))
        assert inner.get("RfcReceptor") == RFC
        assert inner.get("RfcEmisor") == "AAA010101AAA"
        assert inner.get("EstadoComprobante") == "Vigente"
        assert inner.find(f"{DES}RfcReceptores") is None

    def test_emitidos_lists_its_receivers_before_the_signature(self, efirma: KeyPair) -> None:
        (inner,) = operation_of(solicita(EVERYTHING, efirma))
        assert [child.tag for child in inner] == [f"{DES}RfcReceptores", f"{DS}Signature"]
        assert [item.text for item in inner[0]] == ["XAXX010101000", "ÑAN010101AB1"]
        assert inner.get("Complemento") == "pagos20"
        assert inner.get("RfcACuentaTerceros") == "A&B010101AB1"
        assert inner.get("TipoComprobante") == "P"
