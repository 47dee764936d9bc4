"""Delivered files of devices: what is read, and why others are refused."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_der_private_key, pkcs12

from acuse.ar.certificates import DeviceBundle, read_bundle
from acuse.ar.certificates import errors as wrong
from acuse.ar.certificates.lookalike import AfipLookalikeCa, device_key
from acuse.ar.controladores import ControladorId
from acuse.pki import names
from acuse.pki.names import Attribute
from tests.support.controladores import DEVICE, NOW, a_bundle, afip

CMS = b"-----BEGIN CMS-----\n" + base64.b64encode(b"firmware root") + b"\n-----END CMS-----\n"


def read(data: bytes, **more: object) -> DeviceBundle:
    return read_bundle(data, at=NOW, **more)  # type: ignore[arg-type]


def intermediate() -> bytes:
    return afip().intermediate.certificate.pem.encode()


def leaf(**more: object) -> bytes:
    issued = afip().issue(more.pop("controlador", DEVICE), since=NOW - timedelta(days=1), **more)  # type: ignore[arg-type]
    return issued.pem.encode()


class TestADeliveredFile:
    def test_is_read_and_delivered_byte_for_byte(self) -> None:
        bundle = read(CMS + a_bundle())
        assert str(bundle.controlador) == DEVICE
        assert bundle.content == CMS + a_bundle()
        assert bundle.file_name == f"{DEVICE}-2025-11-22.pem"

    def test_is_what_another_reader_sees(self) -> None:
        middle, device = x509.load_pem_x509_certificates(read(CMS + a_bundle()).content)
        device.verify_directly_issued_by(middle)
        assert device.subject.rfc4514_string() == f"CN={DEVICE},OU=CONTROLADORFISCAL,O=AFIP,C=AR"

    def test_may_come_in_any_order_and_line_ends(self) -> None:
        bundle = read((leaf() + intermediate()).replace(b"\n", b"\r\n"))
        assert bundle.content.startswith(intermediate())
        assert b"\r" not in bundle.content

    def test_of_a_small_key_is_warned_of_only(self) -> None:
        bundle = read(a_bundle(), roots=[afip().root.certificate])
        assert bundle.key_bits == 1024
        assert bundle.warnings == ("Llave de 1024 bits, como las emite ARCA.",)

    def test_without_known_roots_says_so(self) -> None:
        assert any("ARCA_CA_FILE" in warning for warning in read(a_bundle()).warnings)

    def test_named_for_its_device_is_taken(self) -> None:
        assert read(a_bundle(), file_name=f"{DEVICE}-2025-11-22.pem", expected=ControladorId.parse(DEVICE))


class TestRefused:
    @pytest.mark.parametrize(
        "junk", [b"", b"hola", b"\x30\x03\x02\x01\x01", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"]
    )
    def test_what_is_not_x509(self, junk: bytes) -> None:
        with pytest.raises(wrong.NoDeviceCertificate):
            read(junk)

    def test_a_private_key_beside_the_certificate(self) -> None:
        key = base64.encodebytes(device_key().to_der())
        with pytest.raises(wrong.PrivateKeyInside):
            read(a_bundle() + b"-----BEGIN PRIVATE KEY-----\n" + key + b"-----END PRIVATE KEY-----\n")

    def test_a_bare_private_key(self) -> None:
        with pytest.raises(wrong.PrivateKeyInside):
            read(device_key().to_der())

    def test_a_pkcs12(self) -> None:
        key = load_der_private_key(device_key().to_der(), None)
        packed = pkcs12.serialize_key_and_certificates(b"x", key, None, None, BestAvailableEncryption(b"x"))  # type: ignore[arg-type]
        with pytest.raises(wrong.PrivateKeyInside):
            read(packed)

    def test_a_leaf_alone(self) -> None:
        with pytest.raises(wrong.DeviceChainBroken, match="falta el certificado intermedio"):
            read(leaf())

    def test_another_authoritys_intermediate_of_the_same_name(self) -> None:
        other = AfipLookalikeCa.create(NOW)
        with pytest.raises(wrong.DeviceChainBroken, match="no lo emitió"):
            read(other.intermediate.certificate.pem.encode() + leaf())

    def test_an_intermediate_of_no_known_root(self) -> None:
        other = AfipLookalikeCa.create(NOW)
        with pytest.raises(wrong.DeviceChainBroken, match="autoridad conocida"):
            read(a_bundle(), roots=[other.root.certificate])

    def test_an_intermediate_alone(self) -> None:
        with pytest.raises(wrong.NoDeviceCertificate):
            read(intermediate())

    def test_two_devices_in_one_file(self) -> None:
        with pytest.raises(wrong.SeveralDeviceCertificates):
            read(intermediate() + leaf() + leaf(controlador="SESHIA0000001372"))

    @pytest.mark.parametrize("name", ["Juan", "SESHIA1371", "SESHIA-0000001371"])
    def test_a_name_that_is_no_device(self, name: str) -> None:
        with pytest.raises(wrong.NotAControladorName):
            read(intermediate() + leaf(controlador=name))

    def test_another_unit(self) -> None:
        with pytest.raises(wrong.NotAControladorName):
            read(intermediate() + leaf(unit="SERVICIOS"))

    def test_a_web_service_certificate(self) -> None:
        with pytest.raises(wrong.WebServiceCertificate):
            read(intermediate() + leaf(more=(Attribute(names.SERIAL_NUMBER, "CUIT 20123456786"),)))

    def test_another_device_than_the_one_asked_for(self) -> None:
        with pytest.raises(wrong.OtherControlador):
            read(a_bundle(), expected=ControladorId.parse("SESHIA1372"))

    def test_another_device_than_the_files_name_says(self) -> None:
        with pytest.raises(wrong.OtherControlador):
            read(a_bundle(), file_name="SESHIA0000001372-2025-11-22.pem")

    def test_an_expired_one(self) -> None:
        with pytest.raises(wrong.DeviceCertificateExpired):
            read(a_bundle(age_days=800))

    def test_one_of_tomorrow(self) -> None:
        with pytest.raises(wrong.DeviceCertificateNotYetValid):
            read(a_bundle(age_days=-1))
