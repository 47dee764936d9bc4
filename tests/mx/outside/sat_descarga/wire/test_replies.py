from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.errors import AppError
from acuse.mx.outside.sat_descarga.codes import CodEstatus, EstadoSolicitud
from acuse.mx.outside.sat_descarga.errors import SatUnreadable
from acuse.mx.outside.sat_descarga.wire import (
    Estatus,
    read_autentica,
    read_descarga,
    read_fault,
    read_solicita,
    read_verifica,
)
from acuse.mx.outside.sat_descarga.wire.operations import SOLICITA_EMITIDOS, SOLICITA_RECIBIDOS

ANSWERS = Path(__file__).parent / "answers"


def answer(name: str) -> bytes:
    return (ANSWERS / f"{name}.xml").read_bytes()


class TestAutentica:
    def test_token_is_kept_as_received_with_its_window(self) -> None:
        token = read_autentica(answer("autentica"))
        assert token.value == "eyJhbGciOiJ4In0.eyJhIjoxfQ.c2ln%26wrap_subject%3d3330303031"
        assert token.created == datetime(2025, 6, 1, 10, 0, 0, tzinfo=UTC)
        assert (token.expires - token.created).total_seconds() == 300
        assert token.value not in repr(token)

    def test_answer_without_token_is_unreadable(self) -> None:
        with pytest.raises(SatUnreadable):
            read_autentica(answer("solicita_accepted"))

    def test_token_that_would_break_a_header_is_refused(self) -> None:
        broken = answer("autentica").replace(b"%26wrap", b"&#10;X-Other: 1%26wrap")
        with pytest.raises(SatUnreadable):
            read_autentica(broken)

    def test_fault_is_told_by_its_local_name(self) -> None:
        fault = read_fault(answer("fault_security"))
        assert fault is not None
        assert fault.code == "InvalidSecurity"
        assert fault.text == "An error occurred when verifying security for the message."

    def test_page_of_a_proxy_is_no_fault(self) -> None:
        assert read_fault(b"<html><body>Bad Gateway<br></body></html>") is None


class TestSolicita:
    def test_accepted(self) -> None:
        reply = read_solicita(answer("solicita_accepted"), SOLICITA_EMITIDOS)
        assert reply.estatus.known is CodEstatus.ACEPTADA
        assert reply.id_solicitud == "be2a3e76-684f-416a-afdf-0f9378c346be"

    def test_refused_without_id(self) -> None:
        reply = read_solicita(answer("solicita_301"), SOLICITA_RECIBIDOS)
        assert reply.estatus.known is CodEstatus.XML_MAL_FORMADO
        assert reply.estatus.mensaje.endswith("mayor o igual a la fecha final.")
        assert reply.id_solicitud is None

    def test_answer_to_another_operation_is_unreadable(self) -> None:
        with pytest.raises(SatUnreadable):
            read_solicita(answer("solicita_301"), SOLICITA_EMITIDOS)

    def test_code_nobody_documented_keeps_its_number_and_words(self) -> None:
        odd = answer("solicita_accepted").replace(b'"5000"', b'"5999"').replace(b"Solicitud Aceptada", b"Algo nuevo")
        assert read_solicita(odd, SOLICITA_EMITIDOS).estatus == Estatus(5999, "Algo nuevo")


class TestVerifica:
    def test_finished_with_packages(self) -> None:
        reply = read_verifica(answer("verifica_ready"))
        assert reply.known_estado is EstadoSolicitud.TERMINADA
        assert reply.codigo_estado == 5000
        assert reply.numero_cfdis == 1500
        assert reply.ids_paquetes == (
            "4E80345D-917F-40BB-A98F-4A73939343C5_01",
            "4E80345D-917F-40BB-A98F-4A73939343C5_02",
        )

    def test_refused_call_has_state_zero_and_no_reason(self) -> None:
        reply = read_verifica(answer("verifica_300"))
        assert reply.estatus.known is CodEstatus.USUARIO_NO_VALIDO
        assert reply.known_estado is EstadoSolicitud.NO_APLICA
        assert reply.codigo_estado is None


class TestDescarga:
    def test_package_arrives_byte_for_byte(self) -> None:
        reply = read_descarga(answer("descarga"))
        assert reply.estatus.is_accepted
        assert reply.content == b"PK\x05\x06" + bytes(18)

    def test_refusal_has_a_code_and_no_bytes(self) -> None:
        reply = read_descarga(answer("descarga_5008"))
        assert reply.estatus.known is CodEstatus.MAXIMO_DE_DESCARGAS
        assert reply.content == b""

    def test_package_beyond_the_usual_limit_of_a_parser(self) -> None:
        content = bytes(range(256)) * 60_000
        text = base64.encodebytes(content)
        assert read_descarga(with_package(text)).content == content

    def test_truncated_answer_is_unreadable(self) -> None:
        with pytest.raises(SatUnreadable):
            read_descarga(answer("descarga")[:-40])

    def test_base64_that_ends_early_is_unreadable(self) -> None:
        with pytest.raises(SatUnreadable):
            read_descarga(with_package(b"UEsFBgA"))

    def test_something_other_than_base64_is_unreadable(self) -> None:
        with pytest.raises(SatUnreadable):
            read_descarga(with_package(b"UEsF!gAA"))


def with_package(text: bytes) -> bytes:
    return answer("descarga_5008").replace(b"<Paquete/>", b"<Paquete>" + text + b"</Paquete>")


class TestHostileAnswers:
    @pytest.mark.parametrize("read", [read_autentica, read_verifica, read_descarga])
    def test_documents_with_a_dtd_are_refused(self, read: object, tmp_path: Path) -> None:
        secret = tmp_path / "secret.txt"
        secret.write_text("5000")
        declaration = f'<!DOCTYPE s [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'.encode()
        for name in ("autentica", "verifica_ready", "descarga"):
            with pytest.raises(SatUnreadable):
                read(declaration + answer(name).replace(b"Aceptada", b"&x;"))  # type: ignore[operator]

    @given(junk=st.binary(max_size=200))
    def test_junk_never_breaks_a_reader(self, junk: bytes) -> None:
        for read in (read_autentica, read_verifica, read_descarga, lambda body: read_solicita(body, SOLICITA_EMITIDOS)):
            with pytest.raises(AppError):
                read(junk)
        assert read_fault(junk) is None
