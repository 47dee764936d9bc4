"""The expression of each version, and answers as the service gives them and as it never should."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.mx.outside.sat_consulta.codes import CodigoEstatus, EsCancelable, Estado, EstatusCancelacion
from acuse.mx.outside.sat_consulta.errors import ConsultaUnreadable
from acuse.mx.outside.sat_consulta.simulator.reading import read_expression, read_printed
from acuse.mx.outside.sat_consulta.wire import Asked, expression, padded_total, read_answer, request, trimmed_total

UUID_ = UUID("5c2b6a0e-9e0e-4b2b-8c7b-0e2d6a1f9b11")
RFCS = st.from_regex(r"[A-ZÑ&]{3,4}[0-9]{6}[A-Z0-9]{3}", fullmatch=True)
TOTALS = st.decimals(min_value=0, max_value=10**12, places=6, allow_nan=False, allow_infinity=False)


def asked(version: str | None = "4.0", **changes: object) -> Asked:
    fields = {"uuid": UUID_, "emisor": "M&P850101AB1", "receptor": "ÑAÑ010101AB1", "total": Decimal("1160.50"),
              "version": version, "sello_final": "abcdefgh+/12ab=="}  # fmt: skip
    return Asked(**(fields | changes))  # type: ignore[arg-type]


class TestExpression:
    def test_of_4_0_is_the_address_with_the_last_eight_of_the_seal(self) -> None:
        assert expression(asked()) == (
            "https://verificacfdi.facturaelectronica.sat.gob.mx/default.aspx?id=5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
            "&re=M&amp;P850101AB1&rr=ÑAÑ010101AB1&tt=1160.5&fe=+/12ab=="
        )

    def test_of_3_2_has_seventeen_characters_of_total_and_no_seal(self) -> None:
        assert expression(asked("3.2")) == (
            "?re=M&amp;P850101AB1&rr=ÑAÑ010101AB1&tt=0000001160.500000&id=5C2B6A0E-9E0E-4B2B-8C7B-0E2D6A1F9B11"
        )

    def test_without_xml_the_seal_is_left_out(self) -> None:
        assert "fe=" not in expression(asked(None, sello_final=None))

    @pytest.mark.parametrize(
        ("total", "written"),
        [("0", "0.0"), ("100", "100.0"), ("1.10", "1.1"), ("0.000001", "0.000001"), ("1E+3", "1000.0")],
    )
    def test_total_keeps_one_decimal_at_least(self, total: str, written: str) -> None:
        assert trimmed_total(Decimal(total)) == written

    @given(TOTALS)
    def test_totals_come_back_as_they_were(self, total: Decimal) -> None:
        assert Decimal(trimmed_total(total)) == total
        assert Decimal(padded_total(total)) == total
        assert len(padded_total(total)) >= 17

    @given(
        emisor=RFCS, receptor=RFCS, total=TOTALS, uuid=st.uuids(), version=st.sampled_from(["3.2", "3.3", "4.0", None])
    )
    def test_the_simulator_reads_with_its_own_eyes_what_we_write(
        self, emisor: str, receptor: str, total: Decimal, uuid: UUID, version: str | None
    ) -> None:
        body = request(asked(version, emisor=emisor, receptor=receptor, total=total, uuid=uuid))
        printed = read_printed(body)
        assert printed is not None
        read = read_expression(printed)
        assert read is not None
        assert (read.emisor, read.receptor, read.total, read.uuid) == (emisor, receptor, total, str(uuid).upper())


class TestAnswer:
    @pytest.mark.parametrize("text", [each.official for each in CodigoEstatus])
    def test_every_official_code_is_known(self, text: str) -> None:
        found = CodigoEstatus.find(text)
        assert found is not None
        assert found.official == text

    def test_undocumented_words_are_kept(self) -> None:
        read = read_answer(told("X - 999: Algo nuevo", "Suspendido", "Tal vez", "En pausa", "300"))
        assert (read.code, read.known_estado, read.known_cancelacion) == (None, None, None)
        assert (read.codigo_estatus, read.estado) == ("X - 999: Algo nuevo", "Suspendido")
        assert read.is_listed

    @pytest.mark.parametrize("estado", list(Estado))
    @pytest.mark.parametrize("cancelable", list(EsCancelable))
    @pytest.mark.parametrize("cancelacion", ["", *EstatusCancelacion])
    def test_every_official_combination_is_read(self, estado: str, cancelable: str, cancelacion: str) -> None:
        read = read_answer(told(CodigoEstatus.OBTENIDO.official, estado, cancelable, cancelacion, "200"))
        assert (read.known_estado, read.es_cancelable) == (estado, cancelable)
        assert read.known_cancelacion == (cancelacion or None)
        assert not read.is_listed

    @given(st.binary(max_size=300))
    def test_junk_is_unreadable_and_nothing_worse(self, body: bytes) -> None:
        with pytest.raises(ConsultaUnreadable):
            read_answer(body)

    def test_a_dtd_is_refused(self) -> None:
        body = told("S", "Vigente", "", "", "").replace(b"<s:Envelope", b'<!DOCTYPE x [<!ENTITY a "b">]><s:Envelope', 1)
        with pytest.raises(ConsultaUnreadable):
            read_answer(body)


def told(code: str, estado: str, cancelable: str, cancelacion: str, efos: str) -> bytes:
    fields = {"CodigoEstatus": code, "EsCancelable": cancelable, "Estado": estado, "EstatusCancelacion": cancelacion,
              "ValidacionEFOS": efos}  # fmt: skip
    inside = "".join(f"<a:{name}>{text}</a:{name}>" for name, text in fields.items())
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        '<ConsultaResponse xmlns="http://tempuri.org/"><ConsultaResult xmlns:a="http://schemas.datacontract.org/2004/07/'
        f'Sat.Cfdi.Negocio.ConsultaCfdi.Servicio">{inside}</ConsultaResult></ConsultaResponse></s:Body></s:Envelope>'
    ).encode()
